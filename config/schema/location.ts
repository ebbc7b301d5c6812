import { z } from "zod";
import { mass } from "../../drivers/quantity.ts";
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
  weight: pointKeySchema
    .optional()
    .meta({ description: "The scale under this location, in a unit of mass" }),
  shelfTemperature: pointKeySchema.optional().meta({
    description: "Temperature at the load cell, to correct its drift (default: temperature)",
  }),
  tare: mass()
    .optional()
    .meta({ description: "Weight of the empty shelf or its containers (default 0 g)" }),
  capacity: mass()
    .refine((kg) => kg > 0, { error: "item/zero-weight" })
    .optional()
    .meta({ description: "Heaviest load that the shelf may carry" }),
  division: mass()
    .refine((kg) => kg > 0, { error: "item/zero-weight" })
    .optional()
    .meta({ description: "Scale interval d, the smallest step of the scale (default 1 g)" }),
  mixed: z.boolean().default(false).meta({
    description: "Several items share the scale and are told apart by the weight of a piece",
  }),
  tags: pointKeySchema
    .optional()
    .meta({ description: "The reader's point that names the tags here (device/tags)" }),
  gate: z
    .strictObject({
      inside: pointKeySchema.meta({ description: "tags of the antenna on the inner side" }),
      outside: pointKeySchema.meta({ description: "tags of the antenna on the outer side" }),
      into: z.string().meta({ description: "The location that one enters" }),
      from: z
        .string()
        .optional()
        .meta({ description: "The location on the outer side (default: none, goods leave)" }),
    })
    .optional()
    .meta({ description: "A gate: what passes it moves between two locations" }),
  annunciate: names.meta({ description: "Annunciators of the profile's alarms" }),
  notify: names.meta({ description: "Receivers of the profile's alarms" }),
  escalate: z.string().optional(),
});
export type LocationConfig = z.infer<typeof locationSchema>;
