import { expect, test } from "vitest";
import { leadTimeOf, learnLeadTime } from "./lead-time.ts";

const day = 86_400_000;
const delivery = (orderedAt: number, days: number) => ({
  orderedAt,
  receivedAt: orderedAt + days * day,
});

test("mean and deviation of the lead time are those of the deliveries", () => {
  const learnt = learnLeadTime([delivery(0, 4), delivery(9, 6), delivery(70, 8)]);
  expect(learnt).toEqual({ meanMs: 6 * day, sdMs: 2 * day, count: 3 });
});

test("a delivery before its order does not count, and no delivery teaches nothing", () => {
  expect(learnLeadTime([delivery(0, -1)])).toBeUndefined();
  expect(learnLeadTime([delivery(0, -1), delivery(0, 5)])).toEqual({
    meanMs: 5 * day,
    sdMs: 0,
    count: 1,
  });
});

test("what a person set holds; deliveries say what nobody set, once there are three", () => {
  const learnt = { meanMs: 6 * day, sdMs: 2 * day, count: 3 };
  const unset = { leadTimeSpreadMs: 0 };
  expect(leadTimeOf(unset, learnt)).toEqual({ meanMs: 6 * day, sdMs: 2 * day });
  expect(leadTimeOf({ ...unset, leadTimeMs: day }, learnt)).toEqual({ meanMs: day, sdMs: 2 * day });
  expect(leadTimeOf({ leadTimeMs: day, leadTimeSpreadMs: 7 }, learnt)).toEqual({
    meanMs: day,
    sdMs: 7,
  });
  expect(leadTimeOf(unset, { ...learnt, count: 2 })).toBeUndefined();
});
