import { expect, test } from "vitest";
import { eventLines, quietLines } from "../../tests/support/event-reader.ts";
import { channelSchemaOf } from "./schema.ts";

const fixed = { ...eventLines, name: "fixed-region", needsRegion: true };
const { serial: _, ...wireless } = eventLines;
const network = { ...wireless, name: "network" };
const schema = channelSchemaOf([eventLines, quietLines, fixed, network]);

function issuesOf(channel: object) {
  const checked = schema.safeParse({
    driver: "rfid",
    port: "tcp://127.0.0.1:1",
    protocol: "event-lines",
    devices: { gate: {} },
    ...channel,
  });
  if (checked.success) return [];
  return checked.error.issues.map(({ message, path }) => `${path.join(".")}: ${message}`);
}

test("port, protocol and one device are enough; presence has its defaults", () => {
  expect(issuesOf({})).toEqual([]);
  const channel = schema.parse({
    driver: "rfid",
    port: "serial:/dev/ttyUSB0",
    protocol: "quiet-lines",
    devices: { gate: {} },
  });
  expect(channel.presence).toEqual({
    reads: 2,
    within: 1_000,
    hold: 3_000,
    window: "adaptive",
    marginDb: 4,
  });
  expect(channel.devices["gate"]).toEqual({ every: 1_000, points: {} });
});

test("a region is demanded where the reader needs one, and never made up", () => {
  expect(issuesOf({ protocol: "fixed-region" })).toEqual(["protocol: rfid/region-needed"]);
  expect(issuesOf({ protocol: "fixed-region", region: "EU" })).toEqual([]);
});

test("an antenna belongs to one device, and devices that share a reader all name theirs", () => {
  expect(issuesOf({ devices: { a: { antennas: [1, 2] }, b: { antennas: [3, 2] } } })).toEqual([
    "devices.b.antennas.1: rfid/antenna-twice",
  ]);
  expect(issuesOf({ devices: { a: { antennas: [1, 1] } } })).toEqual([
    "devices.a.antennas.1: rfid/antenna-twice",
  ]);
  expect(issuesOf({ devices: { a: { antennas: [1] }, b: {} } })).toEqual([
    "devices.b: rfid/antennas-needed",
  ]);
});

test("what a reader does not have cannot be set", () => {
  expect(issuesOf({ protocol: "quiet-lines", region: "CN", power: 20 })).toEqual([
    "region: rfid/no-radio",
    "power: rfid/no-radio",
  ]);
  expect(issuesOf({ protocol: "network", port: "serial:/dev/ttyUSB0" })).toEqual([
    "port: rfid/network-only",
  ]);
  expect(issuesOf({ devices: { gate: { points: { weight: { name: "x" } } } } })).toEqual([
    "devices.gate.points.weight: rfid/point-unknown",
  ]);
});

test("powers, addresses and times outside of their bounds are refused", () => {
  expect(issuesOf({ power: 40 })).toHaveLength(1);
  expect(issuesOf({ address: 256 })).toHaveLength(1);
  expect(issuesOf({ session: 4 })).toHaveLength(1);
  expect(issuesOf({ q: 16 })).toHaveLength(1);
  expect(issuesOf({ presence: { reads: 0 } })).toHaveLength(1);
  expect(issuesOf({ presence: { hold: "100ms" } })).toHaveLength(1);
  expect(issuesOf({ devices: { gate: { antennas: [] } } })).toHaveLength(1);
});
