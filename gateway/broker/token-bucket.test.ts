import fc from "fast-check";
import { expect, test } from "vitest";
import { TokenBucket } from "./token-bucket.ts";

test("a burst passes at once, what is more has to wait", () => {
  const bucket = new TokenBucket({ perSecond: 10, burst: 5 }, 0);
  expect([1, 2, 3, 4, 5].map(() => bucket.take(1, 0))).toEqual([0, 0, 0, 0, 0]);
  expect(bucket.take(1, 0)).toBe(100);
  expect(bucket.has(1, 100)).toBe(false);
  expect(bucket.has(1, 200)).toBe(true);
});

test("a sender that waits as told is never faster than the rate and its burst", () => {
  const costs = fc.array(fc.integer({ min: 1, max: 50 }), { minLength: 1, maxLength: 100 });
  fc.assert(
    fc.property(costs, (sent) => {
      const bucket = new TokenBucket({ perSecond: 20, burst: 40 }, 0);
      let now = 0;
      let total = 0;
      for (const cost of sent) {
        now += bucket.take(cost, now);
        total += cost;
        expect(total).toBeLessThanOrEqual(40 + (20 * now) / 1_000 + 1e-6);
      }
    }),
  );
});

test("a clock that stands still or steps back gives no tokens", () => {
  const bucket = new TokenBucket({ perSecond: 1_000, burst: 1 }, 5_000);
  bucket.take(1, 5_000);
  expect(bucket.has(1, 4_000)).toBe(false);
});
