import { z } from "zod";
import { addressSchema, parseAddress } from "../address.ts";
import { pointSettings } from "../point-settings.ts";
import { duration } from "../quantity.ts";

/** Registers in one read: a response holds at most 125 (Modbus application protocol 1.1b3, 6.3). */
export const registersMaxLimit = 125;

/** Coils or discrete inputs in one read (Modbus application protocol 1.1b3, 6.1). */
export const bitsMaxLimit = 2_000;

export const registerTypes = [
  "int16",
  "uint16",
  "int32",
  "uint32",
  "int64",
  "uint64",
  "float32",
  "float64",
] as const;
export type RegisterType = (typeof registerTypes)[number];

/** How the bytes of a value stand on the wire, A being the most significant. */
export const orders = ["ABCD", "CDAB", "BADC", "DCBA"] as const;
export type Order = (typeof orders)[number];

/** Registers that a value occupies. */
export const registersOf: Readonly<Record<RegisterType, number>> = {
  int16: 1,
  uint16: 1,
  int32: 2,
  uint32: 2,
  int64: 4,
  uint64: 4,
  float32: 2,
  float64: 4,
};

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, { error: "id" });
const bitIndex = z.int().min(0).max(31);

const pointObject = z.strictObject({
  table: z
    .enum(["input", "holding", "coil", "discrete"])
    .meta({ description: "input: FC04, holding: FC03, coil: FC01, discrete: FC02" }),
  address: z.int().min(0).max(65_536).meta({
    description: "First register or bit; counted from 0 unless addressBase is 1",
  }),
  type: z
    .enum([...registerTypes, "bool"])
    .optional()
    .meta({ description: "Needed for registers; coils and discrete inputs are bool" }),
  order: z.enum(orders).optional().meta({ description: "Byte order, in place of the device's" }),
  bit: bitIndex.optional().meta({ description: "One bit of the register, 0 is the lowest" }),
  bits: z
    .tuple([bitIndex, bitIndex])
    .optional()
    .meta({ description: "Lowest and highest bit of a field within the register" }),
  scale: z.number().optional().meta({ description: "value = raw * scale + offset" }),
  offset: z.number().optional().meta({ description: "Added after scale" }),
  enum: z
    .record(z.string().regex(/^-?\d{1,10}$/, { error: "modbus/enum-code" }), z.string().max(60))
    .optional()
    .meta({ description: "Text for each raw value; any other raw value is a bad sample" }),
  unavailable: z
    .array(z.union([z.number(), z.string().regex(/^(0x[0-9a-f]{1,16}|nan)$/i)]))
    .max(32)
    .optional()
    .meta({ description: "Raw values that mean no reading, for example 0x8000 or -9999" }),
  access: z
    .enum(["read", "write", "read-write"])
    .default("read")
    .meta({ description: "Holding registers and coils can be written" }),
  every: duration({ min: 50 }).optional().meta({ description: "Period, in place of the device's" }),
  ...pointSettings,
});

export const pointSchema = pointObject.check(({ value: point, issues }) => {
  const report = (message: string, key: string) =>
    issues.push({ code: "custom", input: point, message, path: [key] });
  const isBitTable = point.table === "coil" || point.table === "discrete";
  const isInteger = /^u?int(16|32)$/.test(point.type ?? "");
  if (isBitTable && point.type !== undefined && point.type !== "bool")
    report("modbus/bit-table-type", "type");
  if (!isBitTable && point.type === undefined) report("modbus/type-missing", "type");
  if (!isBitTable && point.type === "bool" && point.bit === undefined)
    report("modbus/bit-missing", "type");
  const isReadOnly = point.table === "input" || point.table === "discrete";
  const isPart = point.bit !== undefined || point.bits !== undefined;
  if (point.access !== "read" && (isReadOnly || isPart)) report("modbus/read-only", "access");
  const widthBits = point.type?.endsWith("32") === true ? 32 : 16;
  const highest = Math.max(point.bit ?? 0, point.bits?.[1] ?? 0);
  if (isPart && !isInteger && point.type !== "bool") report("modbus/bits-of-integer", "type");
  else if (isPart && (isBitTable || highest >= widthBits))
    report("modbus/bit-range", bitKey(point));
  if (point.bits !== undefined && point.bits[0] > point.bits[1]) report("modbus/bit-range", "bits");
  if (point.scale === 0) report("modbus/scale-zero", "scale");
});
export type ModbusPoint = z.infer<typeof pointSchema>;

