import { expect, test } from "vitest";
import { plan } from "./plan.ts";
import { decodesPerWindowMax, Reception, rebirthEveryMs, windowMs } from "./reception.ts";
import { channelSchema } from "./schema.ts";
import { datatypes, loadSparkplug, type Metric } from "./sparkplug-payload.ts";

const codec = await loadSparkplug();
const at = Date.UTC(2026, 0, 1);

function rig(device: Readonly<Record<string, unknown>>) {
  const channel = channelSchema.parse({
    driver: "mqtt",
    broker: "local",
    devices: { d: device },
  });
  const planned = plan(channel);
  const reception = new Reception({ plan: planned, everyMs: 100, codec }, { at, mono: 0 });
  let mono = 0;
  const now = () => ({ at: at + mono, mono });
  const hear = (topic: string, payload: string | Uint8Array, retained = false) =>
    reception.hear({ topic, payload: Buffer.from(payload), retained }, now());
  /** Lets time pass and takes what came: value, or reason in brackets; uncertain with its reason. */
  const take = (ms = 100) => {
    mono += ms;
    reception.tick(now());
    return reception.take(mono).map((it) => {
      const name = it.point.slice(2);
      if (it.quality === "bad") return `${name} (${it.reason})`;
      const doubt = it.quality === "uncertain" ? ` ${it.reason}` : "";
      return `${name} ${String(it.value)}${doubt}`;
    });
  };
  return { reception, hear, take, now };
}

const fridge = {
  topic: "f",
  availability: { topic: "{topic}/lwt" },
  points: { t: { path: "t" }, h: { path: "h" }, open: { path: "open", kind: "boolean" } },
};

test("a message sets what it speaks of and leaves the rest alone", () => {
  const { hear, take } = rig(fridge);
  hear("f", '{"t": 4.5}');
  expect(take()).toEqual(["t 4.5"]);
  hear("f", '{"t": null, "open": "ON"}');
  expect(take()).toEqual(["t (null)", "open true"]);
  hear("g", '{"t": 1}');
  expect(take()).toEqual([]);
});

test.each([
  ["[4.5]", "not an object"],
  ["4.5", "not an object"],
  ["nonsense", "not JSON"],
  ['{"t": 4', "not JSON"],
  ["", "empty"],
  ["null", "null"],
  ["[".repeat(60_000), "not JSON"],
])("%.20s makes every point bad: %s", (payload, reason) => {
  const { hear, take } = rig(fridge);
  hear("f", payload);
  expect(take()).toEqual([`t (${reason})`, `h (${reason})`, `open (${reason})`]);
});

test.each([
  ['{"t": "21.5 C"}', "t (not a number)"],
  ['{"t": 1e999}', "t (not a number)"],
  ['{"t": true}', "t (not a number)"],
  ['{"t": {"a": 1}}', "t (not a number)"],
  ['{"t": " -7.25e1 "}', "t -72.5"],
  ['{"open": "ajar"}', "open (unknown state)"],
  ['{"open": 0}', "open false"],
])("%s is %s", (payload, told) => {
  const { hear, take } = rig(fridge);
  hear("f", payload);
  expect(take()).toEqual([told]);
});

test("bytes that are no UTF-8 are no text", () => {
  const { hear, take } = rig({ topic: "f", points: { t: { kind: "text" } } });
  hear("f", Uint8Array.of(0xff, 0xfe));
  expect(take()).toEqual(["t (not text)"]);
  hear("f", "x".repeat(501));
  expect(take()).toEqual(["t (too long)"]);
});

test("a will makes all bad until the device speaks; its return alone brings no value back", () => {
  const { reception, hear, take } = rig(fridge);
  hear("f", '{"t": 4.5, "h": 60}');
  take();
  hear("f/lwt", "offline");
  expect(take()).toEqual(["t (offline)", "h (offline)", "open (offline)"]);
  hear("f/lwt", "online");
  expect(take()).toEqual([]);
  expect(reception.takeEffects()).toEqual([{ is: "online", device: "d" }]);
  hear("f", '{"t": 4.6}');
  expect(take()).toEqual(["t 4.6"]);
  hear("f/lwt", "gone fishing");
  expect(take()).toEqual([]);
});

