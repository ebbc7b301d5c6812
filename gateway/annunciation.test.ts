import { expect, test } from "vitest";
import type { PointDescription } from "../drivers/contract.ts";
import { outputsOf } from "./annunciation.ts";

function outputsAmong(descriptions: readonly PointDescription[]): readonly string[] {
  const points = descriptions.map(
    (it) => [it.key, { ...it, settings: {}, staleAfterMs: undefined }] as const,
  );
  return [...outputsOf(new Map(points), {}).keys()];
}

test("a switch that can be written is an output, a number, a contact and a command are none", () => {
  expect(
    outputsAmong([
      { key: "stack/red", kind: "boolean", access: "write" },
      { key: "plc/beacon", kind: "boolean", access: "read-write" },
      { key: "plc/setpoint", kind: "number", access: "read-write" },
      { key: "desk/door", kind: "boolean", access: "read" },
      { key: "shelf/tare", kind: "boolean", access: "write", isCommand: true },
    ]),
  ).toEqual(["stack/red", "plc/beacon"]);
});
