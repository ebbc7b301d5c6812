import { z } from "zod";
import { languageSchema } from "../../config/language/language.ts";
import { prioritySchema } from "../../config/schema/rule.ts";
import { alarmStates } from "../alarms/alarm.ts";
import { silenceMsMax } from "../alarms/annunciator.ts";
import { permissionSchema, roleSchema } from "./roles.ts";
import { stockViewSchema } from "./stock-api.ts";

/** What the gateway's HTTP names answer (design 8): the one source of validation, OpenAPI and the screens' types. */

export const valueSchema = z.union([z.number(), z.string(), z.boolean()]);
export const qualitySchema = z.enum(["good", "uncertain", "bad"]);

export const pointViewSchema = z.object({
  key: z.string(),
  name: z.string().optional(),
  location: z.string().optional(),
  unit: z.string().optional(),
  kind: z.enum(["number", "boolean", "text"]),
  value: valueSchema.optional(),
  quality: qualitySchema.optional(),
  reason: z.string().optional(),
  /** Milliseconds since 1970; absent before the first sample. */
  sampledAt: z.number().optional(),
  stale: z.boolean(),
  staleAfterMs: z.number(),
});
export type PointView = z.infer<typeof pointViewSchema>;

export const sampleViewSchema = z.object({
  sampledAt: z.number(),
  quality: qualitySchema,
  value: valueSchema.optional(),
  reason: z.string().optional(),
});
export type SampleView = z.infer<typeof sampleViewSchema>;

export const alarmViewSchema = z.object({
  id: z.string(),
  rule: z.string(),
  state: z.enum(alarmStates),
  active: z.boolean(),
  acknowledged: z.boolean(),
  latched: z.boolean(),
  shelved: z
    .object({
      by: z.string(),
      reason: z.string().optional(),
      since: z.number(),
      until: z.number(),
      oneShot: z.boolean(),
    })
    .optional(),
  suppressed: z
    .object({ since: z.number(), by: z.string().optional(), reason: z.string().optional() })
    .optional(),
  outOfService: z
    .object({
      by: z.string(),
      reason: z.string(),
      since: z.number(),
      until: z.number().optional(),
    })
    .optional(),
  /** Nobody is told: another alarm explains it. */
  inhibited: z.boolean().optional(),
  /** It is active because nothing better is known: its point has no good value at present. */
  held: z.boolean().optional(),
  priority: prioritySchema,
  message: z.string(),
  advise: z.string().optional(),
  location: z.string().optional(),
  item: z.string().optional(),
  lot: z.string().optional(),
  point: z.string().optional(),
  value: valueSchema.optional(),
  /** Numbers and words by which it was raised, where no single value says it. */
  figures: z.record(z.string(), z.union([z.number(), z.string()])).optional(),
  /** What the value was compared with; absent for rules that compare several values or an age. */
  limit: z
    .object({
      is: z.enum(["above", "below", "equal"]),
      value: valueSchema,
      /** The limit itself already violates. */
      inclusive: z.boolean().optional(),
    })
    .optional(),
  raisedAt: z.number(),
  since: z.number(),
  /** How often it called again. */
  reAlarms: z.number().optional(),
  acknowledgedBy: z.string().optional(),
  acknowledgedAt: z.number().optional(),
  comment: z.string().optional(),
});
export type AlarmView = z.infer<typeof alarmViewSchema>;

export const outputViewSchema = z.object({
  key: z.string(),
  name: z.string().optional(),
  value: z.boolean(),
  /** Alarms that drive it. */
  alarms: z.array(z.string()),
  silenced: z.boolean(),
  /** Who silenced it, while it is, and until when (milliseconds since 1970). */
  silence: z.object({ by: z.string(), until: z.number() }).optional(),
  testing: z.boolean(),
  problem: z.string().optional(),
  /** The annunciator that it is part of, and where that stands. */
  annunciator: z.string().optional(),
  place: z.enum(["here", "second"]).optional(),
});
export type OutputView = z.infer<typeof outputViewSchema>;

export const laneViewSchema = z.object({
  head: z.number(),
  cursor: z.number(),
  backlog: z.number(),
  oldestAt: z.number().optional(),
});
export const syncViewSchema = z.object({
  configured: z.boolean(),
  epoch: z.string(),
  lanes: z.object({ events: laneViewSchema, samples: laneViewSchema }),
  /** Last time that central answered. */
  lastContactAt: z.number().optional(),
  problem: z.string().optional(),
  /** What somebody can do about it. */
  todo: z.string().optional(),
  /** Until the backlog is gone, as the agent reckons. */
  etaMs: z.number().optional(),
});
export type SyncView = z.infer<typeof syncViewSchema>;

