/** SQL that makes buckets of samples, and of buckets; see `tables/aggregates.ts`. */

export const bucketSteps = { minute: "sample_minute", hour: "sample_hour" } as const;
export type BucketStep = keyof typeof bucketSteps;

/** Sums of values below this fit a double for as long as any bucket has less than 10^7 samples. */
const summableMax = "1e300";

/** Buckets begin at whole minutes and hours of UTC, whatever the session's time zone. */
export const bucketOf = (step: BucketStep, at: string) =>
  `date_bin('1 ${step}', ${at}, timestamptz '2000-01-01 00:00:00+00')`;

/** Columns of a bucket but for its key, in the table's order. */
export const bucketColumns = [
  ...["good", "uncertain", "bad", "numbers", "sum", "min", "max"],
  ...["first", "first_at", "last", "last_at", "last_text", "last_text_at"],
] as const;

const order = (direction = "") =>
  `ORDER BY sampled_at ${direction}, epoch_number ${direction}, seq ${direction}`;
const hasValue = "FILTER (WHERE value IS NOT NULL)";
const hasText = "FILTER (WHERE text_value IS NOT NULL)";

/** Bucket columns of the samples of one point, one bucket a group. */
export const ofSamples = `count(*) FILTER (WHERE quality = 0)::int AS good,
  count(*) FILTER (WHERE quality = 1)::int AS uncertain, count(*) FILTER (WHERE quality = 2)::int AS bad,
  count(value)::int AS numbers,
  CASE WHEN max(abs(value)) < ${summableMax} THEN sum(CASE WHEN abs(value) < ${summableMax} THEN value END ${order()}) END AS sum,
  min(value) AS min, max(value) AS max,
  (array_agg(value ${order()}) ${hasValue})[1] AS first, min(sampled_at) ${hasValue} AS first_at,
  (array_agg(value ${order("DESC")}) ${hasValue})[1] AS last, max(sampled_at) ${hasValue} AS last_at,
  (array_agg(text_value ${order("DESC")}) ${hasText})[1] AS last_text, max(sampled_at) ${hasText} AS last_text_at`;

/** Bucket columns of several buckets `b`, as layers of one or minutes of an hour. */
export const ofBuckets = `sum(b.good)::int AS good, sum(b.uncertain)::int AS uncertain, sum(b.bad)::int AS bad,
  sum(b.numbers)::int AS numbers,
  CASE WHEN bool_or(b.numbers > 0 AND b.sum IS NULL) OR max(abs(b.sum)) >= ${summableMax} THEN NULL
    ELSE sum(CASE WHEN abs(b.sum) < ${summableMax} THEN b.sum END ORDER BY b.at) END AS sum,
  min(b.min) AS min, max(b.max) AS max,
  (array_agg(b.first ORDER BY b.first_at) FILTER (WHERE b.first_at IS NOT NULL))[1] AS first, min(b.first_at) AS first_at,
  (array_agg(b.last ORDER BY b.last_at DESC) FILTER (WHERE b.last_at IS NOT NULL))[1] AS last, max(b.last_at) AS last_at,
  (array_agg(b.last_text ORDER BY b.last_text_at DESC) FILTER (WHERE b.last_text_at IS NOT NULL))[1] AS last_text,
  max(b.last_text_at) AS last_text_at`;

/** How often samples of an hour were dropped: the layer of those that are there now. */
export const layerOf = (hour: string) =>
  `(SELECT coalesce(sum(d.times), 0)::int FROM dropped_span d
    WHERE d.family = 'sample' AND d.from_at <= ${hour} AND d.until_at > ${hour})`;
