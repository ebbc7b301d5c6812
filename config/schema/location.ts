import { z } from "zod";
import { pointKeySchema } from "./condition.ts";

const names = z.array(z.string()).max(20).default([]);
const pointKeys = z
  .union([pointKeySchema, z.array(pointKeySchema).min(1).max(50)])
  .transform((given) => (Array.isArray(given) ? given : [given]));

export const locationSchema = z.strictObject({
  kind: z.enum(["room", "rack", "shelf", "gate"]),
  name: z.string().max(120).optional(),
  within: z.string().optional(),
  points: z
    .array(z.string())
    .default([])
    .meta({ description: "device/point keys that watch this location" }),
  profile: z.string().optional().meta({
    description: "Storage profile: its limits become rules, its duties are checked",
  }),
  temperature: pointKeys
    .optional()
    .meta({ description: "Points that the profile's temperature limits watch" }),
  humidity: pointKeys
    .optional()
    .meta({ description: "Points that the profile's humidity limits watch" }),
  door: pointKeySchema
    .optional()
    .meta({ description: "A switch that is true while the door is open" }),
  mains: pointKeySchema
    .optional()
    .meta({ description: "A switch that is true while mains power is there" }),
  probe: z.enum(["air", "buffered"]).default("air").meta({
    description: "air: sees the air at once; buffered: sees what the goods feel",
  }),
  area: z
    .number()
    .positive()
    .optional()
    .meta({ description: "Square metres, for the number of probes", unit: "m2" }),
  annunciate: names.meta({ description: "Annunciators of the profile's alarms" }),
  notify: names.meta({ description: "Receivers of the profile's alarms" }),
  escalate: z.string().optional(),
});
export type LocationConfig = z.infer<typeof locationSchema>;
