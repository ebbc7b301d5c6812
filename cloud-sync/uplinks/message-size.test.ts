import { expect, test } from "vitest";
import { MessageSize, messageBytesMin } from "./message-size.ts";

test("a message that fails twice while smaller ones are answered is too large, and half of it is tried", () => {
  const size = new MessageSize(100_000);
  expect(size.failed(80_000, 0)).toBe(false);
  size.answered(500);
  expect(size.failed(80_000, 0)).toBe(true);
  expect(size.bytesMax(0)).toBe(40_000);
});

test("a line that answers nothing at all says nothing of sizes", () => {
  const size = new MessageSize(100_000);
  for (let times = 0; times < 20; times += 1) expect(size.failed(80_000, 0)).toBe(false);
  expect(size.bytesMax(0)).toBe(100_000);
});

test("what went through before is doubted later", () => {
  const size = new MessageSize(100_000);
  size.answered(80_000);
  const outcomes = [1, 2, 3, 4].map(() => {
    const tooLarge = size.failed(80_000, 0);
    size.answered(500);
    return tooLarge;
  });
  expect(outcomes).toEqual([false, false, false, true]);
});

test("an answer to one as large clears the doubt", () => {
  const size = new MessageSize(100_000);
  size.failed(80_000, 0);
  size.answered(80_000);
  expect(size.failed(80_000, 0)).toBe(false);
});

test("what was learnt is forgotten after an hour, and never goes below what every broker takes", () => {
  const size = new MessageSize(100_000);
  for (const bytes of [6_000, 6_000]) {
    size.failed(bytes, 0);
    size.answered(500);
  }
  expect(size.bytesMax(3_599_999)).toBe(messageBytesMin);
  expect(size.failed(messageBytesMin, 0)).toBe(false);
  expect(size.bytesMax(3_600_000)).toBe(100_000);
});
