import { expect, test } from "vitest";
import { processorMs, turnsWithin } from "../support/processor-time.ts";

function compute(ms: number): void {
  for (const until = processorMs() + ms; processorMs() < until; ) Math.random();
}

test("processor time counts what is computed, and not what is waited for", async () => {
  const before = processorMs();
  compute(50);
  const computed = processorMs();
  expect(computed - before).toBeGreaterThanOrEqual(50);
  await new Promise((done) => setTimeout(done, 1_000));
  expect(processorMs() - computed).toBeLessThan(900);
});

test("the least number of turns is taken whatever it costs, and more only while the budget lasts", () => {
  const goesOn = turnsWithin(3, 0);
  compute(5);
  expect([goesOn(), goesOn(), goesOn(), goesOn()]).toEqual([true, true, true, false]);
  const rich = turnsWithin(0, 60_000);
  expect([rich(), rich()]).toEqual([true, true]);
});
