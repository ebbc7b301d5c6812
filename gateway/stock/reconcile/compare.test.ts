import fc from "fast-check";
import { expect, test } from "vitest";
import { reconcileText } from "../../../config/language/reconcile.ts";
import { compareOpinions, mismatchCases, type Opinions } from "./compare.ts";

const weighed = (pieces: number, spread = 0) =>
  ({ pieces, interval: [pieces - spread, pieces + spread] }) as const;
const tagged = (pieces: number, own: { grain?: number; uncertain?: boolean } = {}) => ({
  pieces,
  grain: 1,
  uncertain: false,
  ...own,
});

test.each<readonly [string, Opinions, string, number]>([
  ["all the same", { ledger: 20, weight: weighed(20), tags: tagged(20) }, "agree", 0],
  ["three were taken", { ledger: 20, weight: weighed(17), tags: tagged(17) }, "ledger-high", -3],
  ["two were put in", { ledger: 20, weight: weighed(22, 1), tags: tagged(22) }, "ledger-low", 2],
  ["a tag fell off", { ledger: 20, weight: weighed(20), tags: tagged(19) }, "tag-missing", 1],
  ["an empty box", { ledger: 20, weight: weighed(20), tags: tagged(21) }, "tag-extra", -1],
  [
    "a scale that drifts",
    { ledger: 20, weight: weighed(23, 1), tags: tagged(20) },
    "weight-off",
    -3,
  ],
  ["no reader", { ledger: 20, weight: weighed(18) }, "weight-only", -2],
  ["no scale", { ledger: 20, tags: tagged(22) }, "tags-only", 2],
  ["three numbers", { ledger: 20, weight: weighed(14, 1), tags: tagged(17) }, "all-differ", -6],
  ["nothing to compare", { ledger: 20 }, "unknown", 0],
  ["all gone", { ledger: 4, weight: weighed(0), tags: tagged(0) }, "ledger-high", -4],
])("%s: the case and the difference", (_, opinions, is, difference) => {
  expect(compareOpinions(opinions)).toMatchObject({ is, difference });
});

test("an opened box still has its tag: fewer pieces than it names are no mismatch, more are", () => {
  const tags = tagged(20, { grain: 10 });
  expect(compareOpinions({ ledger: 13, weight: weighed(13), tags }).is).toBe("agree");
  expect(compareOpinions({ ledger: 10, weight: weighed(10), tags }).is).toBe("tag-extra");
  expect(compareOpinions({ ledger: 21, weight: weighed(21), tags }).is).toBe("tag-missing");
});

test("tags that are not all named say only that there are too many, never too few", () => {
  const tags = tagged(15, { uncertain: true });
  expect(compareOpinions({ ledger: 20, weight: weighed(20), tags }).is).toBe("agree");
  expect(compareOpinions({ ledger: 20, tags })).toMatchObject({ is: "agree", sure: false });
  expect(compareOpinions({ ledger: 12, weight: weighed(12), tags }).is).toBe("tag-extra");
  expect(compareOpinions({ ledger: 20, weight: weighed(17), tags }).is).toBe("weight-only");
});

test("a wide interval that backs both is said to be unsure", () => {
  const opinions = { ledger: 200, weight: weighed(199, 4), tags: tagged(197) };
  expect(compareOpinions(opinions)).toEqual({ is: "tag-missing", difference: 3, sure: false });
});

test("whatever is said: what is the same agrees, and a loss is never told as a find", () => {
  const pieces = fc.integer({ min: 0, max: 500 });
  fc.assert(
    fc.property(pieces, pieces, pieces, fc.integer({ min: 0, max: 5 }), (ledger, w, t, spread) => {
      const same = compareOpinions({
        ledger,
        weight: weighed(ledger, spread),
        tags: tagged(ledger),
      });
      expect(same).toEqual({ is: "agree", difference: 0, sure: true });
      const { is, difference } = compareOpinions({
        ledger,
        weight: weighed(w, spread),
        tags: tagged(t),
      });
      if (is === "agree") expect([t, difference]).toEqual([ledger, 0]);
      else expect(difference).not.toBe(0);
      if (is === "ledger-high") expect(t).toBeLessThan(ledger);
      if (is === "ledger-low") expect(t).toBeGreaterThan(ledger);
      if (is === "weight-off") expect([t, Math.abs(w - ledger) > spread]).toEqual([ledger, true]);
    }),
    { numRuns: 2_000 },
  );
});

test("every case has its sentence and what to do, in both languages", () => {
  for (const { cases, todo } of [reconcileText.en, reconcileText.zh]) {
    expect(Object.keys(cases)).toEqual([...mismatchCases]);
    expect(Object.keys(todo)).toEqual([...mismatchCases]);
  }
});
