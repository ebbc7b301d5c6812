import fc from "fast-check";
import { expect, test } from "vitest";
import { Heartbeat } from "./heartbeat.ts";

test("the watchdog is pinged only when every loop has ticked within its own allowance", () => {
  const heart = new Heartbeat();
  heart.register("rules", 1_000, 0);
  heart.register("store", 15_000, 0);
  expect(heart.mayPing(1_000)).toBe(true);
  expect(heart.mayPing(1_001)).toBe(false);
  expect(heart.late(1_001)).toEqual(["rules"]);
  heart.tick("rules", 1_500);
  expect(heart.mayPing(2_400)).toBe(true);
  heart.tick("rules", 15_500);
  expect(heart.late(15_600)).toEqual(["store"]);
});

test("with no loop registered nothing shows that the gateway works", () => {
  expect(new Heartbeat().mayPing(0)).toBe(false);
});

test("a loop that ended as it should is not waited for", () => {
  const heart = new Heartbeat();
  heart.register("rules", 1_000, 0);
  heart.register("channel-a", 1_000, 0);
  heart.retire("channel-a");
  heart.tick("rules", 5_000);
  expect(heart.mayPing(5_500)).toBe(true);
});

test("a tick of a loop that nobody registered is a mistake of the program", () => {
  expect(() => new Heartbeat().tick("rules", 0)).toThrow("no loop rules is registered");
});

test("whatever the others do, one silent loop ends the pings", () => {
  const ticks = fc.array(fc.tuple(fc.constantFrom("a", "b", "c"), fc.nat(1_000)), {
    maxLength: 50,
  });
  fc.assert(
    fc.property(ticks, fc.nat(10_000), (steps, silence) => {
      const heart = new Heartbeat();
      for (const name of ["a", "b", "c", "dead"]) heart.register(name, 5_000, 0);
      let now = 0;
      for (const [name, pause] of steps) {
        now += pause;
        heart.tick(name, now);
      }
      now += silence;
      if (now > 5_000) expect(heart.late(now)).toContain("dead");
      expect(heart.mayPing(now)).toBe(heart.late(now).length === 0);
    }),
  );
});
