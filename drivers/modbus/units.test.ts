import { expect, test } from "vitest";
import type { Outcome, Request } from "./line.ts";
import { plan } from "./plan.ts";
import { channelSchema } from "./schema.ts";
import { Units } from "./units.ts";

const point = (address: number, type: string) => ({ table: "input", address, type });

const channel = channelSchema.parse({
  driver: "modbus",
  port: "serial:/dev/ttyUSB0",
  gap: 0,
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

test("after a failure the unit must answer a read of another form before its answers count", () => {
  const units = new Units(requests, false, 0);
  expect(units.sentinel(1)).toBeUndefined();
  units.note(read(1, 0), silence, 1_000, 0);
  expect(units.sentinel(1)).toMatchObject({ address: 20, count: 1 });
  units.note(read(1, 20, 1), answer, 1_000, 2_000);
  expect(units.sentinel(1)).toBeDefined();
  units.clear(1);
  expect(units.sentinel(1)).toBeUndefined();
});

test("where all reads have one form, one answer of it is used up", () => {
  const units = new Units(requests, false, 0);
  units.note(read(2, 0, 1), silence, 1_000, 0);
  expect(units.sentinel(2)).toMatchObject({ unitId: 2, count: 1 });
});

test("transaction ids make a sentinel needless", () => {
  const units = new Units(requests, true, 0);
  units.note(read(1, 0), silence, 1_000, 0);
  expect(units.sentinel(1)).toBeUndefined();
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
