import { expect, test } from "vitest";
import { backoffMsMax, freeTriesMax, triesPerMinuteMax } from "./limits.ts";
import { networkOf, Tries } from "./tries.ts";

test("an address gets ten tries a minute, whatever the users", () => {
  const tries = new Tries();
  const waits = Array.from({ length: 100 }, (_, i) => tries.begin(`user ${i}`, "10.0.0.9", 0));
  expect(waits.filter((waitMs) => waitMs === 0)).toHaveLength(triesPerMinuteMax);
  expect(tries.begin("user", "10.0.0.8", 0)).toBe(0);
  expect(tries.begin("user", "10.0.0.9", 6_000)).toBe(0);
  expect(tries.begin("user", "10.0.0.9", 6_000)).toBeGreaterThan(0);
});

test("wrong passwords of one user double the waiting time up to its limit, others do not wait", () => {
  const tries = new Tries();
  for (let i = 0; i < freeTriesMax; i += 1) tries.failed("li", "10.0.0.9", 0);
  expect(tries.begin("li", "10.0.0.9", 0)).toBe(0);
  const waits = Array.from({ length: 12 }, () => {
    tries.failed("li", "10.0.0.9", 0);
    return tries.begin("li", "10.0.0.9", 0);
  });
  expect(waits.slice(0, 4)).toEqual([1_000, 2_000, 4_000, 8_000]);
  expect(waits.at(-1)).toBe(backoffMsMax);
  expect(tries.begin("wang", "10.0.0.9", 0)).toBe(0);
  expect(tries.begin("li", "10.0.0.8", 0)).toBe(0);
});

test("a right password ends the waiting", () => {
  const tries = new Tries();
  for (let i = 0; i < 8; i += 1) tries.failed("li", "::1", 0);
  tries.succeeded("li", "::1");
  expect(tries.begin("li", "::1", 0)).toBe(0);
});

test.each([
  ["10.0.0.9", "10.0.0.9"],
  ["::ffff:10.0.0.9", "10.0.0.9"],
  ["2001:db8:1:2:aaaa::1", "2001:db8:1:2::/64"],
  ["2001:0db8:1:2::9", "2001:db8:1:2::/64"],
  ["fe80::1%eth0", "fe80:0:0:0::/64"],
  ["::1", "0:0:0:0::/64"],
])("%s counts as %s", (address, network) => {
  expect(networkOf(address)).toBe(network);
});
