import { z } from "zod";
import { deviceSettings, pointSchema } from "./schema.ts";

const hex = z.string().regex(/^(?:[0-9a-f]{2}\s*)+$/i, { error: "modbus/hex" });

const exampleSchema = z.strictObject({
  request: z.union([
    z
      .string()
      .regex(/^0[1-4] [0-9a-f]{4} [0-9a-f]{4}$/i, { error: "modbus/example-request" })
      .meta({ description: "Function, first address, count in hex: 04 0001 0002" }),
    z.strictObject({
      table: z.enum(["input", "holding", "coil", "discrete"]),
      address: z.int().min(0).max(65_535),
      count: z.int().min(1).max(2_000),
    }),
  ]),
  response: hex.meta({ description: "Data bytes, or the whole RTU frame with its CRC" }),
  expect: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]))
    .meta({ description: "Value of each point; null where the sample must be bad" }),
});

/** A device model: what a technician would otherwise copy from its manual. */
export const templateSchema = z.strictObject({
  vendor: z.string().min(1),
  model: z.string().min(1),
  driver: z.literal("modbus"),
  source: z.string().min(1).meta({ description: "Manual, edition and page of the register map" }),
  trust: z.string().min(1).meta({ description: "How far the register map was verified" }),
  notes: z.string().optional(),
  line: z
    .strictObject({
      baudRate: z.int().optional(),
      dataBits: z.int().optional(),
      parity: z.enum(["none", "even", "odd"]).optional(),
      stopBits: z.int().optional(),
      unitId: z.int().optional(),
    })
    .optional()
    .meta({ description: "Factory settings of the serial line, for the technician" }),
  device: z.strictObject(deviceSettings).partial().prefault({}),
  points: z.record(z.string(), pointSchema),
  examples: z.array(exampleSchema).min(1),
});
