import type { PointKey, Sample } from "../../drivers/contract.ts";

/** Lengths of time of which thinning leaves a few rows: at first five minutes, and an hour when that was not enough. */
export const thinBucketsMs = [300_000, 3_600_000] as const;

interface Row {
  readonly place: number;
  readonly sample: Sample;
}

interface Bucket {
  readonly number: number;
  readonly first: Row;
  last: Row;
  least: Row;
  most: Row;
}

/**
 * Which rows stay: of each point and stretch of time the first, the last, the lowest and the highest number; all that are
 * not simply good; and each text or switch that differs from the one before it. Rows are given in portions; only those
 * that may stay are held.
 */
export class Thinning {
  readonly #bucketMs: number;
  readonly #kept = new Map<number, Sample>();
  readonly #buckets = new Map<PointKey, Bucket>();
  readonly #words = new Map<PointKey, string | boolean>();
  #rows = 0;

  constructor(bucketMs: number) {
    this.#bucketMs = bucketMs;
  }

  add(samples: readonly Sample[]): void {
    for (const sample of samples) {
      this.#add({ place: this.#rows, sample });
      this.#rows += 1;
    }
  }

  /** What stays of all that was given, by rising place. */
  end(): readonly Row[] {
    for (const bucket of this.#buckets.values()) this.#keep(bucket);
    this.#buckets.clear();
    return [...this.#kept]
      .map(([place, sample]) => ({ place, sample }))
      .sort((left, right) => left.place - right.place);
  }

  #add(row: Row): void {
    const { place, sample } = row;
    if (sample.quality !== "good") {
      this.#kept.set(place, sample);
      return;
    }
    const { point, sampledAt, value } = sample;
    if (typeof value !== "number") {
      if (this.#words.get(point) !== value) this.#kept.set(place, sample);
      this.#words.set(point, value);
    }
    const number = Math.floor(sampledAt / this.#bucketMs);
    const bucket = this.#buckets.get(point);
    if (bucket?.number === number) {
      extend(bucket, row);
      return;
    }
    if (bucket !== undefined) this.#keep(bucket);
    this.#buckets.set(point, { number, first: row, last: row, least: row, most: row });
  }

  #keep({ first, last, least, most }: Bucket): void {
    for (const { place, sample } of [first, last, least, most]) this.#kept.set(place, sample);
  }
}

function extend(bucket: Bucket, row: Row): void {
  bucket.last = row;
  const value = numberOf(row);
  if (value < numberOf(bucket.least)) bucket.least = row;
  if (value > numberOf(bucket.most)) bucket.most = row;
}

/** NaN, which is neither less nor more, where it is no number. */
function numberOf({ sample }: Row): number {
  if (sample.quality === "bad") return Number.NaN;
  return typeof sample.value === "number" ? sample.value : Number.NaN;
}
