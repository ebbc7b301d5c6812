import { z } from "zod";
import { deviceSettings, pointSchema } from "./schema.ts";

/** A device model: what a technician would otherwise copy from its manual. */
export const templateSchema = z.strictObject({
  vendor: z.string().min(1),
  model: z.string().min(1),
  driver: z.literal("thermometer"),
  source: z.string().min(1).meta({ description: "Manual, edition and page" }),
  trust: z.string().min(1).meta({ description: "How far it was verified" }),
  notes: z.string().optional(),
  device: z.strictObject(deviceSettings).partial().prefault({}),
  points: z.record(z.string(), pointSchema),
  examples: z
    .array(
      z.strictObject({
        text: z.string().min(1).meta({ description: "One frame, with \\r\\n at its end" }),
        expect: z.strictObject({
          probe: z.int(),
          celsius: z.number().nullable().meta({ description: "null: bad" }),
        }),
      }),
    )
    .min(1),
});
