import { completeWindow, type EpochHistory, windowEpochsMax } from "./smurf.ts";

/** Fewer tags say nothing of each other: one may lie behind metal, and one alone tells its rate itself. */
export const crowdTagsMin = 10;

/**
 * How often a tag of the crowd is read. A reader that shares its rounds between hundreds of tags reads each of them seldom:
 * what a tag does not yet know of itself the others know.
 */
export class Crowd {
  #tags = 0;
  #hits = 0;
  #trials = 0;

  /** One tag that is present. Its first read is given, whatever came after it was a trial; silence since the last one proves nothing. */
  count({ readEpochs, knownEpochs }: EpochHistory): void {
    this.#tags += 1;
    this.#hits += Math.max(readEpochs - 1, 0);
    this.#trials += Math.max(knownEpochs - 1, 0);
  }

  /** Epochs without a read after which a tag of this crowd is gone; 0 where there is no crowd, or nothing known of it. */
  get windowEpochs(): number {
    if (this.#tags < crowdTagsMin || this.#hits === 0) return 0;
    return Math.min(completeWindow(this.#hits / this.#trials), windowEpochsMax);
  }
}
