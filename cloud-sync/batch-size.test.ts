import { expect, test } from "vitest";
import { BatchSize } from "./batch-size.ts";

/** Batches that go through quickly until one is to have more rows than that limit lets through; how many they were. */
function untilTooLarge(size: BatchSize, limit: number, most: number): number {
  let batches = 0;
  while (size.rows <= limit && batches < most) {
    size.took(10, size.rows);
    batches += 1;
  }
  return batches;
}

test("what was too large is tried again after sixteen batches, then after twice as many, a thousand at most", () => {
  const size = new BatchSize();
  const limit = 100;
  const tries = Array.from({ length: 9 }, () => {
    while (size.rows > limit) size.tooLarge(size.rows);
    return untilTooLarge(size, limit, 5_000);
  });
  expect(tries).toEqual([16, 32, 64, 128, 256, 512, 1_024, 1_024, 1_024]);
});

test("when the limit is gone, batches grow to all that central allows", () => {
  const size = new BatchSize();
  const most = size.rows;
  size.tooLarge(most);
  size.tooLarge(size.rows);
  for (let batches = 0; batches < 40; batches += 1) size.took(10, size.rows);
  expect(size.rows).toBe(most);
});
