import { expect, onTestFinished, test } from "vitest";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import { Inputs } from "./inputs.ts";
import { plannedInputs } from "./plan.ts";
import { gpioSchema } from "./schema.ts";

const channel = gpioSchema.parse({
  driver: "gpio",
  devices: {
    doors: {
      points: {
        front: { access: "read", line: 5, activeLow: true, bias: "pull-up" },
        mains: { access: "read", line: 6, debounce: "1s" },
        lamp: { line: 17 },
      },
    },
  },
});

function started() {
  const clock = new ManualClock();
  const inputs = new Inputs(plannedInputs(channel), clock);
  const ended = new AbortController();
  onTestFinished(() => ended.abort());
  const samples = inputs.samples(ended.signal);
  return { clock, inputs, ended, next: async () => (await samples.next()).value };
}

test("inputs are watched with their bias; outputs of the channel are none of them", () => {
  expect(started().inputs.lines).toEqual([
    { line: 5, bias: "pull-up" },
    { line: 6, bias: "as-is" },
  ]);
});

test("the first level counts at once, a change when it has stood, dated to when it began", async () => {
  const { clock, inputs, next } = started();
  inputs.see(5, 1);
  inputs.see(6, 0);
  const startedAt = clock.now();
  expect(await next()).toEqual([
    { point: "doors/front", sampledAt: startedAt, quality: "good", value: false },
    { point: "doors/mains", sampledAt: startedAt, quality: "good", value: false },
  ]);
  await clock.advance(10_000);
  inputs.see(5, 0);
  const changed = next();
  await clock.advance(50);
  expect(await changed).toEqual([
    { point: "doors/front", sampledAt: startedAt + 10_000, quality: "good", value: true },
  ]);
});

test("every input is told again after a minute, so that a closed contact does not grow stale", async () => {
  const { clock, inputs, next } = started();
  inputs.see(5, 0);
  await next();
  const again = next();
  await clock.advance(60_000);
  expect(await again).toEqual([
    { point: "doors/front", sampledAt: clock.now(), quality: "good", value: true },
  ]);
});

test("a loose wire makes one uncertain sample and not one for each edge", async () => {
  const { clock, inputs, next } = started();
  inputs.see(5, 1);
  await next();
  const chatter = next();
  for (let edge = 0; edge < 400; edge += 1) {
    inputs.see(5, edge % 2 === 0 ? 0 : 1);
    await clock.advance(1);
  }
  expect(await chatter).toMatchObject([{ quality: "uncertain", reason: "chatter", value: false }]);
  const well = next();
  await clock.advance(1_000);
  expect(await well).toMatchObject([{ quality: "good", value: false }]);
});

test("the samples end with the channel", async () => {
  const { ended, next } = started();
  const last = next();
  ended.abort();
  expect(await last).toBeUndefined();
});

test("settings of outputs at an input, and of inputs at an output, are refused", () => {
  const point = (settings: object) => ({
    driver: "gpio",
    devices: { a: { points: { b: { line: 1, ...settings } } } },
  });
  const issues = (settings: object) =>
    gpioSchema.safeParse(point(settings)).error?.issues.map(({ message }) => message);
  expect(issues({ access: "read", failSafe: "on" })).toEqual(["gpio/output-only"]);
  expect(issues({ debounce: "1s", bias: "pull-up" })).toEqual([
    "gpio/input-only",
    "gpio/input-only",
  ]);
});
