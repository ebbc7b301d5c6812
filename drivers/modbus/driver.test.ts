import { expect, test } from "vitest";
import { modbus } from "./driver.ts";
import { channelSchema } from "./schema.ts";

const parse = (channel: object) => channelSchema.safeParse({ driver: "modbus", ...channel });
const messages = (channel: object) =>
  parse(channel).error?.issues.map(({ message, path }) => `${path.join(".")} ${message}`);

const onLine = (points: object, device: object = {}) => ({
  port: "serial:/dev/ttyUSB0",
  devices: { d: { unitId: 1, points, ...device } },
});
const holding = { table: "holding", address: 0 };

test("a channel says what its points are", () => {
  const channel = channelSchema.parse({
    driver: "modbus",
    ...onLine({
      temperature: { ...holding, type: "int16", unit: "Cel", every: "2s" },
      door: { ...holding, type: "uint16", bit: 3 },
      state: { ...holding, type: "uint16", enum: { "0": "off" } },
      siren: { table: "coil", address: 1, access: "write" },
      lamp: { table: "coil", address: 2, access: "read-write" },
    }),
  });
  expect(modbus.describe(channel)).toEqual([
    { key: "d/temperature", kind: "number", unit: "Cel", access: "read", everyMs: 2_000 },
    { key: "d/door", kind: "boolean", access: "read", everyMs: 10_000 },
    { key: "d/state", kind: "text", access: "read", everyMs: 10_000 },
    { key: "d/siren", kind: "boolean", access: "write" },
    { key: "d/lamp", kind: "boolean", access: "read-write", everyMs: 10_000 },
  ]);
});

test("a channel claims its line with its settings, and each unit id for itself", () => {
  const serial = channelSchema.parse({ driver: "modbus", ...onLine({}), parity: "even" });
  expect(modbus.claims(serial)).toEqual([
    { resource: "serial:/dev/ttyUSB0", exclusive: false, settings: "9600 8E1", path: ["port"] },
    {
      resource: "serial:/dev/ttyUSB0 unit 1",
      exclusive: true,
      path: ["devices", "d", "unitId"],
    },
  ]);
  const port = "tcp://10.0.0.5:502";
  const tcp = channelSchema.parse({ driver: "modbus", port, mode: "rtu-over-tcp", devices: {} });
  expect(modbus.claims(tcp)).toMatchObject([{ resource: port, settings: "rtu-over-tcp" }]);
});

test.each([
  ["a register without type", { p: holding }, "type modbus/type-missing"],
  [
    "a register as bool without bit",
    { p: { ...holding, type: "bool" } },
    "type modbus/bit-missing",
  ],
  [
    "a coil with a number type",
    { p: { table: "coil", address: 0, type: "int16" } },
    "type modbus/bit-table-type",
  ],
  [
    "a bit of a float",
    { p: { ...holding, type: "float32", bit: 1 } },
    "type modbus/bits-of-integer",
  ],
  ["bit 16 of 16", { p: { ...holding, type: "uint16", bit: 16 } }, "bit modbus/bit-range"],
  [
    "bits the wrong way round",
    { p: { ...holding, type: "uint16", bits: [4, 1] } },
    "bits modbus/bit-range",
  ],
  [
    "writing an input",
    { p: { table: "input", address: 0, type: "int16", access: "write" } },
    "access modbus/read-only",
  ],
  [
    "writing a bit",
    { p: { ...holding, type: "uint16", bit: 1, access: "write" } },
    "access modbus/read-only",
  ],
  [
    "a value beyond the last address",
    { p: { ...holding, type: "int32", address: 65_535 } },
    "address modbus/address-range",
  ],
  ["scale 0", { p: { ...holding, type: "int16", scale: 0 } }, "scale modbus/scale-zero"],
])("%s is an error", (_, points, message) => {
  expect(messages(onLine(points))).toEqual([`devices.d.points.p.${message}`]);
});

test("limits of the device and of the line are checked", () => {
  const points = { p: { ...holding, type: "int64" } };
  expect(messages(onLine(points, { registersMax: 3 }))).toEqual([
    "devices.d.points.p.type modbus/registers-max",
  ]);
  expect(messages(onLine(points, { addressBase: 1 }))).toEqual([
    "devices.d.points.p.address modbus/address-range",
  ]);
  expect(messages(onLine({}, { unitId: 0 }))).toEqual(["devices.d.unitId modbus/unit-id"]);
  expect(messages({ ...onLine({}, { unitId: 255 }), port: "tcp://plc:502" })).toBeUndefined();
});
