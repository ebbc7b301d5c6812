/** Samples that are remembered. One that comes later than so many newer ones is not known as late. */
export const lateWindowMax = 100_000;

/**
 * Finds the samples that came after a newer one of their point: in order of time, those whose number in the log is
 * higher than that of any later one. Numbers wait on a stack that only ever rises; a lower one shows who was late.
 */
export class LateCount {
  #waiting: number[] = [];
  count = 0;

  /** @param seq Number in the log; in order of the samples' own time. */
  add(seq: number): void {
    let last = this.#waiting.at(-1);
    while (last !== undefined && last > seq) {
      this.#waiting.pop();
      this.count += 1;
      last = this.#waiting.at(-1);
    }
    this.#waiting.push(seq);
    if (this.#waiting.length > 2 * lateWindowMax) {
      this.#waiting = this.#waiting.slice(-lateWindowMax);
    }
  }
}
