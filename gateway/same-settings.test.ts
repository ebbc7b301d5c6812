import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { Secret } from "../drivers/secret.ts";
import { isSameSetting } from "./same-settings.ts";

test("Node's comparison takes any two secrets for equal: that is why there is another one", () => {
  expect(isDeepStrictEqual(new Secret("old"), new Secret("new"))).toBe(true);
});

test("another password is another setting, the same one read again is not", () => {
  const of = (password: string) => ({
    user: "gateway",
    keys: [{ password: new Secret(password) }],
  });
  expect(isSameSetting(of("old"), of("new"))).toBe(false);
  expect(isSameSetting(of("old"), of("old"))).toBe(true);
  expect(isSameSetting(of("old"), { user: "gateway", keys: [{ password: "old" }] })).toBe(false);
});

test.each([
  [{ a: 1, b: [1, 2] }, { b: [1, 2], a: 1 }, true],
  [{ a: 1 }, { a: 1, b: undefined }, true],
  [{ a: 1 }, { a: 1, b: null }, false],
  [[1, 2], [2, 1], false],
  [[1], { 0: 1 }, false],
  [undefined, undefined, true],
  [{}, undefined, false],
  ["1", 1, false],
])("%j and %j are the same setting: %j", (a, b, same) => {
  expect(isSameSetting(a, b)).toBe(same);
  expect(isSameSetting(b, a)).toBe(same);
});
