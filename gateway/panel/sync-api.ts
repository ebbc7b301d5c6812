import { z } from "zod";
import { lanes } from "../store/store.ts";
import { gatewayViewSchema, syncViewSchema } from "./api.ts";

/** What `GET /api/sync` answers besides how far central is: why, since when, and what the store can still take. */

const time = z.number().meta({ description: "Milliseconds since 1970" });
const problemSchema = z.object({
  code: z.string(),
  message: z.string(),
  where: z.string().optional(),
  todo: z.string().optional(),
  since: time,
});

/** As the agent wrote it last; it has no door of its own. */
const agentSchema = z.object({
  at: time,
  startedAt: time,
  helloAt: time.optional(),
  schemaVersion: z.number().optional(),
  clockAheadMs: z.number().optional().meta({ description: "Central's clock less this one" }),
  rowsPerSecond: z.number().optional().meta({ description: "Samples that central took lately" }),
  behindMs: z.number().optional().meta({ description: "Age of the sample that was sent last" }),
  requestMs: z.number().optional(),
  batchRows: z.number(),
  gaps: z.number(),
  rejectedRows: z.number(),
});

const clockSchema = z.object({
  quality: gatewayViewSchema.shape.clock,
  corrections: z
    .array(z.object({ bootAt: time, rows: z.number(), open: z.boolean() }))
    .meta({ description: "Boots whose rows got their true times when the clock was set" }),
});

const storeSchema = z.object({
  onDisk: z.boolean().meta({ description: "false: what happens is kept in memory only" }),
  bytes: z.number(),
  bytesMax: z.number(),
  freeBytes: z.number().optional(),
  rows: z.record(z.enum(lanes), z.number()),
  daysOfRoom: z.number().optional().meta({ description: "Without central, before thinning" }),
  losses: z
    .array(z.object({ reason: z.string(), rows: z.number(), lastAt: time }))
    .meta({ description: "Rows that this database gave up; each is a gap at central" }),
  checked: z
    .object({ at: time, ok: z.boolean(), found: z.number() })
    .optional()
    .meta({ description: "When the whole database was last read, and what was found" }),
});

const backupSchema = z.object({
  enabled: z.boolean(),
  dir: z.string(),
  sameDisk: z.boolean(),
  newest: z
    .object({ file: z.string(), at: time, bytes: z.number(), sound: z.boolean() })
    .optional(),
  problem: problemSchema.optional(),
});

/** One way by which rows leave; each has a place in the log of its own. */
const roadViewSchema = z.object({
  name: z.string(),
  via: z.enum(["http", "mqtt", "sparkplug", "file"]),
  counted: z.boolean().meta({ description: "Rows are confirmed only when this road has them" }),
  backlog: z.object({ events: z.number(), samples: z.number() }),
  lastContactAt: time.optional(),
  problem: problemSchema.optional(),
  etaMs: z.number().optional(),
});
export type RoadView = z.infer<typeof roadViewSchema>;

export const syncDetailSchema = syncViewSchema.extend({
  trouble: problemSchema.optional().meta({ description: "What stands in the agent's way" }),
  goneMs: z.number().optional().meta({ description: "Since central answered, monotonic" }),
  agent: agentSchema.optional(),
  roads: z.array(roadViewSchema).meta({ description: "That of sync.central first" }),
  clock: clockSchema,
  store: storeSchema,
  backup: backupSchema,
  epochs: z
    .array(z.object({ epoch: z.string(), events: z.number(), samples: z.number() }))
    .meta({ description: "That this database had before, newest first" }),
});
export type SyncDetail = z.infer<typeof syncDetailSchema>;
