import { z } from "zod";
import { channelKinds } from "../../config/schema/notify.ts";
import { prioritySchema } from "../../config/schema/rule.ts";
import { excursionSchema } from "../cold-chain/excursion.ts";
import { auditEntriesMax, bulkAcknowledgeMax } from "./limits.ts";

/** What the gateway's HTTP names about alarms and what follows from them take and answer. */

const reason = z.string().trim().min(3).max(500);

/** `POST /api/alarms/{id}/...`: id is an alarm's (`rule#occurrence`) or a rule's. */
export const commentSchema = z.strictObject({ comment: z.string().max(500).optional() });
export const shelveSchema = z
  .strictObject({
    reason,
    minutes: z.number().positive().max(100_000).optional(),
    /** Until it returns, instead of for some minutes. */
    oneShot: z.literal(true).optional(),
  })
  .refine(({ minutes, oneShot }) => (minutes === undefined) === (oneShot === true), {
    message: "give minutes or oneShot",
  });
export const reasonSchema = z.strictObject({ reason });
export const serviceSchema = z.strictObject({
  reason,
  /** Expected return, milliseconds since 1970. */
  until: z.number().optional(),
});
export const bulkSchema = z.strictObject({
  ids: z.array(z.string()).min(1).max(bulkAcknowledgeMax),
  comment: z.string().max(500).optional(),
});

export const excursionViewSchema = excursionSchema.omit({
  version: true,
  kinetic: true,
  last: true,
  told: true,
});
export type ExcursionView = z.infer<typeof excursionViewSchema>;

/** An electronic signature: the person who is logged in, now, with what it means. */
export const dispositionBodySchema = z.strictObject({
  to: z.enum(["quarantined", "released", "discarded"]),
  meaning: z.string().trim().min(3).max(200),
  comment: z.string().max(500).optional(),
});

const testSchema = z.object({
  at: z.number(),
  by: z.string(),
  results: z.record(z.string(), z.string()),
});

export const receiverViewSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  channels: z.array(z.object({ channel: z.enum(channelKinds), addresses: z.number() })),
  /** The last test of it, if there was one. */
  test: testSchema.optional(),
  /** Channels that are being tried without success. */
  failing: z.array(
    z.object({ channel: z.enum(channelKinds), since: z.number(), problem: z.string() }),
  ),
});
export type ReceiverView = z.infer<typeof receiverViewSchema>;

export const pushesViewSchema = z.object({
  waiting: z.number(),
  flooded: z.boolean(),
  /** Pushes that were given up, the newest first. */
  dead: z.array(
    z.object({
      id: z.string(),
      receiver: z.string(),
      channel: z.enum(channelKinds),
      kind: z.string(),
      alarm: z.string().optional(),
      priority: prioritySchema,
      short: z.string(),
      attempts: z.number(),
      problem: z.string(),
      at: z.number(),
    }),
  ),
});
export type PushesView = z.infer<typeof pushesViewSchema>;

/** What is due by the calendar. */
export const dueViewSchema = z.object({
  /** `output/<point>` and `receiver/<id>` that were not tested for too long. */
  tests: z.array(z.string()),
  /** The last test of each output, by `output/<point>`. */
  tested: z.array(testSchema.extend({ what: z.string() })).optional(),
  calibrations: z.array(
    z.object({
      point: z.string(),
      on: z.string(),
      due: z.string(),
      daysLeft: z.number(),
      certificate: z.string().optional(),
    }),
  ),
});
export type DueView = z.infer<typeof dueViewSchema>;

const extreme = z.object({ value: z.number(), at: z.number() });
export const minMaxViewSchema = z.object({
  point: z.string(),
  min: extreme,
  max: extreme,
  since: z.number(),
  resetBy: z.string().optional(),
});
export type MinMaxView = z.infer<typeof minMaxViewSchema>;

export const mktViewSchema = z.object({
  location: z.string(),
  point: z.string(),
  /** Length of the rolling window, milliseconds. */
  windowMs: z.number(),
  /** The most that the profile allows, degrees Celsius. */
  max: z.number(),
  /** Absent where it is refused. */
  celsius: z.number().optional(),
  /** `coverage`: too little of the window is known; `freeze`: it cannot be taken of what was frozen. */
  refused: z.enum(["coverage", "freeze"]).optional(),
  /** Share of the window that is known, 0 to 1. */
  coverage: z.number(),
  isOver: z.boolean(),
});
export type MktView = z.infer<typeof mktViewSchema>;

export const auditViewSchema = z.object({
  seq: z.number(),
  ts: z.string(),
  actor: z.string(),
  action: z.string(),
  data: z.record(z.string(), z.unknown()),
  hash: z.string(),
});
export type AuditView = z.infer<typeof auditViewSchema>;

const instant = z.iso.datetime();
export const auditSearchSchema = z.object({
  before: z.coerce
    .number()
    .int()
    .min(1)
    .optional()
    .meta({ description: "Only entries with a lower number" }),
  actor: z.string().max(120).optional().meta({ description: "Part of who did it" }),
  action: z.string().max(60).optional().meta({ description: "How the action begins" }),
  from: instant.optional(),
  to: instant.optional(),
  limit: z.coerce.number().int().min(1).max(auditEntriesMax).default(50),
});
export const auditPageSchema = z.object({
  /** Newest first. */
  entries: z.array(auditViewSchema),
  /** Where to go on with `before`; absent at the beginning of the trail. */
  next: z.number().optional(),
});
