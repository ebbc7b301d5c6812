import { expect, test } from "vitest";
import { scalePoints } from "./abilities.ts";
import type { ScaleReading, ScaleStatus } from "./protocol.ts";
import { badSamples, samplesOf } from "./samples.ts";

function samples(reading: Partial<ScaleReading>, stable = true) {
  const whole: ScaleReading = { kind: "reading", status: "ok", ...reading };
  const found = samplesOf("s", scalePoints, { reading: whole, stable, sampledAt: 7 });
  return Object.fromEntries(
    found.map(({ point, sampledAt: _, ...rest }) => [point.slice(2), rest]),
  );
}

test("a stable weight is good, in kg, with what the scale sent beside it", () => {
  expect(samples({ weight: 1250, unit: "g", net: true, tare: 500 })).toEqual({
    weight: { quality: "good", value: 1.25, raw: 1250 },
    stable: { quality: "good", value: true },
    net: { quality: "good", value: true },
    "tare-weight": { quality: "good", value: 0.5, raw: 500 },
    unit: { quality: "good", value: "g" },
    status: { quality: "good", value: "ok" },
  });
});

test("a scale in pounds is converted, and its unit says so", () => {
  expect(samples({ weight: 10, unit: "lb" })).toMatchObject({
    weight: { quality: "good", value: 4.5359237, raw: 10 },
    unit: { value: "lb" },
  });
});

test("a moving load keeps its weight, but as uncertain", () => {
  expect(samples({ status: "unstable", weight: 2, unit: "kg" }, false)).toMatchObject({
    weight: { quality: "uncertain", value: 2, reason: "unstable" },
    stable: { quality: "good", value: false },
    status: { value: "unstable" },
  });
});

const codes: readonly ScaleStatus[] = [
  ...(["overload", "underload", "zero-error", "unit-blank", "not-ready"] as const),
];
test.each(codes)("%s is a quality: no number comes out of it", (status) => {
  expect(samples({ status, weight: 999_999, unit: "kg" })).toMatchObject({
    weight: { quality: "bad", reason: status },
    stable: { quality: "bad", reason: status },
    net: { quality: "bad", reason: status },
    "tare-weight": { quality: "bad", reason: status },
    status: { quality: "good", value: status },
  });
});

test("an error brings its code into the reason", () => {
  expect(samples({ status: "error", code: "54" })["weight"]).toEqual({
    quality: "bad",
    reason: "error 54",
  });
});

test.each(["pcs", "%", "stones"])("%s is no mass: nothing is guessed", (unit) => {
  expect(samples({ weight: 12, unit })).toMatchObject({
    weight: { quality: "bad", reason: `unit ${unit}`, raw: 12 },
    unit: { value: unit },
  });
});

test("without a unit a weight has no meaning, and while it moves some scales leave the unit out", () => {
  expect(samples({ weight: 12 })["weight"]).toMatchObject({ quality: "bad", reason: "unit-blank" });
  const moving = samples({ status: "unstable", weight: 12 }, false);
  expect(moving["weight"]).toMatchObject({ quality: "bad", reason: "unstable" });
});

test("what a scale did not say is bad, not false or zero", () => {
  const { net, "tare-weight": tare } = samples({ weight: 1, unit: "kg" });
  expect([net, tare]).toEqual([
    { quality: "bad", reason: "not-sent" },
    { quality: "bad", reason: "not-sent" },
  ]);
});

test("of a silent scale every point is bad, and only those that its language has", () => {
  expect(badSamples("s", ["weight", "stable", "zero"], "timeout", 7)).toEqual([
    { point: "s/weight", sampledAt: 7, quality: "bad", reason: "timeout" },
    { point: "s/stable", sampledAt: 7, quality: "bad", reason: "timeout" },
  ]);
});
