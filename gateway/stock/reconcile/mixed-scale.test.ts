import { expect, test } from "vitest";
import { compareMixed, type MixedItem } from "./mixed-scale.ts";

const tags = (pieces: number) => ({ pieces, grain: 1, uncertain: false });
const items = (own: readonly (readonly [number, number | undefined])[]): readonly MixedItem[] =>
  own.map(([ledger, tagged], index) => ({
    item: ["bolt", "nut", "plate"][index] ?? "",
    ledger,
    unitKg: [0.05, 0.02, 0.4][index] ?? 1,
    ...(tagged === undefined ? {} : { tags: tags(tagged) }),
  }));
/** 10 bolts, 20 nuts, 3 plates. */
const kg = 2.1;

function casesOf(weightKg: number, own: readonly (readonly [number, number | undefined])[]) {
  const { scale, items: found } = compareMixed({ kg: weightKg, sdKg: 0.002 }, items(own));
  return [scale, ...[...found.values()].map(({ is }) => is)];
}

test("the sum of the ledger is what the scale shows: tags that differ are the tags' fault", () => {
  expect(
    casesOf(kg, [
      [10, 10],
      [20, 20],
      [3, 3],
    ]),
  ).toEqual(["agree", "agree", "agree", "agree"]);
  expect(
    casesOf(kg, [
      [10, 9],
      [20, 20],
      [3, 4],
    ]),
  ).toEqual(["agree", "tag-missing", "agree", "tag-extra"]);
});

test("the tags' sum is what the scale shows: they say of which item the ledger is wrong", () => {
  expect(
    casesOf(kg - 0.4, [
      [10, 10],
      [20, 20],
      [3, 2],
    ]),
  ).toEqual(["ledger-high", "agree", "agree", "ledger-high"]);
  expect(
    casesOf(kg + 0.1, [
      [10, 12],
      [20, 20],
      [3, 3],
    ])[1],
  ).toBe("ledger-low");
});

test("neither sum: with tags that back the ledger the scale is off, without tags nobody can tell", () => {
  expect(
    casesOf(kg + 0.3, [
      [10, 10],
      [20, 20],
      [3, 3],
    ]),
  ).toEqual(["weight-off", "agree", "agree", "agree"]);
  expect(
    casesOf(kg + 0.3, [
      [10, undefined],
      [20, 20],
      [3, 3],
    ])[0],
  ).toBe("weight-only");
  expect(
    casesOf(kg + 0.3, [
      [10, 9],
      [20, 20],
      [3, 3],
    ])[0],
  ).toBe("all-differ");
});

test("less than half of the lightest piece is no difference", () => {
  expect(
    casesOf(kg + 0.009, [
      [10, 10],
      [20, 20],
      [3, 3],
    ])[0],
  ).toBe("agree");
  expect(
    casesOf(kg + 0.011, [
      [10, 10],
      [20, 20],
      [3, 3],
    ])[0],
  ).toBe("weight-off");
});
