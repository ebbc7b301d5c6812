import { expect, test } from "vitest";
import type { Outcome, Request } from "./line.ts";
import { plan } from "./plan.ts";
import { channelSchema } from "./schema.ts";
import { Units } from "./units.ts";

const point = (address: number, type: string) => ({ table: "input", address, type });

const rawChannel = { driver: "modbus", port: "serial:/dev/ttyUSB0", gap: 0 };
const channel = channelSchema.parse({
  ...rawChannel,
  devices: {
    a: {
      unitId: 1,
      points: { x: point(0, "int32"), y: point(10, "int32"), z: point(20, "int16") },
    },
    b: { unitId: 2, points: { x: point(0, "int16"), y: point(10, "int16") } },
  },
});
const requests = plan(channel).map(({ request }) => request);

const read = (unitId: number, address: number, count = 2): Request => ({
  kind: "read",
  table: "input",
  unitId,
  address,
  count,
});
const answer: Outcome = { is: "answer", bytes: new Uint8Array(4), tookMs: 10 };
const silence: Outcome = { is: "silence", tookMs: 1_000 };

test("a unit that does not answer rests 1, 2, 4 ... 60 seconds, and is whole again with one answer", () => {
  const units = new Units(requests, false, 0);
  let nowMs = 0;
  const rests: number[] = [];
  for (let count = 0; count < 8; count += 1) {
    units.note(read(1, 0), silence, 1_000, nowMs);
    const untilMs = units.state(1).notBeforeMs;
    expect(units.mayAsk(1, untilMs - 1)).toBe(false);
    rests.push(untilMs - nowMs);
    nowMs = untilMs + 60_000;
    expect(units.mayAsk(1, nowMs)).toBe(true);
  }
  expect(rests).toEqual([1, 2, 4, 8, 16, 32, 60, 60].map((seconds) => seconds * 1_000));
  expect(units.mayAsk(2, nowMs)).toBe(true);
  units.note(read(1, 0), answer, 1_000, nowMs);
  expect(units.mayAsk(1, nowMs)).toBe(true);
  expect(units.state(1).failures).toBe(0);
});

test("a unit rests at least as long as one more timeout", () => {
  const units = new Units(requests, false, 0);
  units.note(read(1, 0), silence, 5_000, 0);
  expect(units.state(1).notBeforeMs).toBe(5_000);
});

test("fifty units that do not answer get a fifth of the line in the long run", () => {
  const units = new Units(requests, false, 0);
  const hourMs = 3_600_000;
  let deadMs = 0;
  for (let nowMs = 0; nowMs < hourMs; nowMs += 100) {
    for (let unit = 1; unit <= 50; unit += 1) {
      if (!units.mayAsk(unit, nowMs)) continue;
      deadMs += 1_000;
      units.note(read(unit, 0), silence, 1_000, nowMs);
    }
  }
  expect(deadMs / hourMs).toBeGreaterThan(0.18);
  expect(deadMs / hourMs).toBeLessThan(0.22);
});

const spans = (units: Units, unitId: number) =>
  units.sentinels(unitId).map(({ request }) => [request.address, request.count]);

/** A unit that nobody used before. */
function clearUnits(): Units {
  const units = new Units(requests, false, 0);
  units.clear(1);
  units.clear(2);
  return units;
}

test("on a line that others used before, each unit must first answer a read of a form of its own", () => {
  const units = new Units(requests, false, 0);
  expect(spans(units, 1)).toEqual([[20, 3]]);
  expect(spans(units, 2)).toEqual([[0, 2]]);
  expect(units.isUntried(1)).toBe(true);
  units.clear(1);
  expect(units.isUntried(1)).toBe(false);
  expect(spans(units, 1)).toEqual([]);
});

test("after a failure the unit must answer a read of another form before its answers count", () => {
  const units = clearUnits();
  units.note(read(1, 20, 1), silence, 1_000, 0);
  expect(spans(units, 1)).toEqual([
    [0, 2],
    [10, 2],
    [20, 3],
  ]);
  units.note(read(1, 0, 2), answer, 1_000, 2_000);
  expect(units.sentinels(1)).not.toEqual([]);
  units.clear(1);
  expect(units.sentinels(1)).toEqual([]);
});

test("a form that is outstanding itself proves nothing", () => {
  const units = clearUnits();
  units.note(read(2, 0, 1), silence, 1_000, 0);
  expect(units.sentinels(2)).toMatchObject([{ request: { count: 2 }, isProof: true }]);
  units.note(read(2, 0, 2), silence, 1_000, 2_000);
  expect(units.sentinels(2)).toMatchObject([{ request: { count: 3 }, isProof: true }]);
});

test("a unit that keeps silent about foreign lengths is asked for its own, and rests after its answer", () => {
  const units = clearUnits();
  for (const count of [1, 2, 3]) units.note(read(2, 0, count), silence, 1_000, 0);
  expect(units.sentinels(2)).toMatchObject([{ request: { count: 1 }, isProof: false }]);
  units.settle(2, 10_000, 1_000);
  expect(units.mayAsk(2, 12_999)).toBe(false);
  expect(units.mayWrite(2, 12_999)).toBe(true);
  expect(units.mayAsk(2, 13_000)).toBe(true);
  expect(units.sentinels(2)).toEqual([]);
});

test("transaction ids make a sentinel needless", () => {
  const units = new Units(requests, true, 0);
  expect(units.sentinels(1)).toEqual([]);
  units.note(read(1, 0), silence, 1_000, 0);
  expect(units.sentinels(1)).toEqual([]);
});

test("an exception comes from a device that is well, unless a gateway speaks for it", () => {
  const units = new Units(requests, false, 0);
  units.note(read(1, 0), { is: "exception", code: 2, tookMs: 10 }, 1_000, 0);
  expect(units.state(1).failures).toBe(0);
  units.note(read(1, 0), { is: "exception", code: 11, tookMs: 10 }, 1_000, 0);
  expect(units.state(1)).toMatchObject({
    failures: 1,
    reason: "exception 11 gateway target does not respond",
  });
});

test("the peer counts as gone when every unit was silent, and not by one unit alone", () => {
  const units = new Units(requests, true, 0);
  for (let count = 0; count < 5; count += 1) units.note(read(1, 0), silence, 1_000, count);
  expect(units.areAllSilent).toBe(false);
  units.note(read(2, 0), silence, 1_000, 6);
  expect(units.areAllSilent).toBe(true);
  units.note(read(2, 0), { is: "damage", reason: "noise", tookMs: 10 }, 1_000, 7);
  expect(units.areAllSilent).toBe(false);
});