test("what the broker kept gives no value, or a doubtful one where that is asked for; a kept will counts", () => {
  const { hear, take } = rig({
    ...fridge,
    points: { t: { path: "t" }, h: { path: "h", retained: "accept" } },
  });
  hear("f", '{"t": 4.5, "h": 60}', true);
  expect(take()).toEqual(["h 60 retained"]);
  hear("f/lwt", "offline", true);
  expect(take()).toEqual(["t (offline)", "h (offline)"]);
});

test("silence becomes bad once, also of a device that never spoke", () => {
  const { hear, take } = rig({ ...fridge, staleAfter: "10s" });
  hear("f", '{"t": 4.5}');
  expect(take(9_000)).toEqual(["t 4.5"]);
  expect(take(2_000)).toEqual(["t (timeout)", "h (timeout)", "open (timeout)"]);
  expect(take(60_000)).toEqual([]);
  hear("f", '{"h": 61}');
  expect(take()).toEqual(["h 61"]);
  expect(take(10_000)).toEqual(["h (timeout)"]);
});

test("without staleAfter numbers may be silent for an hour, switches for ever", () => {
  const { take } = rig(fridge);
  expect(take(3_599_000)).toEqual([]);
  expect(take(1_001)).toEqual(["t (timeout)", "h (timeout)"]);
  expect(take(86_400_000)).toEqual([]);
});

test("a device's own time is believed only where it can be right", () => {
  const { reception, hear, take } = rig({
    topic: "f",
    points: { t: { path: "t", timestamp: "at", staleAfter: "1min" } },
  });
  const say = (time: unknown) => hear("f", JSON.stringify({ t: 1, at: time }));
  say(new Date(at - 20_000).toISOString());
  const [sample] = reception.take(0);
  expect(sample).toMatchObject({ quality: "good", sampledAt: at - 20_000 });
  say((at + 1_000) / 1_000);
  expect(take()).toEqual(["t 1"]);
  say("1970-01-01T00:00:30Z");
  expect(take()).toEqual(["t 1 device clock"]);
  say(at + 600_000);
  expect(take()).toEqual(["t 1 device clock"]);
  say("2026-01-01T00:00:00");
  expect(take()).toEqual(["t 1 no timestamp"]);
  say(new Date(at - 120_000).toISOString());
  expect(take()).toEqual(["t (stale)"]);
});

test("of a flood the newest message of each topic is read, and the switch beside it at once", () => {
  const { reception, hear, take } = rig({
    topic: "f",
    points: { t: { topic: "f/t" }, open: { topic: "f/open", kind: "boolean" } },
  });
  for (let i = 1; i <= 20_000; i += 1) hear("f/t", String(i));
  hear("f/open", "on");
  expect(take(windowMs)).toEqual(["t 20000", "open true"]);
  expect(reception.conflated).toBeGreaterThan(20_000 - decodesPerWindowMax);
  expect(reception.nextMs()).toBeGreaterThan(0);
});

test("what waits in a flood is bounded: a message that does not fit is read at once", () => {
  const points = Object.fromEntries(
    Array.from({ length: 200 }, (_, i) => [
      `p${i}`,
      { topic: `f/${i}`, kind: "text", unavailable: ["x".repeat(60)] },
    ]),
  );
  const { hear, take } = rig({ topic: "f", points });
  for (let i = 0; i < decodesPerWindowMax; i += 1) hear("f/0", "a");
  for (let i = 0; i < 200; i += 1) hear(`f/${i}`, "y".repeat(60_000));
  expect(take(windowMs)).toHaveLength(200);
});

test("too long and not allowed are said at once", () => {
  const { reception, take, now } = rig(fridge);
  reception.tooLarge("f", now());
  expect(take()).toEqual(["t (too large)", "h (too large)", "open (too large)"]);
  reception.refused(["f"], now());
  expect(take()).toEqual(["t (not allowed)", "h (not allowed)", "open (not allowed)"]);
});

