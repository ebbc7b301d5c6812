import { expect, test } from "vitest";
import { Metrics, readingOf } from "./sparkplug-metrics.ts";
import { Rewind } from "./sparkplug-rewind.ts";
import { hostStateAfter, stateBytes } from "./sparkplug-topics.ts";

const now = Date.UTC(2026, 10, 23);
const good = (at: number, value: number | string | boolean) =>
  readingOf({ point: "room/temperature", sampledAt: at, quality: "good", value });

test("aliases are given once and stay, whatever comes later", () => {
  const metrics = new Metrics();
  metrics.learn([{ key: "a/x" }, { key: "b/y/z" }]);
  const before = ["a", "b"].map((device) => metrics.birth(device, now)[0]?.alias);
  metrics.learn([{ key: "c/x" }, { key: "a/x", unit: "g" }]);
  expect(["a", "b"].map((device) => metrics.birth(device, now)[0]?.alias)).toEqual(before);
  expect(metrics.birth("b", now)[0]?.name).toBe("y/z");
  const aliases = metrics.devices.flatMap((it) => metrics.birth(it, now)).map(({ alias }) => alias);
  expect(new Set(aliases).size).toBe(3);
});

test("what is older than the value of the birth is history, what is newer is current and becomes it", () => {
  const metrics = new Metrics();
  const sample = { sampledAt: now, quality: "good", value: 5 } as const;
  metrics.learn([{ key: "room/temperature", sample: { point: "room/temperature", ...sample } }]);
  const flag = (at: number, seenAt = now) => metrics.metric(good(at, 1), seenAt)?.isHistorical;
  expect(flag(now - 10_000)).toBe(true);
  expect(flag(now)).toBe(true);
  expect(flag(now + 5_000, now + 6_000)).toBe(false);
  expect(flag(now + 4_000, now + 6_000)).toBe(true);
  expect(flag(now + 6_000, now + 120_000)).toBe(true);
});

test("a clock that was ahead does not make history of everything after it", () => {
  const metrics = new Metrics();
  metrics.see(good(now + 9_000_000, 1));
  metrics.metric(good(now + 9_000_000, 1), now + 9_000_000);
  expect(metrics.metric(good(now, 2), now)?.isHistorical).toBe(false);
});

test("a value of another kind makes a birth necessary, and the same kind none", () => {
  const metrics = new Metrics();
  expect(metrics.see(good(now, 1))).toBe(true);
  expect(metrics.see(good(now, 2))).toBe(false);
  expect(metrics.see(good(now, "open"))).toBe(true);
  expect(metrics.birth("room", now)[0]).toMatchObject({ datatype: 12 });
  expect(metrics.metric(good(now, 3), now)).toMatchObject({ isNull: true, quality: 0 });
});

test("no value is said where there is none, and why", () => {
  const metrics = new Metrics();
  const bad = readingOf({
    point: "room/temperature",
    ...{ sampledAt: now, quality: "bad", reason: "overload" },
  });
  metrics.see(bad);
  const metric = metrics.metric(bad, now);
  expect(metric).toMatchObject({ isNull: true, quality: 0, notes: { reason: "overload" } });
  expect(metric && "value" in metric).toBe(false);
});

test("a state of before does not bring a host back or down, and junk changes nothing", () => {
  const known = { online: true, timestamp: 100 };
  expect(hostStateAfter(known, stateBytes({ online: false, timestamp: 99 }))).toBe(known);
  expect(hostStateAfter(known, stateBytes({ online: false, timestamp: 100 }))?.online).toBe(false);
  for (const junk of ["", "OFFLINE", "{}", '{"online":"no","timestamp":200}'])
    expect(hostStateAfter(known, Buffer.from(junk))).toBe(known);
});

test("what was sent within two minutes before a host was gone is sent again, and nothing older", () => {
  const rewind = new Rewind();
  rewind.sent("samples", 1, 0);
  rewind.sent("samples", 101, 60_000);
  rewind.sent("samples", 201, 100_000);
  rewind.sent("events", 7, 100_000);
  expect([...rewind.take(190_000)].sort()).toEqual([
    ["events", 6],
    ["samples", 100],
  ]);
  expect(rewind.take(190_000).size).toBe(0);
});
