import { z } from "zod";
import { deviceSettings, pointsSchema } from "./schema.ts";

const exampleSchema = z
  .strictObject({
    hex: z
      .string()
      .regex(/^(?:[0-9a-f]{2}\s*)+$/i, { error: "scale/hex" })
      .optional()
      .meta({ description: "One frame, as the scale sends it" }),
    text: z
      .string()
      .min(1)
      .optional()
      .meta({ description: "The same for frames of text, in quotes, with \\r\\n at the end" }),
    expect: z.strictObject({
      weight: z
        .number()
        .nullable()
        .meta({ description: "As sent; null where there is no true weight" }),
      unit: z.string().optional(),
      stable: z.boolean().optional(),
      net: z.boolean().optional(),
      status: z.string().optional().meta({ description: "ok unless told" }),
    }),
  })
  .check(({ value: example, issues }) => {
    if ((example.hex === undefined) === (example.text === undefined))
      issues.push({ code: "custom", input: example, message: "scale/example", path: [] });
  });

/** A scale model: what a technician would otherwise copy from its manual. */
export const templateSchema = z.strictObject({
  vendor: z.string().min(1),
  model: z.string().min(1),
  driver: z.literal("scale"),
  source: z.string().min(1).meta({ description: "Manual, edition and page of the frames" }),
  trust: z.string().min(1).meta({ description: "How far the frames were verified" }),
  notes: z.string().optional(),
  device: z.strictObject(deviceSettings).partial(),
  points: pointsSchema.optional(),
  examples: z.array(exampleSchema).min(1),
});
