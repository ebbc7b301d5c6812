import type { PointKey, Sample } from "../../drivers/contract.ts";

/** Lengths of time of which thinning leaves a few rows: at first five minutes, and an hour when that was not enough. */
export const thinBucketsMs = [300_000, 3_600_000] as const;

interface Bucket {
  readonly number: number;
  readonly first: number;
  last: number;
  least: number;
  most: number;
}

/**
 * Which rows stay: of each point and stretch of time the first, the last, the lowest and the highest number; all that are
 * not simply good; and each text or switch that differs from the one before it.
 * @returns their places, ascending.
 */
export function thinned(samples: readonly Sample[], bucketMs: number): number[] {
  const kept = new Set<number>();
  const buckets = new Map<PointKey, Bucket>();
  const words = new Map<PointKey, string | boolean>();
  for (const [place, sample] of samples.entries()) {
    const { point, sampledAt } = sample;
    if (sample.quality !== "good") {
      kept.add(place);
      continue;
    }
    if (typeof sample.value !== "number") {
      if (words.get(point) !== sample.value) kept.add(place);
      words.set(point, sample.value);
    }
    const number = Math.floor(sampledAt / bucketMs);
    const bucket = buckets.get(point);
    if (bucket?.number === number) {
      extend(bucket, samples, place);
      continue;
    }
    if (bucket !== undefined) keep(kept, bucket);
    buckets.set(point, { number, first: place, last: place, least: place, most: place });
  }
  for (const bucket of buckets.values()) keep(kept, bucket);
  return [...kept].sort((left, right) => left - right);
}

function extend(bucket: Bucket, samples: readonly Sample[], place: number): void {
  bucket.last = place;
  const value = numberAt(samples, place);
  if (value < numberAt(samples, bucket.least)) bucket.least = place;
  if (value > numberAt(samples, bucket.most)) bucket.most = place;
}

function keep(kept: Set<number>, { first, last, least, most }: Bucket): void {
  kept.add(first).add(last).add(least).add(most);
}

/** NaN, which is neither less nor more, where it is no number. */
function numberAt(samples: readonly Sample[], place: number): number {
  const sample = samples[place];
  if (sample === undefined || sample.quality === "bad") return Number.NaN;
  return typeof sample.value === "number" ? sample.value : Number.NaN;
}
