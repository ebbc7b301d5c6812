import { z } from "zod";
import { pointKeySchema } from "./condition.ts";

const output = pointKeySchema.optional();

/** A lamp, buzzer or whole stack light at one place. Colours follow IEC 60073. */
export const annunciatorSchema = z.strictObject({
  name: z.string().max(120).optional(),
  place: z.enum(["here", "second"]).default("here").meta({
    description: "second: the other place that must hear it, for example the guard's desk",
  }),
  red: output.meta({ description: "Shows critical and high alarms" }),
  amber: output.meta({ description: "Shows medium alarms, and what returned unseen" }),
  blue: output.meta({ description: "Shows low alarms (default: amber)" }),
  green: output.meta({ description: "On while nothing waits" }),
  lamp: output.meta({ description: "One lamp for all" }),
  buzzer: output,
  siren: output.meta({ description: "Sounds for critical alarms only" }),
  heartbeat: output.meta({ description: "Blinks while the gateway decides about alarms" }),
});
export type AnnunciatorConfig = z.infer<typeof annunciatorSchema>;
