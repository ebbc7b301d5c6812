import { expect, test } from "vitest";
import { type Compressor, nextCompressor, startCompressor } from "./compressor.ts";

function after(seconds: number, setpoint = 7): readonly Compressor[] {
  const states = [startCompressor(setpoint)];
  for (let second = 1; second <= seconds; second += 1) {
    const last = states.at(-1);
    if (last !== undefined) states.push(nextCompressor(last, setpoint, second, 0));
  }
  return states;
}

test("it holds the pressure near the set point by starting and stopping", () => {
  const states = after(49);
  for (const { pressure } of states) expect(Math.abs(pressure - 7)).toBeLessThan(0.7);
  expect(new Set(states.map(({ running }) => running)).size).toBe(2);
});

test("while it is tripped the pressure falls below the alarm's limit, and comes back", () => {
  const pressures = after(150).map(({ pressure }) => pressure);
  expect(Math.min(...pressures.slice(50, 95))).toBeLessThan(5.7);
  expect(pressures.at(-1)).toBeGreaterThan(6.3);
});

test("a higher set point is followed", () => {
  expect(after(49, 8).at(-1)?.pressure).toBeGreaterThan(7.3);
});
