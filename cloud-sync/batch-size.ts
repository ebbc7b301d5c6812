import { batchRowsMax } from "./protocol.ts";

/** A request that is answered within this leaves room for a larger one: an alarm waits at most one of them. */
const quickMs = 500;

/** Above this a request is too large for the link: an alarm is to be at central within two seconds. */
const slowMs = 2_000;

/** A central that is further away than this is not far but busy, and larger batches would not help it. */
const farMsMax = 3_000;

/** A slow answer makes batches no smaller than this: a link by satellite is slow whatever is sent. */
const slowRowsMin = 500;

/** Batches that go through before one that was too large is tried again: what made it so may have been a line that failed. */
const againBatches = 16;

/** Each time that it is too large again it waits for twice as many, up to these: one wasted request in a thousand. */
const againBatchesMax = 1_024;

/** How many rows the next batch may have: as many as go through, quickly. */
export class BatchSize {
  #rows = batchRowsMax;
  /** What central allows. */
  #allowed = batchRowsMax;
  /** Smallest that was too large; tried again after the next `allow`, or after some batches. */
  #tooLarge = Number.POSITIVE_INFINITY;
  /** Smallest that the line did not carry in time; tried again after some batches. */
  #late = Number.POSITIVE_INFINITY;
  /** What an answer takes when there is nothing to carry. */
  #farMs = 0;
  #againAfter = againBatches;
  #tookSince = 0;

  get rows(): number {
    return Math.max(1, Math.min(this.#rows, this.#allowed));
  }

  /** Central said how many it takes; whatever was too large before is tried once more. @param ms that this answer took */
  allow(rows: number, ms: number): void {
    this.#allowed = rows;
    this.#farMs = Math.min(farMsMax, ms);
    this.#tooLarge = Number.POSITIVE_INFINITY;
  }

  /** A batch went through. A small one says nothing of how long a large one takes. */
  took(ms: number, rows: number): void {
    this.#tookSince += 1;
    if (this.#tookSince === this.#againAfter) {
      this.#tooLarge = Number.POSITIVE_INFINITY;
      this.#late = Number.POSITIVE_INFINITY;
    }
    const carriedMs = ms - this.#farMs;
    if (carriedMs > slowMs) this.#rows = Math.max(Math.min(this.rows, slowRowsMin), this.rows >> 1);
    else if (carriedMs < quickMs && rows * 2 > this.rows) this.#grow();
  }

  /** A batch of so many rows was too large for central, a proxy or the limit. */
  tooLarge(rows: number): void {
    this.#tooLarge = Math.min(this.#tooLarge, rows);
    this.#halve(rows);
  }

  /** A batch of so many rows got no whole answer in time: sent again as it is it would not get one either. */
  late(rows: number): void {
    this.#late = Math.min(this.#late, rows);
    this.#halve(rows);
  }

  #halve(rows: number): void {
    const isAgain = this.#tookSince >= this.#againAfter;
    this.#againAfter = isAgain ? Math.min(againBatchesMax, this.#againAfter * 2) : againBatches;
    this.#tookSince = 0;
    this.#rows = Math.max(1, Math.floor(rows / 2));
  }

  #grow(): void {
    const grown = Math.min(this.rows * 2, this.#allowed);
    if (grown < Math.min(this.#tooLarge, this.#late)) this.#rows = grown;
  }
}
