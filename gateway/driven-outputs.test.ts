import { expect, test } from "vitest";
import { modbus } from "../drivers/modbus/driver.ts";
import { configFrom } from "../tests/support/brain-world.ts";
import { planOf } from "./brain.ts";
import { drivenOutputs } from "./driven-outputs.ts";

function planWith(outputs: readonly string[]) {
  const coil = (address: number, access = "write") => ({ table: "coil", address, access });
  const points = { red: coil(0), green: coil(1), door: coil(2, "read") };
  const devices = { rack: { unitId: 1, points } };
  const config = configFrom({
    version: 1,
    gateway: { id: "w" },
    channels: { line: { driver: "modbus", port: "tcp://127.0.0.1:9", devices } },
    rules: outputs.length === 0 ? {} : { open: { point: "rack/door", equal: true, outputs } },
  });
  return planOf(config, [modbus]);
}

test("what is driven is remembered, once", () => {
  const first = drivenOutputs(new Map(), planWith(["rack/red"]));
  expect(first).toEqual({ left: [], state: new Map([["driven/rack/red", true]]) });
  expect(drivenOutputs(first.state, planWith(["rack/red"]))).toEqual({
    left: [],
    state: new Map(),
  });
});

test("what was driven and is an output no more is to be turned off; a switch that nobody drove is left alone", () => {
  const saved = new Map([["driven/rack/red", true]]);
  expect(drivenOutputs(saved, planWith([]))).toEqual({ left: ["rack/red"], state: new Map() });
});

test("what cannot be written any more is forgotten: its channel is gone, or it is an input now", () => {
  const saved = new Map([
    ["driven/gone/red", true],
    ["driven/rack/door", true],
  ]);
  expect(drivenOutputs(saved, planWith([])).state).toEqual(
    new Map([
      ["driven/gone/red", undefined],
      ["driven/rack/door", undefined],
    ]),
  );
});
