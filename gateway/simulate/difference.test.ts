import fc from "fast-check";
import { expect, test } from "vitest";
import { differences } from "./difference.ts";
import type { Episode } from "./replay.ts";

const episode = (from: number, to: number | undefined): Episode => ({ rule: "warm", from, to });

test("alarms that overlap are one that moved, others came or went", () => {
  const mine = [episode(0, 10), episode(20, 30), episode(40, undefined)];
  const theirs = [episode(0, 10), episode(12, 15), episode(25, 30), episode(50, undefined)];
  expect(differences(mine, theirs)).toEqual([
    {
      rule: "warm",
      same: 1,
      onlyConfig: [],
      onlyAgainst: [{ from: 12, to: 15 }],
      moved: [
        { config: { from: 20, to: 30 }, against: { from: 25, to: 30 } },
        { config: { from: 40, to: undefined }, against: { from: 50, to: undefined } },
      ],
    },
  ]);
});

test("one long alarm against two short ones: one moved, one came", () => {
  const [found] = differences([episode(0, 100)], [episode(10, 20), episode(30, 40)]);
  expect(found?.moved).toHaveLength(1);
  expect(found?.onlyAgainst).toEqual([{ from: 30, to: 40 }]);
});

test("no alarm is lost in the comparison, and a run differs in nothing from itself", () => {
  const series = fc
    .uniqueArray(fc.nat(40), { maxLength: 12 })
    .map((marks) => [...marks].sort((a, b) => a - b))
    .map((marks) => marks.flatMap((at, i) => (i % 2 === 0 ? [episode(at, marks[i + 1])] : [])));
  fc.assert(
    fc.property(series, series, (mine, theirs) => {
      const found = differences(mine, theirs);
      const sum = (of: (it: (typeof found)[number]) => number) =>
        found.reduce((total, it) => total + of(it), 0);
      expect(sum((it) => it.same + it.moved.length + it.onlyConfig.length)).toBe(mine.length);
      expect(sum((it) => it.same + it.moved.length + it.onlyAgainst.length)).toBe(theirs.length);
      expect(differences(mine, mine)[0]?.same ?? 0).toBe(mine.length);
    }),
  );
});
