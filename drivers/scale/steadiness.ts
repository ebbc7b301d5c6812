/** When a weight counts as stable although the scale does not say so. */
export interface SteadySettings {
  /** Equal readings in a row, the newest among them. */
  readonly readings: number;
  /** kg by which the lowest and the highest of them may differ. */
  readonly withinKg: number;
}

export const steadyDefault: SteadySettings = { readings: 3, withinKg: 0 };

/** The last weights of a scale without a flag of its own: N equal ones are stable. Holds at most N. */
export class Steadiness {
  readonly #settings: SteadySettings;
  #weightsKg: readonly number[] = [];

  constructor(settings: SteadySettings) {
    this.#settings = settings;
  }

  /** Whether the load rests, with this weight taken in. */
  note(weightKg: number): boolean {
    const { readings, withinKg } = this.#settings;
    this.#weightsKg = [...this.#weightsKg, weightKg].slice(-readings);
    if (this.#weightsKg.length < readings) return false;
    const spreadKg = Math.max(...this.#weightsKg) - Math.min(...this.#weightsKg);
    return Number(spreadKg.toPrecision(12)) <= withinKg;
  }

  /** After a gap or a reading without weight the count begins again. */
  forget(): void {
    this.#weightsKg = [];
  }
}
