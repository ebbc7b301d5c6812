import { z } from "zod";
import { prioritySchema } from "../../config/schema/rule.ts";
import { alarmViewSchema, qualitySchema, valueSchema } from "../../gateway/panel/api.ts";

/** What central's read API answers: the one source of validation, OpenAPI and the screens' types. */

export const gatewayStates = ["never", "reporting", "silent", "stopped"] as const;
export type GatewayState = (typeof gatewayStates)[number];

export const gatewayRowSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  epoch: z.string().optional(),
  /** Last batch that was accepted, in milliseconds since 1970 by central's clock; absent before the first. */
  lastContactAt: z.number().optional(),
  /** Newest sample that central has from it. */
  lastSampleAt: z.number().optional(),
  marks: z.object({ events: z.number(), samples: z.number() }),
  /** Open alarms, central's own included. */
  activeAlarms: z.number(),
  /** never: enrolled, did not speak yet. silent: no heartbeat. stopped: its agent speaks, it stands still. */
  state: z.enum(gatewayStates),
  /** Since when it is silent or stopped, by central's clock. */
  since: z.number().optional(),
  points: z.number(),
  /** When a snapshot last told values and alarms ahead of their rows. */
  snapshotAt: z.number().optional(),
  /** Absent: central has nearly all that the gateway wrote. */
  backlog: z
    .object({
      rows: z.number(),
      /** Until central has them, at the rate of the last reports; absent while it does not become less. */
      remainingMs: z.number().optional(),
    })
    .optional(),
  /** How many are on record; counted up to 10,000. */
  records: z.object({ rejects: z.number(), gaps: z.number(), conflicts: z.number() }),
});
export type GatewayRow = z.infer<typeof gatewayRowSchema>;

const valueRowSchema = z.object({
  gateway: z.string(),
  point: z.string(),
  sampledAt: z.number(),
  quality: qualitySchema,
  value: valueSchema.optional(),
  reason: z.string().optional(),
  /** Of years in which no gateway measured anything: the clock was not set. */
  strangeTime: z.literal(true).optional(),
});

/** Unit (UCUM), name and location as the gateway's configuration had them at its last start. */
export const latestRowSchema = valueRowSchema.extend({
  unit: z.string().optional(),
  name: z.string().optional(),
  location: z.string().optional(),
});
export type LatestRow = z.infer<typeof latestRowSchema>;

export const sampleRowSchema = valueRowSchema.extend({ epoch: z.string(), seq: z.number() });
export type SampleRow = z.infer<typeof sampleRowSchema>;

export const alarmRowSchema = alarmViewSchema
  .pick({ rule: true, state: true, message: true, since: true })
  .extend({
    gateway: z.string(),
    /** What people call it; absent: its id only. */
    gatewayName: z.string().optional(),
    alarm: z.string(),
    priority: prioritySchema,
    acknowledgedBy: z.string().optional(),
    comment: z.string().optional(),
    point: z.string().optional(),
    pointName: z.string().optional(),
    /** Unit of `value`, UCUM. */
    unit: z.string().optional(),
    value: valueSchema.optional(),
  });
export type AlarmRow = z.infer<typeof alarmRowSchema>;
