import { z } from "zod";
import { addressSchema } from "../../drivers/address.ts";
import { pointSettings } from "../../drivers/point-settings.ts";
import { duration } from "../../drivers/quantity.ts";

/** Addresses and probes are one digit each in a frame. */
const unitMax = 9;
const probeMax = 4;

const id = z.string().regex(/^[a-z0-9][a-z0-9._-]{0,62}$/i, { error: "id" });

export const pointSchema = z.strictObject({
  probe: z.int().min(1).max(probeMax).meta({ description: "Socket of the probe, as printed" }),
  ...pointSettings,
  unit: z.literal("Cel").default("Cel").meta({ description: "The device knows no other" }),
});

/** Settings of a device that a template may give. */
export const deviceSettings = {
  every: duration({ min: 50 }).default(5_000).meta({ description: "Time between two readings" }),
};

const deviceSchema = z.strictObject({
  template: z.string().optional().meta({ description: "Device model: a file in templates/" }),
  name: z.string().max(120).optional().meta({ description: "What people call the device" }),
  unit: z.int().min(1).max(unitMax).meta({ description: "Address on the line" }),
  ...deviceSettings,
  points: z.record(id, pointSchema).default({}),
});

export const channelSchema = z.strictObject({
  driver: z.literal("thermometer"),
  name: z.string().max(120).optional().meta({ description: "What people call the channel" }),
  port: addressSchema,
  timeout: duration({ min: 10, max: 10_000 })
    .default(500)
    .meta({ description: "How long to wait for an answer" }),
  devices: z.record(id, deviceSchema),
});
export type ThermometerChannel = z.infer<typeof channelSchema>;
