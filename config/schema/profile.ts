import { z } from "zod";
import { duration } from "../../drivers/quantity.ts";
import { prioritySchema } from "./rule.ts";

const text = z.strictObject({ zh: z.string().max(400), en: z.string().max(400) });

/** One limit of a profile: becomes a rule for each point that it watches. */
const limitSchema = z.strictObject({
  above: z.number().optional(),
  atOrAbove: z.number().optional(),
  below: z.number().optional(),
  atOrBelow: z.number().optional(),
  deadband: z.number().nonnegative().default(0),
  onDelay: duration().default(0),
  onDelayBuffered: duration()
    .optional()
    .meta({ description: "Instead of onDelay for a buffered probe" }),
  offDelay: duration().default(0),
  total: duration({ min: 1_000 }).optional(),
  within: duration({ min: 1_000 }).optional(),
  priority: prioritySchema,
  excursion: z.boolean().default(true).meta({
    description: "Whether its alarm opens an excursion (a pre-alarm does not)",
  }),
  message: text,
  advise: text.optional(),
});

const limits = z.record(z.string().regex(/^[a-z][a-z0-9-]{0,30}$/), limitSchema);

/** Duties that `check` demands of a location with this profile. */
const dutiesSchema = z.strictObject({
  refreshWithin: duration().optional().meta({ description: "Longest time between two readings" }),
  recordEvery: duration().optional().meta({ description: "Longest time between two records" }),
  recordEveryOutside: duration().optional().meta({ description: "The same while out of range" }),
  smsReceivers: z
    .int()
    .min(1)
    .optional()
    .meta({ description: "Distinct numbers that must get an SMS" }),
  secondPlace: z
    .boolean()
    .default(false)
    .meta({ description: "Light and sound at a second place" }),
  mains: z.boolean().default(false).meta({ description: "Mains loss must be watched" }),
  mainsWithin: duration().optional().meta({ description: "Mains loss must be told within this" }),
  noOffset: z.boolean().default(false).meta({ description: "No user may correct a reading" }),
  noRefrigeration: z.boolean().default(false).meta({ description: "No output may drive cooling" }),
  noAcknowledgeByLink: z.boolean().default(false),
  keepFor: duration().optional().meta({ description: "How long records are kept" }),
  calibrateEvery: duration().optional(),
  probesByArea: z.enum(["flat", "cold"]).optional().meta({
    description:
      "GSP's number of probes: flat 300 m2 2 + 1 per 300 m2, cold 100 m2 2 + 1 per 100 m2",
  }),
});

const mktSchema = z.strictObject({
  window: duration({ min: 3_600_000 }),
  max: z.number().meta({ description: "Degrees Celsius" }),
  coverageMin: z.number().min(0).max(1).default(0.9),
});

/** A storage profile: a file in `profiles/`. */
export const profileSchema = z.strictObject({
  profile: z.string(),
  name: text,
  source: z.string().max(400).meta({ description: "The rule book, with its clause" }),
  temperature: limits.default({}),
  humidity: limits.default({}),
  doorOpen: limitSchema
    .pick({ onDelay: true, priority: true, message: true, advise: true })
    .optional(),
  mainsLost: limitSchema
    .pick({ onDelay: true, priority: true, message: true, advise: true })
    .optional(),
  noData: limitSchema
    .pick({ priority: true, message: true, advise: true })
    .extend({ after: duration({ min: 1_000 }) })
    .optional(),
  fault: limitSchema
    .pick({ onDelay: true, priority: true, message: true, advise: true })
    .optional(),
  duties: dutiesSchema.prefault({}),
  mkt: mktSchema.optional(),
});
export type Profile = z.infer<typeof profileSchema>;
export type ProfileLimit = z.infer<typeof limitSchema>;
