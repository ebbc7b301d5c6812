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

test("how far away central is does not count: by satellite batches are as large as elsewhere", () => {
  const size = new BatchSize();
  const most = size.rows;
  size.allow(most, 1_500);
  for (let batches = 0; batches < 40; batches += 1) size.took(3_000, size.rows);
  expect(size.rows).toBe(most);
  for (let batches = 0; batches < 40; batches += 1) size.took(4_000, size.rows);
  expect(size.rows).toBe(500);
  for (let batches = 0; batches < 40; batches += 1) size.took(1_600, size.rows);
  expect(size.rows).toBe(most);
});

test("a central that answers late because it is busy counts as no further away than three seconds", () => {
  const size = new BatchSize();
  size.allow(size.rows, 20_000);
  for (let batches = 0; batches < 40; batches += 1) size.took(5_100, size.rows);
  expect(size.rows).toBe(500);
});

test("what the line did not carry in time is not tried again at the next hello, but after sixteen batches", () => {
  const size = new BatchSize();
  const most = size.rows;
  size.late(most);
  size.allow(most, 0);
  expect(untilTooLarge(size, most - 1, 5_000)).toBe(16);
});
