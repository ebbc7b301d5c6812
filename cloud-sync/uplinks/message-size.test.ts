import { expect, test } from "vitest";
import { MessageSize, messageBytesMin } from "./message-size.ts";

const closed = { isSilent: false, isSingle: false };
const silent = { isSilent: true, isSingle: false };

/** A size that failed twice at that instant, with an answer between. */
function learnt(bytes: number, how = closed, now = 0): MessageSize {
  const size = new MessageSize(100_000);
  size.failed(bytes, now, how);
  size.answered(500);
  size.failed(bytes, now, how);
  return size;
}

test("a message that fails twice while smaller ones are answered is too large, and half of it is tried", () => {
  const size = new MessageSize(100_000);
  expect(size.failed(80_000, 0, closed)).toBe(false);
  size.answered(500);
  expect(size.failed(80_000, 0, closed)).toBe(true);
  expect(size.bytesMax(0)).toBe(40_000);
});

test("a line that answers nothing at all says nothing of sizes", () => {
  const size = new MessageSize(100_000);
  for (let times = 0; times < 20; times += 1) expect(size.failed(80_000, 0, silent)).toBe(false);
  expect(size.bytesMax(0)).toBe(100_000);
});

test("what went through before is doubted later", () => {
  const size = new MessageSize(100_000);
  size.answered(80_000);
  const outcomes = [1, 2, 3, 4].map(() => {
    const tooLarge = size.failed(80_000, 0, closed);
    size.answered(500);
    return tooLarge;
  });
  expect(outcomes).toEqual([false, false, false, true]);
});

test("a row by itself is doubted last of all, for it would be set aside", () => {
  const size = new MessageSize(100_000);
  const outcomes = Array.from({ length: 8 }, () => {
    const tooLarge = size.failed(80_000, 0, { isSilent: false, isSingle: true });
    size.answered(500);
    return tooLarge;
  });
  expect(outcomes).toEqual([...Array(7).fill(false), true]);
});

test("an answer to one as large clears the doubt", () => {
  const size = new MessageSize(100_000);
  size.failed(80_000, 0, closed);
  size.answered(80_000);
  expect(size.failed(80_000, 0, closed)).toBe(false);
});

test("a line that flapped and is well again has large messages after seconds", () => {
  const size = learnt(80_000);
  expect(size.bytesMax(2_999)).toBe(40_000);
  expect(size.bytesMax(3_000)).toBe(100_000);
  size.answered(90_000);
  expect(size.bytesMax(0)).toBe(100_000);
});

test("however small a line that flaps made messages, large ones are tried after seconds", () => {
  const size = new MessageSize(100_000);
  for (let bytes = 80_000; bytes > messageBytesMin; bytes = size.bytesMax(0)) {
    size.failed(bytes, 0, closed);
    size.answered(500);
  }
  expect(size.bytesMax(2_999)).toBe(messageBytesMin);
  expect(size.bytesMax(3_000)).toBe(100_000);
});

test("where a larger one fails again, one try is enough, and the next waits twice as long, five minutes at most", () => {
  const size = learnt(80_000);
  let now = 0;
  const waits: number[] = [];
  for (let turn = 0; turn < 9; turn += 1) {
    const since = now;
    while (size.bytesMax(now) < 100_000) now += 1_000;
    waits.push((now - since) / 1_000);
    expect(size.failed(90_000, now, closed)).toBe(true);
    expect(size.bytesMax(now)).toBe(40_000);
  }
  expect(waits).toEqual([3, 6, 12, 24, 48, 96, 192, 300, 300]);
});

test("where a broker throws away what is too large, the next try waits ten minutes, an hour at most", () => {
  const size = learnt(80_000, silent);
  expect(size.bytesMax(599_999)).toBe(40_000);
  expect(size.failed(90_000, 600_000, silent)).toBe(true);
  expect(size.bytesMax(600_000 + 1_199_999)).toBe(40_000);
  for (let turn = 0; turn < 9; turn += 1) size.failed(90_000, 0, silent);
  expect(size.bytesMax(3_599_999)).toBe(40_000);
  expect(size.bytesMax(3_600_000)).toBe(100_000);
});

test("what was learnt never goes below what every broker takes", () => {
  const size = learnt(6_000);
  expect(size.bytesMax(0)).toBe(messageBytesMin);
  expect(size.failed(messageBytesMin, 0, closed)).toBe(false);
});
