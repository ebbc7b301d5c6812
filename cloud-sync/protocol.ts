import { z } from "zod";
import { lanes } from "../gateway/store/store.ts";

/** What agent and central say to each other. OpenAPI is generated from these schemas. */

/** Raised when an older central could misread a batch; central refuses what is newer than itself. */
export const schemaVersion = 1;

/** Rows in one batch: an alarm waits at most one batch, and central holds at most this much of one gateway in memory. */
export const batchRowsMax = 5_000;

/** Compressed bytes of one request: a 64 kbit/s link carries it within a minute; central answers 413 above it. */
export const batchCompressedBytesMax = 256 * 1_024;

/** Bytes after decompression: 5000 rows with long texts fit, a zip bomb does not; central answers 413 above it. */
export const batchBytesMax = 8 * 1_024 * 1_024;

/** Gaps in one declaration: more are declared in the next one. */
export const gapsMax = 100;

/** Rejected rows that a reply names; all of them are on record at central. */
export const rejectsShownMax = 100;

/** One request with connect, upload and reply: longer than this a link counts as dead. */
export const requestDeadlineMs = 30_000;

/** A reply is a few numbers: more than this comes from something that is not central. */
export const replyBytesMax = 256 * 1_024;

const seq = z.int().min(0);
const name = z.string().min(1).max(128);
const hash = z.string().regex(/^[0-9a-f]{64}$/);

export const laneSchema = z.enum(lanes);

export const clockMarkSchema = z.object({
  boot: name,
  offsetMs: z.number(),
  quality: z.enum(["synchronized", "unsynchronized", "unset"]),
});

export const blockSchema = z.object({
  clock: clockMarkSchema,
  columns: z.unknown().meta({
    description: "The rows as columns, in the order of their sequence numbers",
  }),
});

/** Rows `firstSeq` to `lastSeq` of one lane, without a hole. */
export const batchSchema = z.object({
  schemaVersion: z.literal(schemaVersion),
  gateway: name,
  epoch: name,
  lane: laneSchema,
  firstSeq: seq.min(1),
  lastSeq: seq.min(1),
  // One row a block is the worst that frequent clock changes can make of a batch.
  blocks: z.array(blockSchema).min(1).max(batchRowsMax),
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
export const gapReasonSchema = z.enum(["not-in-store", "corrupt", "too-large", "refused"]);

export const gapSchema = z.object({
  firstSeq: seq.min(1),
  lastSeq: seq.min(1),
  reason: gapReasonSchema,
});
export type Gap = z.infer<typeof gapSchema>;

export const gapDeclarationSchema = z.object({
  schemaVersion: z.literal(schemaVersion),
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

/** Why central refused a request. */
export const refusalCodes = [
  "unauthorized",
  "forbidden",
  "not-found",
  "bad-request",
  "bad-batch",
  "schema-version",
  "too-large",
  "gap",
  "conflict",
  "epoch-fenced",
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
});
export type Refusal = z.infer<typeof refusalSchema>;
