import { z } from "zod";
import { lanes } from "../gateway/store/store.ts";
import { signingKeySchema } from "./protocol-down.ts";

/** What agent and central say to each other. OpenAPI is generated from these schemas. */

/**
 * Versions of this contract that this program speaks, oldest first. A new one is begun when an older central could
 * misread a batch. 1: marks, batches, gaps. 2: hello, snapshots, ancestors, thinned blocks, `Content-Digest`.
 */
export const schemaVersions = [1, 2] as const;

/** What this program speaks with a central that understands it. */
export const schemaVersion = 2;

/**
 * Rows in one batch, and what a central that says nothing else takes: an alarm waits at most one batch, and central holds
 * at most this much of one gateway in memory.
 */
export const batchRowsMax = 5_000;

/** Rows in one batch that a central may allow in its answer to a hello. */
export const batchRowsLimit = 20_000;

/** Compressed bytes of one request: a 64 kbit/s link carries it within a minute; central answers 413 above it. */
export const batchCompressedBytesMax = 256 * 1_024;

/** Bytes after decompression: 5000 rows with long texts fit, a zip bomb does not; central answers 413 above it. */
export const batchBytesMax = 8 * 1_024 * 1_024;

/** Points and alarms in one snapshot: what a gateway of a large rack has. More are sent in the next one. */
export const snapshotPointsMax = 5_000;
export const snapshotAlarmsMax = 2_000;

/** Epochs before this one that a hello names: a card that was moved or restored more often begins without them. */
export const ancestorsMax = 8;

/** Gaps in one declaration: more are declared in the next one. */
export const gapsMax = 100;

/** Rejected rows that a reply names; all of them are on record at central. */
export const rejectsShownMax = 100;

/** One request with connect, upload and reply: longer than this a link counts as dead. */
export const requestDeadlineMs = 30_000;

/** A reply is a few numbers: more than this comes from something that is not central. */
export const replyBytesMax = 256 * 1_024;

const seq = z.int().min(0);

/** Neither control characters nor half surrogate pairs: PostgreSQL holds no NUL, and two broken names would be one there. */
const wellFormed = /^[^\p{Cc}\p{Cs}]*$/u;
const unfitName = "a name with control characters or half characters";
const name = z.string().min(1).max(128).regex(wellFormed, unfitName);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const laneSchema = z.enum(lanes);

/** Beyond it no clock can be: the last instant that a Date can name, and as far back. */
const dateMsMax = 8_640_000_000_000_000;

export const clockMarkSchema = z.object({
  boot: name,
  offsetMs: z.number().min(-dateMsMax).max(dateMsMax),
  quality: z.enum(["synchronized", "unsynchronized", "unset"]),
});

export const blockSchema = z.object({
  clock: clockMarkSchema,
  columns: z.unknown().meta({
    description: "The rows as columns, in the order of their sequence numbers",
  }),
  thinned: z
    .object({
      count: z.int().min(1).max(batchRowsLimit).meta({
        description: "Sequence numbers that the block covers, from the one after the block before",
      }),
      kept: z.array(z.int().min(0)).max(batchRowsLimit).meta({
        description: "Place of each row among them, ascending from 0; the others were thinned out",
      }),
    })
    .optional()
    .meta({ description: "Absent: every number has its row. What is missing becomes a gap" }),
});

/** Rows `firstSeq` to `lastSeq` of one lane, without a hole. */
export const batchSchema = z.object({
  schemaVersion: z.literal(schemaVersions),
  gateway: name,
  epoch: name,
  lane: laneSchema,
  firstSeq: seq.min(1),
  lastSeq: seq.min(1),
  // One row a block is the worst that frequent clock changes can make of a batch.
  blocks: z.array(blockSchema).min(1).max(batchRowsLimit),
  chain: z
    .object({ before: hash, after: hash })
    .optional()
    .meta({ description: "Events only: the chain's hash before the first and after the last row" }),
  audit: z
    .object({ seq: seq.min(1), hash })
    .optional()
    .meta({ description: "Events only: the last entry of the gateway's audit trail, to be kept" }),
});
export type Batch = z.infer<typeof batchSchema>;

/** Why rows will never come: they are no longer in the store, or cannot be sent. */
export const gapReasonSchema = z.enum([
  "not-in-store",
  "corrupt",
  "too-large",
  "refused",
  "thinned",
]);

export const gapSchema = z.object({
  firstSeq: seq.min(1),
  lastSeq: seq.min(1),
  reason: gapReasonSchema,
});
export type Gap = z.infer<typeof gapSchema>;

export const gapDeclarationSchema = z.object({
  schemaVersion: z.literal(schemaVersions),
  gateway: name,
  epoch: name,
  lane: laneSchema,
  gaps: z.array(gapSchema).min(1).max(gapsMax),
});
export type GapDeclaration = z.infer<typeof gapDeclarationSchema>;

const common = {
  /** Changes when central's database is born anew. */
  generation: name,
  /** Milliseconds since 1970 by central's clock. */
  serverTime: z.number(),
};

/** How far central is: the agent's cursor follows `mark` and nothing else. */
export const ackSchema = z.object({
  epoch: name,
  lane: laneSchema,
  mark: seq,
  chain: hash.optional(),
  rejected: z.array(z.object({ seq, reason: z.string() })),
  ...common,
});
export type Ack = z.infer<typeof ackSchema>;

export const marksSchema = z.object({
  epoch: name,
  marks: z.object({ events: seq, samples: seq }),
  ...common,
});
export type Marks = z.infer<typeof marksSchema>;

