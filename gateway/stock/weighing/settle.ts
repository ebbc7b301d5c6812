import type { WeightReading } from "./weigh.ts";

export interface SettleSettings {
  readonly divisionKg: number;
  /** Readings must agree for so long. */
  readonly settleMs: number;
}

/** Readings within so many divisions are at rest: noise of 0.3 d, rounded, leaves it once in some 100,000 pairs. */
const bandDivisions = 2.5;

/** Readings that one look holds: of a scale that tells more often every second one goes. */
export const windowReadingsMax = 64;

/** So many are kept however old, so that a scale that tells once a minute rests too, and a mean has some to be of. */
const windowReadingsMin = 4;

/** Standard deviation of one reading, in divisions: noise of 0.3 d and rounding. */
const readingSdDivisions = 0.42;

/**
 * Says when a shelf is at rest, and at which weight. Where the device says that it moves, it moves; where it says that it
 * rests, or says nothing, the readings must agree as well.
 */
export class SettleDetector {
  readonly #bandKg: number;
  readonly #divisionKg: number;
  readonly #settleMs: number;
  #window: readonly WeightReading[] = [];

  constructor({ divisionKg, settleMs }: SettleSettings) {
    this.#divisionKg = divisionKg;
    this.#bandKg = divisionKg * bandDivisions;
    this.#settleMs = settleMs;
  }

  /** The mean weight of the rest that this reading belongs to; undefined while the shelf moves. */
  next(reading: WeightReading): number | undefined {
    if (reading.stable === false) {
      this.#window = [];
      return undefined;
    }
    const before = this.#window.every(({ kg }) => Math.abs(kg - reading.kg) <= this.#bandKg)
      ? this.#window
      : [];
    this.#window = this.#kept([...before, reading]);
    const [first] = this.#window;
    if (first === undefined || this.#window.length < 2) return undefined;
    if (reading.mono - first.mono < this.#settleMs || !this.#isFlat()) return undefined;
    return mean(this.#window);
  }

  forget(): void {
    this.#window = [];
  }

  #kept(readings: readonly WeightReading[]): readonly WeightReading[] {
    const newest = readings.at(-1)?.mono ?? 0;
    const from = newest - 2 * this.#settleMs;
    const kept = readings.filter(
      ({ mono }, index) => mono >= from || index >= readings.length - windowReadingsMin,
    );
    return kept.length > windowReadingsMax ? kept.filter((_, index) => index % 2 === 0) : kept;
  }

  /** A pan that still creeps towards its weight has a second half that lies apart from the first. */
  #isFlat(): boolean {
    const half = Math.floor(this.#window.length / 2);
    const apart = Math.abs(mean(this.#window.slice(-half)) - mean(this.#window.slice(0, half)));
    const noise = 3 * readingSdDivisions * Math.sqrt(2 / half);
    return apart <= this.#divisionKg * Math.max(0.75, noise);
  }
}

function mean(readings: readonly WeightReading[]): number {
  return readings.reduce((sum, { kg }) => sum + kg, 0) / readings.length;
}
