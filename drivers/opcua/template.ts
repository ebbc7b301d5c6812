import { z } from "zod";
import { deviceSettings, pointSchema } from "./schema.ts";

/** A device model, or a companion specification: what a technician would otherwise look up node by node. */
export const templateSchema = z.strictObject({
  vendor: z.string().min(1),
  model: z.string().min(1),
  driver: z.literal("opcua"),
  source: z.string().min(1).meta({ description: "Manual or specification, edition and clause" }),
  trust: z.string().min(1).meta({ description: "How far the nodes were verified" }),
  notes: z.string().optional(),
  device: z.strictObject(deviceSettings).partial().prefault({}),
  points: z.record(z.string(), pointSchema),
});
