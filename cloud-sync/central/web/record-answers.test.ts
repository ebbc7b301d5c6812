import { expect, test } from "vitest";
import { recordOf } from "./record-answers.ts";

const gap = {
  ...{ epoch: "e", lane: "samples", firstSeq: 1, lastSeq: 9, missing: 9 },
  ...{ reason: "size", at: 5 },
};
const nothing = { gaps: [], rejects: [], conflicts: [], epochs: [] };

test("records of central are taken, anything else is left out", () => {
  const epoch = { epoch: "e", number: 1, at: 5, marks: { events: 1, samples: 2 } };
  const page = { records: [gap, null, "x", { ...gap, reason: 7 }] };
  expect(
    recordOf({ ...nothing, gaps: page, epochs: { records: [epoch, { epoch: "f" }] } }),
  ).toEqual({ ...nothing, gaps: [gap], epochs: [epoch] });
  expect(recordOf({ gaps: "<html>", rejects: null, conflicts: 5, epochs: {} })).toEqual(nothing);
});
