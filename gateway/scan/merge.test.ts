import { expect, test } from "vitest";
import { channelsOf } from "./merge.ts";

const unit = (unitId: number, baudRate = 9_600, needs?: string) => ({
  title: `unit ${unitId}`,
  evidence: "",
  channel: { driver: "modbus", port: "serial:/dev/a", baudRate, devices: { meter: { unitId } } },
  ...(needs === undefined ? {} : { needs }),
});

test("devices of one line are one channel, each with an id that nobody has", () => {
  const taken = { channels: new Set(["modbus"]), devices: new Set(["meter"]) };
  const [channel, ...others] = channelsOf([unit(1), unit(2)], taken);
  expect(others).toEqual([]);
  expect(channel?.id).toBe("modbus-2");
  expect(channel?.channel.devices).toEqual({ "meter-2": { unitId: 1 }, "meter-3": { unitId: 2 } });
});

test("other settings, and what is not complete, are channels of their own", () => {
  const found = channelsOf([
    unit(1),
    unit(2, 19_200),
    unit(3, 9_600, "region"),
    unit(4, 9_600, "region"),
  ]);
  expect(found.map(({ id, needs }) => [id, needs])).toEqual([
    ["modbus", []],
    ["modbus-2", []],
    ["modbus-3", ["region"]],
  ]);
});
