import { z } from "zod";
import { duration } from "../../drivers/quantity.ts";
import { conditionSchema, leafKeys, pointKeySchema } from "./condition.ts";

export const prioritySchema = z.enum(["low", "medium", "high", "critical"]);
export type Priority = z.infer<typeof prioritySchema>;

const outputs = z.array(pointKeySchema);
const names = z.array(z.string()).max(20);

/** What a level may say differently from its rule. */
const levelSchema = z.strictObject({
  above: leafKeys.above,
  atOrAbove: leafKeys.atOrAbove,
  below: leafKeys.below,
  atOrBelow: leafKeys.atOrBelow,
  deadband: leafKeys.deadband,
  total: leafKeys.total,
  within: leafKeys.within,
  onDelay: duration().optional(),
  offDelay: duration().optional(),
  priority: prioritySchema.optional(),
  message: z.string().max(200).optional(),
  advise: z.string().max(400).optional(),
  outputs: outputs.optional(),
  annunciate: names.optional(),
  notify: names.optional(),
  escalate: z.string().optional(),
  latch: z.boolean().optional(),
});

/** What happens with an alarm, besides when: the same for rules of the file and of profiles. */
const handling = {
  location: z.string().optional(),
  onDelay: duration()
    .default(0)
    .meta({ description: "The violation must last this long before the alarm" }),
  offDelay: duration()
    .default(0)
    .meta({ description: "Back to normal must last this long before the alarm returns" }),
  priority: prioritySchema.default("medium"),
  message: z.string().max(200).optional(),
  advise: z
    .string()
    .max(400)
    .optional()
    .meta({ description: "What the person who gets the alarm is to do" }),
  cause: z.string().max(400).optional().meta({ description: "What usually is behind it" }),
  consequence: z.string().max(400).optional().meta({ description: "What happens if nobody acts" }),
  respondWithin: duration({ min: 1_000 })
    .optional()
    .meta({ description: "Time in which somebody must have acted" }),
  outputs: outputs.default([]),
  annunciate: names.default([]).meta({ description: "Annunciators that show it" }),
  notify: names.default([]).meta({ description: "Receivers that are told at once" }),
  escalate: z.string().optional().meta({ description: "The escalation ladder to climb" }),
  latch: z.boolean().default(false).meta({
    description: "Back to normal is not the end: a person must acknowledge, then reset",
  }),
  reAlarm: duration({ min: 1_000 }).optional().meta({
    description: "An acknowledged alarm that is still active calls again after this",
  }),
  reAlarmMax: z.int().min(1).max(100).optional().meta({
    description: "How often it calls again (default: without end)",
  }),
  raiseTo: prioritySchema.optional().meta({
    description: "Priority of an alarm that is active for longer than raiseAfter",
  }),
  raiseAfter: duration({ min: 1_000 }).optional(),
  autoAcknowledge: z.boolean().default(false).meta({
    description: "Back to normal counts as acknowledged; not for limits of a storage profile",
  }),
  reason: z.enum(["optional", "required"]).default("optional").meta({
    description: "Whether an acknowledgement must say what was found or done",
  }),
  shelveMax: duration({ min: 60_000 })
    .default(8 * 3_600_000)
    .meta({
      description: "Longest time for which a person may shelve it",
    }),
  suppressWhile: conditionSchema.optional().meta({
    description: "No alarm while this holds, for example a defrost; the record goes on",
  }),
  suppressMax: duration({ min: 1_000 }).default(3_600_000).meta({
    description: "After this the suppression ends by itself, and the alarm comes",
  }),
  inhibitedBy: z.array(z.string()).max(20).default([]).meta({
    description: "Rules whose alarm explains this one: while they are active nobody is told of it",
  }),
};

export const ruleSchema = z.strictObject({
  ...leafKeys,
  all: z.array(conditionSchema).min(1).optional(),
  any: z.array(conditionSchema).min(1).optional(),
  not: conditionSchema.optional(),
  levels: z
    .record(z.string().regex(/^[A-Za-z][A-Za-z0-9-]{0,15}$/, { error: "id" }), levelSchema)
    .optional()
    .meta({ description: "Several limits of the point, for example HH, H, L, LL" }),
  ...handling,
});
export type RuleConfig = z.infer<typeof ruleSchema>;
export type LevelConfig = z.infer<typeof levelSchema>;