/** What a lane of the store holds. */
const laneSpanSchema = z.object({
  first: seq.meta({ description: "Lowest number that is still there; last + 1 when none is" }),
  last: seq.meta({ description: "Highest number that was given out; 0 before the first" }),
  cursor: seq.meta({ description: "How far central is, as the agent remembers it" }),
});

/** Rows up to these numbers were written under an epoch that this database had before. */
export const ancestorSchema = z.object({ epoch: name, events: seq, samples: seq });

/**
 * First request of a connection, of an epoch, and once a minute of an idle agent: the heartbeat. Central answers where it
 * stands, so that a lost acknowledgement is made good forwards, and a restored central backwards.
 *
 * An epoch that central never saw closes the ones before it. When the database went on under another epoch (it was
 * restored, or its card is in another machine) `ancestors` says what it shares with them, newest first: the new epoch
 * begins at central's mark of the newest one it knows, or at the shared part's end if that is lower.
 */
export const helloSchema = z.object({
  schemaVersions: z.array(z.int().min(1)).min(1).max(16),
  gateway: name,
  epoch: name,
  ancestors: z.array(ancestorSchema).max(ancestorsMax).default([]),
  machine: z.string().max(128).regex(wellFormed, unfitName).optional().meta({
    description: "Fingerprint of the hardware: tells a second machine with a copied card",
  }),
  lanes: z.object({ events: laneSpanSchema, samples: laneSpanSchema }),
  sentAt: z.number().meta({ description: "The agent's clock, milliseconds since 1970" }),
  aliveAt: z.number().optional().meta({
    description:
      "When the gateway last committed, by the agent's clock; old while the agent lives and the gateway does not",
  }),
});
export type Hello = z.infer<typeof helloSchema>;

export const welcomeSchema = z.object({
  schemaVersion: z.int().meta({ description: "The highest version that both speak" }),
  epoch: name,
  marks: z.object({ events: seq, samples: seq }),
  limits: z.object({
    rowsMax: z.int().min(1),
    bytesMax: z.int().min(1),
    compressedBytesMax: z.int().min(1),
  }),
  backlog: z
    .object({ rowsPerSecond: z.number().min(1) })
    .optional()
    .meta({ description: "How fast old samples may come; absent: as fast as both can" }),
  signingKey: signingKeySchema.optional(),
  ...common,
});
export type Welcome = z.infer<typeof welcomeSchema>;

/** How an alarm stands. */
const alarmNowSchema = z.object({
  rule: name,
  alarm: z.string().max(200),
  state: z.string().max(32),
  priority: z.string().max(32),
  message: z.string().max(2_000),
  since: z.number(),
  acknowledgedBy: z.string().max(200).optional(),
  comment: z.string().max(2_000).optional(),
  point: z.string().max(256).optional(),
  value: z.union([z.number(), z.string().max(2_000), z.boolean()]).optional(),
});

/**
 * What is true now, ahead of the rows that say so: sent first after an outage and, while a backlog drains, every few
 * seconds, so that every screen is right at once. It stores no row and moves no mark. Each value carries the number of
 * the row it was taken from, each alarm stands as of event `heads.events`: what central knows under a higher number stays.
 */
export const snapshotSchema = z.object({
  schemaVersion: z.literal(schemaVersions),
  gateway: name,
  epoch: name,
  takenAt: z.number().meta({ description: "Milliseconds since 1970 by the gateway's machine" }),
  clock: clockMarkSchema.optional(),
  heads: z.object({ events: seq, samples: seq }),
  seqs: z
    .array(seq.min(1))
    .max(snapshotPointsMax)
    .meta({ description: "One for each row of `columns`" }),
  columns: z.unknown().meta({ description: "Newest sample of each point, as in a block" }),
  alarms: z.array(alarmNowSchema).max(snapshotAlarmsMax).meta({
    description: "All alarms that are not normal; with `whole` those that are absent are normal",
  }),
  whole: z.boolean().meta({ description: "False: only what changed since the snapshot before" }),
});
export type Snapshot = z.infer<typeof snapshotSchema>;

export const noticedSchema = z.object(common);
export type Noticed = z.infer<typeof noticedSchema>;

/** Why central refused a request. */
export const refusalCodes = [
  "unauthorized",
  "forbidden",
  "not-found",
  "bad-request",
  "bad-batch",
  "bad-digest",
  // Over a broker: made too long ago, or played back. `serverTime` says how late it is at central.
  "stale",
  "schema-version",
  "too-large",
  "gap",
  "conflict",
  "epoch-fenced",
  // From version 2 on: rows of an epoch that central never heard of, as after it was restored. Say hello, then go on.
  "unknown-epoch",
  // Of identity: an enrolment code, and what a gateway shows for itself.
  "code-wrong",
  "code-used",
  "code-expired",
  "revoked",
  "certificate-foreign",
  "certificate-expired",
  "busy",
  "database",
  "internal",
] as const;
export type RefusalCode = (typeof refusalCodes)[number];

/** Body of every answer that is not a success. */
export const refusalSchema = z.object({
  code: z.enum(refusalCodes),
  message: z.string(),
  todo: z.string().optional(),
  mark: seq.optional(),
  retryAfterMs: z.number().min(0).optional(),
  /** Milliseconds since 1970 by central's clock. */
  serverTime: z.number().optional(),
});
export type Refusal = z.infer<typeof refusalSchema>;
