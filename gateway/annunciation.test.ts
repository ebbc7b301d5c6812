import { expect, test } from "vitest";
import { ruleSchema } from "../config/schema/rule.ts";
import type { PointDescription } from "../drivers/contract.ts";
import { outputsOf } from "./annunciation.ts";

const rules = {
  low: ruleSchema.parse({ point: "a/b", below: 1, priority: "low", outputs: ["plc/beacon"] }),
};

function outputsAmong(descriptions: readonly PointDescription[]): readonly string[] {
  const points = descriptions.map(
    (it) => [it.key, { ...it, settings: {}, staleAfterMs: undefined }] as const,
  );
  return [...outputsOf(new Map(points), { channels: {}, rules }).keys()];
}

test("a lamp is an output and so is what a rule drives; numbers, contacts and commands are none", () => {
  expect(
    outputsAmong([
      { key: "stack/red", kind: "boolean", access: "write", role: "lamp" },
      { key: "plc/beacon", kind: "boolean", access: "read-write" },
      { key: "plc/setpoint", kind: "number", access: "read-write" },
      { key: "desk/door", kind: "boolean", access: "read" },
      { key: "shelf/tare", kind: "boolean", access: "write", isCommand: true },
    ]),
  ).toEqual(["stack/red", "plc/beacon"]);
});

test("the run bit of a machine that no rule drives is never touched", () => {
  expect(outputsAmong([{ key: "plc/run", kind: "boolean", access: "read-write" }])).toEqual([]);
});