/** Settings of a device that a template may give. */
export const deviceSettings = {
  every: duration({ min: 50 }).default(10_000).meta({ description: "Time between two readings" }),
  timeout: duration({ min: 10, max: 60_000 })
    .optional()
    .meta({ description: "How long to wait for an answer, in place of the channel's" }),
  gap: z.int().min(0).max(registersMaxLimit).optional().meta({
    description: "Unused registers that may be read along to merge two points into one request",
  }),
  registersMax: z.int().min(1).max(registersMaxLimit).optional().meta({
    description: "Most registers that the device answers in one request",
  }),
  byteOrder: z
    .enum(orders)
    .default("ABCD")
    .meta({ description: "Byte order of values that are longer than one register" }),
  addressBase: z
    .union([z.literal(0), z.literal(1)])
    .default(0)
    .meta({ description: "1 where the manual counts registers from 1" }),
  writeFunction: z.enum(["single", "multiple"]).default("single").meta({
    description: "single: FC05/FC06 for one coil or register; multiple: always FC15/FC16",
  }),
};

const deviceObject = z.strictObject({
  template: z.string().optional().meta({ description: "Device model: a file in templates/" }),
  name: z.string().max(120).optional().meta({ description: "What people call the device" }),
  unitId: z.int().min(0).max(255).meta({ description: "1 to 247 on a serial line" }),
  ...deviceSettings,
  points: z.record(id, pointSchema).default({}),
});

const deviceSchema = deviceObject.check(({ value: device, issues }) => {
  for (const [name, point] of Object.entries(device.points)) {
    const isRegister = point.table === "input" || point.table === "holding";
    const width = widthOf(point);
    const last = point.address - device.addressBase + width - 1;
    const report = (message: string, key: string) =>
      issues.push({ code: "custom", input: point, message, path: ["points", name, key] });
    if (point.address < device.addressBase || last > 65_535)
      report("modbus/address-range", "address");
    if (isRegister && width > (device.registersMax ?? registersMaxLimit))
      report("modbus/registers-max", "type");
  }
});
export type ModbusDevice = z.infer<typeof deviceSchema>;

const channelObject = z.strictObject({
  driver: z.literal("modbus"),
  name: z.string().max(120).optional().meta({ description: "What people call the channel" }),
  port: addressSchema,
  mode: z.enum(["tcp", "rtu-over-tcp"]).default("tcp").meta({
    description: "For tcp:// ports. rtu-over-tcp: a serial device server that passes bytes through",
  }),
  baudRate: z
    .int()
    .min(300)
    .max(4_000_000)
    .default(9_600)
    .meta({ description: "Speed of the serial line, the same in every unit", unit: "Bd" }),
  dataBits: z
    .union([z.literal(7), z.literal(8)])
    .default(8)
    .meta({ description: "RTU needs 8" }),
  parity: z.enum(["none", "even", "odd"]).default("none").meta({ description: "Parity bit" }),
  stopBits: z
    .union([z.literal(1), z.literal(2)])
    .default(1)
    .meta({ description: "Without parity the standard wants 2; most devices take 1" }),
  dtr: z.boolean().optional().meta({ description: "Level of the line DTR (default: raised)" }),
  rts: z.boolean().optional().meta({ description: "Level of the line RTS (default: raised)" }),
  timeout: duration({ min: 10, max: 60_000 })
    .default(1_000)
    .meta({ description: "How long to wait for the beginning of an answer" }),
  turnaround: duration({ max: 10_000 })
    .optional()
    .meta({ description: "Silence between frames (default 20ms on serial lines, none on tcp)" }),
  gap: z.int().min(0).max(registersMaxLimit).default(8).meta({
    description: "Unused registers that may be read along to merge two points into one request",
  }),
  registersMax: z.int().min(1).max(registersMaxLimit).default(registersMaxLimit).meta({
    description: "Most registers in one request",
  }),
  devices: z.record(id, deviceSchema),
});

export const channelSchema = channelObject.check(({ value: channel, issues }) => {
  if (!isSerialLine(channel)) return;
  for (const [name, device] of Object.entries(channel.devices)) {
    if (device.unitId >= 1 && device.unitId <= 247) continue;
    issues.push({
      code: "custom",
      input: device.unitId,
      message: "modbus/unit-id",
      path: ["devices", name, "unitId"],
    });
  }
});
export type ModbusChannel = z.infer<typeof channelSchema>;

/** Whether frames travel in RTU form: on a serial port, or through a serial device server. */
export function isSerialLine(channel: Pick<ModbusChannel, "port" | "mode">): boolean {
  return parseAddress(channel.port).kind === "serial" || channel.mode === "rtu-over-tcp";
}

/** Registers, or bits for coils and discrete inputs. */
export function widthOf(point: Pick<ModbusPoint, "type">): number {
  return point.type === undefined || point.type === "bool" ? 1 : registersOf[point.type];
}

function bitKey(point: { readonly bit?: number | undefined }): string {
  return point.bit === undefined ? "bits" : "bit";
}
