import { expect, test } from "vitest";
import type { TagEvent } from "../tags/presence.ts";
import type { ShelfEvent } from "../weighing/weigh.ts";
import { lossOf } from "./loss.ts";
import type { Mismatch } from "./mismatch-watch.ts";

const stepOf = (changeKg: number): ShelfEvent => ({
  is: "unexplained",
  changeKg,
  residualKg: 0,
  candidates: [],
  weightBeforeKg: 5,
  weightAfterKg: 5 + changeKg,
  at: 0,
  since: 0,
  unwatched: false,
});
const seepage: ShelfEvent = { is: "seepage", lostKg: 0.3, at: 0, since: 0 };
const mismatch = (is: Mismatch["is"], difference: number): Mismatch => ({
  key: "shelf/insulin",
  is,
  difference,
  sure: true,
  opinions: { ledger: 20 },
  since: 0,
});
const tagsOf = (is: "missing" | "found", tags: readonly string[]): TagEvent => ({
  is,
  location: "shelf",
  home: "shelf",
  item: "insulin",
  tags,
  at: 0,
});

test("scale, ledger and tags that tell of one theft are one loss, the largest of them", () => {
  const loss = lossOf({
    shelf: [stepOf(-0.25)],
    mismatch: mismatch("ledger-high", -3),
    tags: [tagsOf("missing", ["AAAA", "BBBB"])],
    unitKg: 0.1,
  });
  expect(loss).toEqual({ pieces: 3, kg: 0.25, by: ["unexplained", "ledger", "tags"] });
});

test("what was put on, what was found and what only the scale says is no loss", () => {
  expect(lossOf({ shelf: [stepOf(0.5)] })).toBeUndefined();
  expect(
    lossOf({ tags: [tagsOf("missing", ["AAAA"]), tagsOf("found", ["AAAA"])] }),
  ).toBeUndefined();
  expect(lossOf({ mismatch: mismatch("ledger-low", 4) })).toBeUndefined();
  expect(lossOf({ mismatch: mismatch("weight-off", -4) })).toBeUndefined();
  expect(lossOf({})).toBeUndefined();
});

test("weight that seeped away is a loss in kg, in pieces only where their weight is known", () => {
  expect(lossOf({ shelf: [seepage] })).toEqual({ kg: 0.3, by: ["seepage"] });
  expect(lossOf({ shelf: [seepage], unitKg: 0.1 })?.pieces).toBeCloseTo(3, 9);
});

test("a missing box counts with its pieces", () => {
  const tags = [tagsOf("missing", ["AAAA"])];
  expect(lossOf({ tags, piecesOf: () => 10 })).toEqual({ pieces: 10, by: ["tags"] });
});
