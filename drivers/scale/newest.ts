import type { ScaleReading } from "./protocol.ts";
import type { Weighing } from "./samples.ts";

/** Changes that wait to be delivered: some seconds of a quick scale. Beyond it the oldest go: the newest counts. */
export const changesMax = 64;

/**
 * Thins a stream: a change of status, stability, net or unit is to be delivered at once, of all the rest the newest
 * once in a period. Ten weighings a second are no ten samples a second.
 */
export class Newest {
  #changes: readonly Weighing[] = [];
  #newest: Weighing | undefined;
  #sign: string | undefined;

  /** True: to be delivered at once. */
  note(weighing: Weighing): boolean {
    const sign = signOf(weighing.reading, weighing.stable);
    if (sign === this.#sign) {
      this.#newest = weighing;
      return false;
    }
    this.#sign = sign;
    this.#newest = undefined;
    this.#changes = [...this.#changes, weighing].slice(-changesMax);
    return true;
  }

  /** Changes since the last call, in their order. */
  takeChanges(): readonly Weighing[] {
    const changes = this.#changes;
    this.#changes = [];
    return changes;
  }

  /** What came since the last delivery; undefined: nothing. */
  takeNewest(): Weighing | undefined {
    const newest = this.#newest;
    this.#newest = undefined;
    return newest;
  }

  /** After a silence the next weighing is a change, whatever it says. */
  forget(): void {
    this.#sign = undefined;
    this.#newest = undefined;
  }
}

function signOf({ status, net, unit, code }: ScaleReading, stable: boolean): string {
  return [status, stable, net, unit, code].join(" ");
}
