import { expect, test } from "vitest";
import { addressesMax, repeatAfterMs } from "./limits.ts";
import { Repeats } from "./repeats.ts";

test("a repetition is told once a minute with how often it came", () => {
  const repeats = new Repeats();
  expect(repeats.count("a", 0)).toBe(1);
  expect(repeats.count("a", 10)).toBeUndefined();
  expect(repeats.count("b", 10)).toBe(1);
  expect(repeats.count("a", repeatAfterMs)).toBe(2);
  expect(repeats.count("a", repeatAfterMs + 1)).toBeUndefined();
});

test("what it remembers has a limit: the oldest is forgotten", () => {
  const repeats = new Repeats();
  for (let i = 0; i <= addressesMax; i += 1) repeats.count(`from ${i}`, 0);
  expect(repeats.count("from 0", 1)).toBe(1);
  expect(repeats.count(`from ${addressesMax}`, 1)).toBeUndefined();
});
