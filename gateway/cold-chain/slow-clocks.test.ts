import fc from "fast-check";
import { expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { Lateness, lateAfterMs } from "./lateness.ts";
import { inStepArrivalsMin, inStepSpanMsMin } from "./slow-clocks.ts";

const noon = Date.UTC(2026, 10, 1, 12);
const minute = 60_000;
const hour = 60 * minute;

function sample(sampledAt: number, value = 5): Sample {
  return { point: "cold-2/temperature", sampledAt, quality: "good", value };
}

function gateway(believed = true) {
  const split = new Lateness({ staleAfterMs: () => undefined, clockBelieved: () => believed });
  return (mono: number, ...samples: readonly Sample[]) =>
    split.split(samples, { at: noon + mono, mono });
}

test("a device whose clock is an hour behind is live from its fifth reading on, and said once", () => {
  const take = gateway();
  const told: unknown[] = [];
  const live: number[] = [];
  for (let mono = 0; mono <= 20 * minute; mono += minute) {
    const split = take(mono, sample(noon + mono - hour));
    told.push(...split.clocksOff);
    if (split.live.length === 1) live.push(mono);
    expect(split.live.length + split.late.length).toBe(1);
  }
  expect(live[0]).toBe(inStepArrivalsMin * minute);
  expect(live).toHaveLength(21 - inStepArrivalsMin);
  expect(told).toEqual([{ device: "cold-2", offMs: -hour }]);
});

test("what such a device says is kept at the time that it was, also what it tells later", () => {
  const take = gateway();
  for (let mono = 0; mono < 10 * minute; mono += minute) take(mono, sample(noon + mono - hour));
  const mono = 10 * minute;
  const old = sample(noon - 3 * hour, 9);
  const { samples, live, late } = take(mono, old, sample(noon + mono - hour));
  expect(samples).toEqual([sample(noon - 2 * hour, 9), sample(noon + mono)]);
  expect([live, late]).toEqual([[sample(noon + mono)], [sample(noon - 2 * hour, 9)]]);
});

test("a clock that is set back while it is watched is found as well, and one that is put right is believed", () => {
  const take = gateway();
  take(0, sample(noon));
  for (let mono = minute; mono <= inStepArrivalsMin * minute; mono += minute) {
    expect(take(mono, sample(noon + mono - hour)).late).toHaveLength(1);
  }
  expect(take(6 * minute, sample(noon + 6 * minute - hour)).live).toHaveLength(1);
  const right = sample(noon + 7 * minute);
  expect(take(7 * minute, right).live).toEqual([right]);
  expect(take(8 * minute, sample(noon + 8 * minute - 9 * hour)).late).toHaveLength(1);
});

test("it is found while the gateway's own clock is doubted, and nobody is told by how much", () => {
  const take = gateway(false);
  take(0, sample(noon));
  const splits = Array.from({ length: 6 }, (_, index) => {
    const mono = (index + 1) * minute;
    return take(mono, sample(noon + mono - hour));
  });
  expect(splits.at(-1)?.live).toHaveLength(1);
  expect(splits.flatMap(({ clocksOff }) => clocksOff)).toEqual([]);
});

test("a step of the gateway's clock does not disturb a device that is known to be behind", () => {
  const split = new Lateness({ staleAfterMs: () => undefined, clockBelieved: () => true });
  for (let index = 0; index < 20; index += 1) {
    const mono = index * minute;
    const at = noon + mono + (index < 10 ? 0 : 24 * hour);
    const { live } = split.split([sample(noon + mono - hour)], { at, mono });
    if (index >= inStepArrivalsMin) expect(live).toEqual([sample(at)]);
  }
});

test("a backlog between whose readings live ones come stays late, however slowly it comes", () => {
  const take = gateway();
  for (let index = 0; index < 60; index += 1) {
    const mono = index * minute;
    const night = sample(noon + mono - 9 * hour, 9);
    expect(take(mono, sample(noon + mono)).live).toHaveLength(1);
    const { late, clocksOff } = take(mono + minute / 2, night);
    expect([late, clocksOff]).toEqual([[night], []]);
  }
  const together = take(hour, sample(noon + hour), sample(noon + hour - 9 * hour, 9));
  expect([together.live.length, together.late.length]).toEqual([1, 1]);
});

test("any constant offset is live within some arrivals, whatever the cadence and its jitter", () => {
  fc.assert(
    fc.property(
      fc.integer({ min: lateAfterMs + 10_000, max: 400 * 24 * hour }),
      fc.integer({ min: 1_000, max: hour }),
      fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 40, maxLength: 40 }),
      (offMs, everyMs, delays) => {
        const take = gateway();
        const needed = Math.max(inStepArrivalsMin, Math.ceil(inStepSpanMsMin / everyMs) + 2);
        const told: number[] = [];
        for (const [index, delayMs] of delays.entries()) {
          const mono = index * everyMs + delayMs;
          const { live, clocksOff } = take(mono, sample(noon + index * everyMs - offMs));
          told.push(...clocksOff.map((off) => off.offMs));
          if (index >= needed) expect(live).toHaveLength(1);
        }
        expect(told).toHaveLength(1);
        expect(Math.abs((told[0] ?? 0) + offMs)).toBeLessThanOrEqual(900);
      },
    ),
  );
});

/** What was measured every so often, and how many of it come at once, after how much less time than it took. */
const backlog = fc.record({
  everyMs: fc.integer({ min: 1_000, max: hour }),
  bursts: fc.array(
    fc.record({
      size: fc.integer({ min: 1, max: 50 }),
      hurry: fc.double({ min: 1.5, max: 1_000, noNaN: true }),
    }),
    { minLength: 1, maxLength: 60 },
  ),
});

test("no backlog ever sounds: it comes faster than it was measured", () => {
  fc.assert(
    fc.property(backlog, ({ everyMs, bursts }) => {
      const take = gateway();
      const total = bursts.reduce((sum, { size }) => sum + size, 0);
      let measured = noon - hour - total * everyMs;
      let mono = 0;
      for (const { size, hurry } of bursts) {
        mono += (size * everyMs) / hurry;
        const samples = Array.from({ length: size }, () => {
          measured += everyMs;
          return sample(measured, 9);
        });
        expect(take(mono, ...samples).live).toEqual([]);
      }
    }),
  );
});
