import { z } from "zod";
import { deviceSettings, pointSchema } from "./schema.ts";

const exampleObject = z.strictObject({
  topic: z.string().optional().meta({
    description: "Default: the device's topic; the example's device has the topic device",
  }),
  payload: z.string().optional().meta({ description: "The message, as text" }),
  hex: z
    .string()
    .regex(/^(?:[0-9a-f]{2}\s*)+$/i, { error: "mqtt/hex" })
    .optional()
    .meta({ description: "The message in hex, for Sparkplug" }),
  expect: z
    .record(z.string(), z.union([z.number(), z.string(), z.boolean(), z.null()]))
    .meta({ description: "Value of each point that it sets; null where the sample must be bad" }),
});

const exampleSchema = exampleObject.check(({ value: example, issues }) => {
  if ((example.payload === undefined) !== (example.hex === undefined)) return;
  issues.push({ code: "custom", input: example, message: "mqtt/example-payload", path: [] });
});

/** A device model: its topics and the places of its values. */
export const templateSchema = z.strictObject({
  vendor: z.string().min(1),
  model: z.string().min(1),
  driver: z.literal("mqtt"),
  source: z.string().min(1).meta({ description: "Manual or document of the messages" }),
  trust: z.string().min(1).meta({ description: "How far it was verified" }),
  notes: z.string().optional(),
  device: z.strictObject(deviceSettings).partial().prefault({}),
  points: z.record(z.string(), pointSchema),
  examples: z.array(exampleSchema).min(1),
});
