/**
 * Adaptive smoothing of the reads of one tag: SMURF (Jeffery, Garofalakis, Franklin, "Adaptive Cleaning for RFID Data
 * Streams", UCB/EECS-2006-29). Time is cut into epochs; the window is the number of epochs without a read after which
 * the tag counts as gone.
 */

/** Length of an epoch: about one inventory round of a busy reader, so that "read in this epoch" is one trial. */
export const epochMs = 250;

/** Longest window, 60 s: a tag that is read in fewer than 6 % of the epochs counts as gone in between. */
export const windowEpochsMax = 240;

/**
 * Chance that a tag is missed throughout a whole window although it is there. Each window of each of 500 tags is a
 * trial: with the 5 % of the paper the shelf would never be at rest.
 */
const missChance = 1e-6;

/**
 * Standard deviations beyond which a change of the rate is no chance. With 2, and 1e-3 above, tags that are read in 40 %
 * of the epochs were lost six times an hour; with 4 never in 139 hours, and leave in 8.5 s in place of 8.3 s.
 */
const deviationsOfTransition = 4;

/**
 * A tag that came back after a silence may be silent for so many times as long. While the windows of 500 new tags at 700
 * reads/s grow without their crowd, 18 of them are lost once, and 45 with the paper's two epochs a step; none afterwards.
 */
const bridgedFactor = 3;

/** Epochs without a read that are assumed beforehand: the rate of a young tag is not believed before it was shown. */
const priorEpochs = 4;

/** Epochs after which a tag that is read with `rate` (0 < rate <= 1) in each has been read almost surely. */
export function completeWindow(rate: number): number {
  return Math.ceil(Math.log(1 / missChance) / rate);
}

/** Whether `reads` in `epochs` cannot be chance any more: the tag has moved or gone (binomial, two sides). */
export function isTransition(reads: number, epochs: number, rate: number): boolean {
  const expected = epochs * rate;
  const deviation = Math.sqrt(epochs * rate * (1 - rate));
  return Math.abs(reads - expected) > deviationsOfTransition * deviation;
}

/** What one epoch showed. */
export interface Epoch {
  readonly wasRead: boolean;
  /** Epochs without a read that ended with this one. */
  readonly bridged: number;
  /** Epochs with a read among the last `window` ones. */
  readonly reads: number;
  readonly rate: number;
}

/**
 * One step of the algorithm: the window of the next epoch. Unlike in the paper it grows with reads only: a tag that
 * passes a gate within a second is not held for longer the longer it is gone.
 */
export function nextWindow(window: number, { wasRead, bridged, reads, rate }: Epoch): number {
  if (reads === 0) return window;
  const complete = completeWindow(rate);
  if (complete > window) {
    if (!wasRead) return window;
    return Math.min(Math.max(window + 2, bridgedFactor * bridged), complete, windowEpochsMax);
  }
  if (!isTransition(reads, window, rate)) return window;
  return Math.max(Math.min(Math.floor(window / 2), complete), 1);
}

/** What is remembered of one tag's epochs. O(window) an epoch. */
export class EpochHistory {
  /** Ring: 1 where the tag was read. */
  readonly #read = new Uint8Array(windowEpochsMax);
  #epochs = 0;
  #readEpochs = 0;
  #silentEpochs = 0;
  #window = 1;

  /** Epochs without a read after which the tag is gone. */
  get windowEpochs(): number {
    return this.#window;
  }

  /** Epochs in which it was read. */
  get readEpochs(): number {
    return this.#readEpochs;
  }

  /** Epochs from the first to the last one in which it was read: silence since proves nothing. */
  get knownEpochs(): number {
    return Math.max(Math.min(this.#epochs, windowEpochsMax) - this.#silentEpochs, 1);
  }

  /** Share of the known epochs with a read. */
  get rate(): number {
    return Math.max(this.#readEpochs, 1) / (this.knownEpochs + priorEpochs);
  }

  /** An epoch is over. */
  close(wasRead: boolean): void {
    const at = this.#epochs % windowEpochsMax;
    this.#readEpochs += (wasRead ? 1 : 0) - (this.#read[at] ?? 0);
    this.#read[at] = wasRead ? 1 : 0;
    this.#epochs += 1;
    const bridged = wasRead ? this.#silentEpochs : 0;
    this.#silentEpochs = wasRead ? 0 : this.#silentEpochs + 1;
    const reads = this.#readsOfLast(this.#window);
    this.#window = nextWindow(this.#window, { wasRead, bridged, reads, rate: this.rate });
  }

  #readsOfLast(epochs: number): number {
    let reads = 0;
    for (let back = 1; back <= Math.min(epochs, this.#epochs); back += 1) {
      reads += this.#read[(this.#epochs - back) % windowEpochsMax] ?? 0;
    }
    return reads;
  }
}
