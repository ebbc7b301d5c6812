import { z } from "zod";
import type { Queries } from "../database/database.ts";
import {
  type BucketStep,
  bucketColumns,
  bucketOf,
  bucketSteps,
  layerOf,
  ofBuckets,
  ofSamples,
} from "./buckets.ts";

/** Buckets of one answer: a week of minutes. */
export const bucketsMax = 10_080;

/** Points of a curve beyond which a screen shows no more by more of them. */
const readableMax = 2_000;

const minuteMs = 60_000;

export const bucketStepMs = { minute: minuteMs, hour: 60 * minuteMs } as const;

export const bucketRowSchema = z.object({
  from: z.number().meta({ description: "Begin of the bucket, milliseconds since 1970" }),
  good: z.number().meta({ description: "Samples of this quality in the bucket" }),
  uncertain: z.number(),
  bad: z.number(),
  min: z.number().optional().meta({ description: "Of numbers; booleans count as 0 and 1" }),
  max: z.number().optional(),
  mean: z.number().optional(),
  sum: z.number().optional(),
  first: z.number().optional(),
  last: z.number().optional(),
  lastText: z.string().optional(),
});
export type BucketRow = z.infer<typeof bucketRowSchema>;

export interface BucketQuestion {
  readonly gateway: string;
  readonly point: string;
  /** The bucket in which this lies is the first. */
  readonly from: number;
  /** The bucket in which this lies is the last. */
  readonly to: number;
  readonly limit: number;
}

/** What shows a range best: samples of two hours, minutes of a day and a half, else hours. */
export function stepFor(from: number, to: number): "raw" | BucketStep {
  const length = Math.max(0, to - from);
  if (length <= 2 * bucketStepMs.hour) return "raw";
  return length <= readableMax * minuteMs ? "minute" : "hour";
}

/** The same, but what retention dropped of the range is told by what is kept. */
export async function stepThatIs(
  queries: Queries,
  from: number,
  to: number,
): Promise<"raw" | BucketStep> {
  const rows = await queries.query(
    "SELECT DISTINCT family FROM dropped_span WHERE from_at <= $2 AND until_at > $1",
    [new Date(from).toISOString(), new Date(to).toISOString()],
  );
  const isDropped = (family: string) => rows.some((row) => row["family"] === family);
  const step = stepFor(from, to);
  if (step === "hour" || !isDropped(step === "raw" ? "sample" : "sample_minute")) return step;
  return isDropped("sample_minute") ? "hour" : "minute";
}

const nullable = z.number().nullable();
const rowSchema = z.object({
  at: z.number(),
  ...{ good: z.number(), uncertain: z.number(), bad: z.number(), numbers: z.number() },
  ...{ sum: nullable, min: nullable, max: nullable, first: nullable, last: nullable },
  last_text: z.string().nullable(),
});

/** Oldest first. Right at any moment: hours whose buckets wait for their worker are made of the samples as they are read. */
export async function readBuckets(
  queries: Queries,
  step: BucketStep,
  { gateway, point, from, to, limit }: BucketQuestion,
): Promise<readonly BucketRow[]> {
  const stepMs = bucketStepMs[step];
  const begin = Math.floor(from / stepMs) * stepMs;
  const rows = await queries.query(statements[step], [
    gateway,
    point,
    begin,
    to,
    Math.min(limit, bucketsMax),
  ]);
  return rows.map((row) => bucketRow(rowSchema.parse(row)));
}

function bucketRow(it: z.infer<typeof rowSchema>): BucketRow {
  const { at, good, uncertain, bad, numbers, sum, min, max, first, last, last_text } = it;
  return {
    ...{ from: at, good, uncertain, bad },
    ...(min !== null && { min }),
    ...(max !== null && { max }),
    ...(sum !== null && { sum, mean: sum / numbers }),
    ...(first !== null && { first }),
    ...(last !== null && { last }),
    ...(last_text !== null && { lastText: last_text }),
  };
}

const columns = bucketColumns.join(", ");

const [first, last] = ["to_timestamp($3::float8 / 1000)", "to_timestamp($4::float8 / 1000)"];

/** Hours with samples of the point that nobody has marked yet, as they are older than the aggregates. */
const unmarked = `SELECT generate_series(
    greatest(${bucketOf("hour", "s.least")}, u.from_at), least(s.most, ${last}), interval '1 hour') AS hour
  FROM unmarked_history u CROSS JOIN (
    SELECT min(sampled_at) AS least, max(sampled_at) AS most FROM sample WHERE gateway = $1 AND point = $2
      AND sampled_at >= ${bucketOf("hour", first)} AND sampled_at < ${last} + interval '1 hour') s
  WHERE u.gateway = $1 AND s.least IS NOT NULL`;

/** $1 gateway, $2 point, $3 begin of the first bucket, $4 last instant, both in milliseconds since 1970, $5 limit. */
const statement = (step: BucketStep) => `WITH dirty AS (
  SELECT hour, ${layerOf("hour")} AS layer FROM (
    SELECT hour FROM dirty_hour
    WHERE gateway = $1 AND hour > ${first} - interval '1 hour' AND hour <= ${last}
    UNION ${unmarked}) AS hours),
known AS (
  SELECT at, ${columns} FROM ${bucketSteps[step]} t
  WHERE t.gateway = $1 AND t.point = $2 AND t.at >= ${first} AND t.at <= ${last}
    AND NOT EXISTS (SELECT FROM dirty WHERE dirty.hour = ${bucketOf("hour", "t.at")} AND dirty.layer = t.layer)),
fresh AS (
  SELECT b.at, ${columns} FROM dirty CROSS JOIN LATERAL (
    SELECT ${bucketOf(step, "s.sampled_at")} AS at, ${ofSamples} FROM sample s
    WHERE s.gateway = $1 AND s.point = $2
      AND s.sampled_at >= dirty.hour AND s.sampled_at < dirty.hour + interval '1 hour'
    GROUP BY 1) b
  WHERE b.at >= ${first} AND b.at <= ${last})
SELECT (extract(epoch FROM b.at) * 1000)::float8 AS at, ${ofBuckets}
FROM (SELECT * FROM known UNION ALL SELECT * FROM fresh) b
GROUP BY b.at ORDER BY b.at LIMIT $5`;

const statements: Readonly<Record<BucketStep, string>> = {
  minute: statement("minute"),
  hour: statement("hour"),
};