export const noticeViewSchema = z.object({
  part: z.string(),
  code: z.string(),
  message: z.string(),
  where: z.string().optional(),
  todo: z.string().optional(),
  since: z.number(),
});
export type NoticeView = z.infer<typeof noticeViewSchema>;

export const locationViewSchema = z.object({
  id: z.string(),
  kind: z.enum(["room", "rack", "shelf", "gate"]),
  name: z.string().optional(),
  within: z.string().optional(),
  points: z.array(z.string()),
  /** The point of the scale under it. */
  weight: z.string().optional(),
});
export const gatewayViewSchema = z.object({
  id: z.string(),
  name: z.string().optional(),
  language: languageSchema,
  timezone: z.string(),
  startedAt: z.number(),
  now: z.number(),
  clock: z.enum(["synchronized", "unsynchronized", "unset"]),
  locations: z.array(locationViewSchema),
});
export type GatewayView = z.infer<typeof gatewayViewSchema>;

export const acknowledgeSchema = z.strictObject({ comment: z.string().max(500).optional() });
export const loginSchema = z.strictObject({
  user: z.string().min(1).max(64),
  password: z.string().min(1).max(256),
});
const userName = z.string().regex(/^[\p{L}\p{N}._-]{1,64}$/u);
const newPassword = z.string().min(10).max(256);
/** First start: the one-time code that the log prints makes the first user. */
export const setupSchema = z.strictObject({
  code: z.string().min(1).max(64),
  user: userName,
  password: newPassword,
});
export const sessionViewSchema = z.object({
  user: z.string().optional(),
  roles: z.array(roleSchema).optional(),
  /** What the roles allow. */
  may: z.array(permissionSchema).optional(),
  setupNeeded: z.boolean(),
});
export type SessionView = z.infer<typeof sessionViewSchema>;

/** A person who may act. Nobody is deleted, only disabled: what a person did stays theirs. */
export const userViewSchema = z.object({
  user: z.string(),
  fullName: z.string().optional(),
  roles: z.array(roleSchema),
  disabled: z.boolean(),
  locked: z.boolean(),
  createdAt: z.number(),
});
export type UserView = z.infer<typeof userViewSchema>;
const roleList = z.array(roleSchema).min(1).max(roleSchema.options.length);
export const newUserSchema = z.strictObject({
  user: userName,
  fullName: z.string().max(120).optional(),
  password: newPassword,
  roles: roleList,
});
export const userChangeSchema = z.strictObject({
  fullName: z.string().max(120).optional(),
  roles: roleList.optional(),
  disabled: z.boolean().optional(),
  password: newPassword.optional(),
  /** Ends a lockout. */
  unlock: z.literal(true).optional(),
});
export const passwordChangeSchema = z.strictObject({
  password: z.string().min(1).max(256),
  newPassword,
});

/** `POST /api/silence`: buzzers keep quiet for so long, lamps stay on, a new alarm sounds again. */
export const silenceSchema = z.strictObject({
  minutes: z
    .int()
    .min(1)
    .max(silenceMsMax / 60_000),
});

/**
 * Server-sent events on /api/events: `event:` is the key, `data:` the JSON. The first after a connect is `snapshot`.
 * A `heartbeat` event with empty data follows 15 s of silence: a comment would not reach the page's code.
 */
export const snapshotSchema = z.object({
  gateway: gatewayViewSchema,
  points: z.array(pointViewSchema),
  alarms: z.array(alarmViewSchema),
  outputs: z.array(outputViewSchema),
  sync: syncViewSchema,
  notices: z.array(noticeViewSchema),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

/** `change` events carry only the parts that changed; points by key, the others whole. */
export const changeSchema = snapshotSchema.partial().extend({
  /** Where stock is different now; pages ask for the rest of it. */
  stock: z.array(stockViewSchema).optional(),
});
export type Change = z.infer<typeof changeSchema>;

/** Every error answer. */
export const errorSchema = z.object({
  code: z.string(),
  message: z.string(),
  todo: z.string().optional(),
});
