import { expect, test } from "vitest";
import { eventLines, quietLines } from "../../tests/support/event-reader.ts";
import { rfidDriver } from "./driver.ts";

const driver = rfidDriver([eventLines, quietLines]);

function channelOf(protocol: string) {
  return driver.schema.parse({
    driver: "rfid",
    port: "tcp://127.0.0.1:1",
    protocol,
    devices: { gate: { points: { "last-rssi": { unit: "dBm" } } } },
  });
}

test("each place has count, tags and the rest, with unit and heartbeat", () => {
  const points = driver.describe(channelOf("event-lines"));
  expect(points).toHaveLength(18);
  expect(points).toContainEqual({
    key: "gate/count",
    kind: "number",
    access: "read",
    everyMs: 60_000,
  });
  expect(points).toContainEqual({
    key: "gate/temperature",
    kind: "number",
    access: "read",
    unit: "Cel",
  });
  expect(points).toContainEqual({
    key: "gate/last-rssi",
    kind: "number",
    access: "read",
    unit: "dBm",
  });
  expect(points.find(({ key }) => key === "gate/arrived")).not.toHaveProperty("everyMs");
});

test("a 125 kHz reader has no points of a radio", () => {
  const keys = driver.describe(channelOf("quiet-lines")).map(({ key }) => key);
  expect(keys).toContain("gate/tags");
  for (const point of ["antenna", "temperature", "return-loss", "last-rssi", "last-antenna"])
    expect(keys).not.toContain(`gate/${point}`);
});

test("the port belongs to the channel alone", () => {
  expect(driver.claims(channelOf("event-lines"))).toEqual([
    { resource: "tcp://127.0.0.1:1", exclusive: true, path: ["port"] },
  ]);
});
