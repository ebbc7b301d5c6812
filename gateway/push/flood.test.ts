import fc from "fast-check";
import { expect, test } from "vitest";
import { Flood, floodWindowMs } from "./flood.ts";

const limits = { floodBegins: 10, floodEnds: 5 };
const clock = { boot: "a", clockSynchronized: () => true };
const at = (mono: number) => ({ at: 1_800_000_000_000 + mono, mono });

function run(starts: readonly number[], untilMs: number, stepMs = 1_000) {
  const flood = new Flood(limits, clock, undefined, at(0));
  const changes: { to: string; count: number; atS: number }[] = [];
  for (let mono = 0; mono <= untilMs; mono += stepMs) {
    const count = starts.filter((start) => start === mono).length;
    for (const change of flood.note(count, mono)) {
      changes.push({ to: change.to, count: change.count, atS: change.mono / 1_000 });
    }
  }
  return changes;
}

test("the eleventh alarm in ten minutes begins a flood, and it ends when four are left", () => {
  const starts = [0, 30, 60, 90, 120, 150, 180, 210, 240, 270, 300, 1_500, 1_600];
  const changes = run(
    starts.map((s) => s * 1_000),
    2_000_000,
  );
  expect(changes).toEqual([
    { to: "flood", count: 11, atS: 300 },
    { to: "calm", count: 4, atS: 780 },
  ]);
});

test("an alarm that is exactly ten minutes old counts no more", () => {
  const ten = Array.from({ length: 10 }, () => 0);
  expect(run([...ten, 600_000], 600_000)).toEqual([]);
  expect(run([...ten, 599_000], 599_000)).toEqual([{ to: "flood", count: 11, atS: 599 }]);
});

test("a flood that ended while nobody looked ended when it ended, before the alarm that looks", () => {
  const flood = new Flood(limits, clock, undefined, at(0));
  expect(flood.note(11, 0)).toEqual([{ to: "flood", count: 11, mono: 0 }]);
  expect(flood.nextDue()).toBe(floodWindowMs);
  expect(flood.note(1, 5_000_000)).toEqual([{ to: "calm", count: 0, mono: floodWindowMs }]);
});

test("a flood goes on over a restart, and over a boot whose clock tells how long it was down", () => {
  const before = new Flood(limits, clock, undefined, at(1_000_000));
  before.note(11, 1_000_000);
  const saved = JSON.parse(JSON.stringify(before.saved(at(1_000_000))));
  const same = new Flood(limits, clock, saved, { at: 0, mono: 1_060_000 });
  expect(same.nextDue()).toBe(1_600_000);
  const reboot = { ...clock, boot: "b" };
  const other = new Flood(limits, reboot, saved, { at: at(1_000_000).at + 60_000, mono: 20_000 });
  expect(other.flooded).toBe(true);
  expect(other.nextDue()).toBe(-40_000 + floodWindowMs);
  const doubtful = new Flood(limits, { boot: "b", clockSynchronized: () => false }, saved, at(20));
  expect(doubtful.flooded).toBe(false);
});

test("what is remembered has a bound, and damaged memory counts as none", () => {
  const flood = new Flood(limits, clock, undefined, at(0));
  flood.note(1_000_000, 0);
  expect(flood.saved(at(0))?.startsAgoMs).toHaveLength(11);
  expect(new Flood(limits, clock, { version: 9 }, at(0)).flooded).toBe(false);
});

test("any series of alarms floods exactly as a plain count of the window says", () => {
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 0, max: 1_500 }), { maxLength: 60 }), (starts) => {
      const expected: string[] = [];
      let flooded = false;
      for (let second = 0; second <= 2_200; second += 1) {
        const count = starts.filter((s) => s <= second && s > second - 600).length;
        // Between two alarms the count only falls, so that a second is fine enough.
        const before = starts.filter((s) => s < second && s > second - 600).length;
        if (flooded && before < 5) {
          flooded = false;
          expected.push(`calm ${second}`);
        }
        if (!flooded && count > 10) {
          flooded = true;
          expected.push(`flood ${second}`);
        }
      }
      const seen = run(
        starts.map((s) => s * 1_000),
        2_200_000,
      );
      expect(seen.map(({ to, atS }) => `${to} ${atS}`)).toEqual(expected);
    }),
    { numRuns: 60 },
  );
});
