import { z } from "zod";
import { revisionSources } from "../down/outcome.ts";

/** Milliseconds since 1970. */
const time = z.number();

export const configurationViewSchema = z.object({
  serial: z.number().meta({ description: "Ascending over all who change it" }),
  at: time,
  source: z.enum(revisionSources),
  author: z.string(),
  outcome: z.enum(["trial", "confirmed", "refused", "rolled-back"]),
  runs: z.boolean().meta({ description: "It is the one that runs, on trial or confirmed" }),
  reason: z.string().optional(),
  comment: z.string().optional(),
  revision: z.number().optional().meta({ description: "Central's number" }),
  difference: z
    .array(z.string())
    .meta({ description: "Lines that went (`- `) and came (`+ `) since the one before" }),
});
export type ConfigurationView = z.infer<typeof configurationViewSchema>;

export const restoreBodySchema = z.strictObject({
  password: z.string().min(1).max(256).meta({ description: "Of whoever is logged in" }),
  seen: z.int().min(0).meta({ description: "The newest serial that the person saw" }),
});
