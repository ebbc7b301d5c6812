import { expect, test } from "vitest";
import type { ChannelConfig } from "../config/schema/config.ts";
import type { PointKey } from "../drivers/contract.ts";
import { modbus } from "../drivers/modbus/driver.ts";
import { channelMove, channelPlan } from "./channel-plan.ts";

const port = "tcp://10.0.0.1:502";

function channel(change: Readonly<Record<string, unknown>> = {}, lamp: object = { address: 0 }) {
  return {
    ...{ driver: "modbus", port, devices: { rack: deviceWith(lamp) } },
    ...change,
  } satisfies ChannelConfig;
}

function deviceWith(lamp: object, change: object = {}) {
  const points = {
    t: { table: "input", address: 1, type: "int16", access: "read" },
    lamp: { table: "coil", access: "write", ...lamp },
  };
  return { unitId: 1, every: 1_000, addressBase: 0, points, ...change };
}

const lamp: PointKey = "rack/lamp";

function move(
  before: Readonly<Record<string, ChannelConfig>>,
  after: Readonly<Record<string, ChannelConfig>>,
  staying: readonly PointKey[] = [lamp],
) {
  const plan = (channels: Readonly<Record<string, ChannelConfig>>) =>
    channelPlan({ channels }, [modbus]);
  const { closes, opens, turnsOff, lost } = channelMove(
    ...([plan(before), plan(after), [lamp], new Set(staying)] as const),
  );
  return { closes, opens, turnsOff: [...turnsOff], lost: [...lost] };
}

const both: PointKey[] = ["rack/t", lamp];

test("a channel that says the same goes on, in whatever order its keys stand", () => {
  const { port: its, ...rest } = channel();
  expect(move({ a: channel() }, { a: { ...rest, port: its } })).toEqual({
    ...{ closes: [], opens: [], turnsOff: [], lost: [] },
  });
});

test("a channel that is gone turns its outputs off, a new one opens", () => {
  expect(move({ a: channel() }, { b: channel({ port: "tcp://10.0.0.2:502" }) }, [])).toEqual({
    ...{ closes: ["a"], opens: ["b"], turnsOff: [lamp], lost: both },
  });
});

test.each([
  ["how often it is read", { devices: { rack: deviceWith({ address: 0 }, { every: 5_000 }) } }],
  ["how patiently", { timeout: 3_000 }],
  ["what it is called", { name: "line 1" }],
])(
  "an output whose channel changes in %s stays as it is until the channel is open again",
  (_, it) => {
    expect(move({ a: channel() }, { a: channel(it) })).toEqual({
      ...{ closes: ["a"], opens: ["a"], turnsOff: [], lost: both },
    });
  },
);

test.each([
  ["another machine", channel({ port: "tcp://10.0.0.9:502" })],
  ["another unit", channel({ devices: { rack: deviceWith({ address: 0 }, { unitId: 2 }) } })],
  ["another coil", channel({}, { address: 7 })],
])("an output that is on %s now is turned off where it was", (_, after) => {
  expect(move({ a: channel() }, { a: after }).turnsOff).toEqual([lamp]);
});

test("what is an output no more is turned off before its channel closes", () => {
  expect(move({ a: channel() }, { a: channel({ timeout: 3_000 }) }, []).turnsOff).toEqual([lamp]);
});

test("a driver that nobody has is said before anything changes", () => {
  expect(() => channelPlan({ channels: { a: channel({ driver: "telex" }) } }, [modbus])).toThrow(
    "no driver telex",
  );
});
