import { batchRowsMax } from "./protocol.ts";

/** A request that is answered within this leaves room for a larger one: an alarm waits at most one of them. */
const quickMs = 500;

/** Above this a request is too large for the link: an alarm is to be at central within two seconds. */
const slowMs = 2_000;

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
  #againAfter = againBatches;
  #tookSince = 0;

  get rows(): number {
    return Math.max(1, Math.min(this.#rows, this.#allowed));
  }

  /** Central said how many it takes; whatever was too large before is tried once more. */
  allow(rows: number): void {
    this.#allowed = rows;
    this.#tooLarge = Number.POSITIVE_INFINITY;
  }

  /** A batch went through. A small one says nothing of how long a large one takes. */
  took(ms: number, rows: number): void {
    this.#tookSince += 1;
    if (this.#tookSince === this.#againAfter) this.#tooLarge = Number.POSITIVE_INFINITY;
    if (ms > slowMs) this.#rows = Math.max(Math.min(this.rows, slowRowsMin), this.rows >> 1);
    else if (ms < quickMs && rows * 2 > this.rows) this.#grow();
  }

  /** A batch of so many rows was too large for central, a proxy or the limit. */
  tooLarge(rows: number): void {
    const isAgain = this.#tookSince >= this.#againAfter;
    this.#againAfter = isAgain ? Math.min(againBatchesMax, this.#againAfter * 2) : againBatches;
    this.#tookSince = 0;
    this.#tooLarge = Math.min(this.#tooLarge, rows);
    this.#rows = Math.max(1, Math.floor(rows / 2));
  }

  #grow(): void {
    const grown = Math.min(this.rows * 2, this.#allowed);
    if (grown < this.#tooLarge) this.#rows = grown;
  }
}