const line = {
  sparkplug: { group: "g", node: "n", device: "l" },
  points: { t: { metric: "Process/T" }, door: { kind: "boolean" } },
};
const t: Metric = { name: "Process/T", alias: "1", datatype: datatypes.double };
const door: Metric = { name: "door", alias: "2", datatype: datatypes.boolean };

function plant() {
  const it = rig(line);
  it.take();
  it.reception.takeEffects();
  const say = (type: string, seq: number | undefined, metrics: readonly Metric[]) =>
    it.hear(
      `spBv1.0/g/${type}/n${type.startsWith("D") ? "/l" : ""}`,
      codec.encode({ metrics, ...(seq === undefined ? {} : { seq }) }),
    );
  const bdSeq = (value: bigint): Metric => ({ name: "bdSeq", datatype: datatypes.int64, value });
  const bear = (number = 1n) => {
    say("NBIRTH", 0, [bdSeq(number)]);
    say("DBIRTH", 1, [
      { ...t, value: 4.5 },
      { ...door, value: false },
    ]);
  };
  const change = (seq: number, value: number, more: Metric = {}) =>
    say("DDATA", seq, [{ alias: "1", value, datatype: datatypes.double, ...more }]);
  return { ...it, say, bear, change, bdSeq };
}

test("a Sparkplug node is asked for its birth at the start, and again while none comes", () => {
  const { reception, take } = rig(line);
  take();
  const ask = [{ is: "rebirth", group: "g", node: "n" }];
  expect(reception.takeEffects()).toEqual(ask);
  take(rebirthEveryMs / 2);
  expect(reception.takeEffects()).toEqual([]);
  take(rebirthEveryMs / 2);
  expect(reception.takeEffects()).toEqual(ask);
});

test("data before a birth are no values; after it aliases are known", () => {
  const { change, bear, take } = plant();
  change(7, 99);
  expect(take()).toEqual([]);
  bear();
  expect(take()).toEqual(["t 4.5", "door false"]);
  change(2, 5);
  expect(take()).toEqual(["t 5"]);
});

test("what is historical is not live, what is null is bad", () => {
  const { change, bear, take } = plant();
  bear();
  take();
  change(2, 99, { isHistorical: true });
  expect(take()).toEqual([]);
  change(3, 99, { isNull: true });
  expect(take()).toEqual(["t (null)"]);
});

test("after a gap values are doubtful until the next birth, and seq goes round at 255", () => {
  const { change, bear, take, reception } = plant();
  bear();
  for (let seq = 2; seq <= 255; seq += 1) change(seq, seq);
  change(0, 1_000);
  expect(take()).toEqual(["t 1000", "door false"]);
  take(rebirthEveryMs);
  reception.takeEffects();
  change(2, 7);
  expect(take()).toEqual(["t 7 sequence gap"]);
  expect(reception.takeEffects()).toEqual([{ is: "rebirth", group: "g", node: "n" }]);
  bear();
  expect(take()).toEqual(["t 4.5", "door false"]);
});

test("death makes bad; the will of an older connection does not", () => {
  const { say, bear, take, bdSeq } = plant();
  bear(2n);
  take();
  say("NDEATH", undefined, [bdSeq(1n)]);
  expect(take()).toEqual([]);
  say("DDEATH", 2, []);
  expect(take()).toEqual(["t (offline)", "door (offline)"]);
  bear(2n);
  take();
  say("NDEATH", undefined, [bdSeq(2n)]);
  expect(take()).toEqual(["t (offline)", "door (offline)"]);
});

test("a flood loses the order of a node: it is asked anew", () => {
  const { change, bear, take, reception } = plant();
  bear();
  take(rebirthEveryMs);
  reception.takeEffects();
  for (let i = 0; i < 2 * decodesPerWindowMax; i += 1) change((2 + i) % 256, i);
  take(windowMs);
  expect(reception.takeEffects()).toEqual([{ is: "rebirth", group: "g", node: "n" }]);
});

test("what is no Sparkplug payload makes its device bad", () => {
  const { hear, bear, take } = plant();
  bear();
  take();
  hear("spBv1.0/g/DDATA/n/l", "{}");
  expect(take()).toEqual(["t (not Sparkplug)", "door (not Sparkplug)"]);
});
