import { expect, test } from "vitest";
import { claimGpio, describeGpio, failSafeLevels, startLevels } from "./plan.ts";
import { gpioLinesMax, gpioSchema } from "./schema.ts";

const stack = {
  driver: "gpio",
  devices: {
    stack: {
      points: {
        red: { line: 17 },
        "buzzer-loud": { line: 22, activeLow: true },
        fault: { line: 27, failSafe: "on", role: "buzzer" },
        heartbeat: { line: 5, failSafe: "keep" },
      },
    },
  },
};

const channel = gpioSchema.parse(stack);

test("outputs are switches whose role follows from their name unless it is given", () => {
  expect(describeGpio(channel)).toEqual([
    { key: "stack/red", kind: "boolean", access: "write", role: "lamp" },
    { key: "stack/buzzer-loud", kind: "boolean", access: "write", role: "buzzer" },
    { key: "stack/fault", kind: "boolean", access: "write", role: "buzzer" },
    { key: "stack/heartbeat", kind: "boolean", access: "write", role: "lamp" },
  ]);
});

test("each line is claimed for this channel alone, and the claim names its place in the file", () => {
  expect(claimGpio(channel)[1]).toEqual({
    resource: "gpio:default:22",
    exclusive: true,
    path: ["devices", "stack", "points", "buzzer-loud", "line"],
  });
  const named = gpioSchema.parse({ ...stack, chip: "pinctrl-rp1" });
  expect(claimGpio(named).map(({ resource }) => resource)).toContain("gpio:pinctrl-rp1:17");
});

test("a simulated channel occupies no line", () => {
  expect(claimGpio(gpioSchema.parse({ ...stack, backend: "sim" }))).toEqual([]);
});

test("all outputs start off, which is the high level where a relay is active low", () => {
  expect(startLevels(channel)).toEqual([
    { line: 17, level: 0 },
    { line: 22, level: 1 },
    { line: 27, level: 0 },
    { line: 5, level: 0 },
  ]);
});

test("the fail-safe state is off, on as asked, and names no line that keeps its level", () => {
  expect(failSafeLevels(channel)).toEqual([
    { line: 17, level: 0 },
    { line: 22, level: 1 },
    { line: 27, level: 1 },
  ]);
});

test.each([
  ["a base without sysfs", { ...stack, base: 512 }],
  ["a file without sim", { ...stack, file: "lamps.json" }],
  ["a fractional line", { ...stack, devices: { a: { points: { b: { line: 1.5 } } } } }],
  ["an unknown key", { ...stack, devices: { a: { points: { b: { line: 1, lin: 2 } } } } }],
  ["both ways", { ...stack, devices: { a: { points: { b: { line: 1, access: "read-write" } } } } }],
])("%s is refused", (_what, wrong) => {
  expect(gpioSchema.safeParse(wrong).success).toBe(false);
});

test(`a channel with more than ${gpioLinesMax} lines is refused, one with exactly so many is not`, () => {
  const of = (count: number) => ({
    driver: "gpio",
    devices: {
      many: {
        points: Object.fromEntries(
          Array.from({ length: count }, (_, line) => [`p${line}`, { line }]),
        ),
      },
    },
  });
  expect(gpioSchema.safeParse(of(gpioLinesMax)).success).toBe(true);
  expect(gpioSchema.safeParse(of(gpioLinesMax + 1)).success).toBe(false);
});
