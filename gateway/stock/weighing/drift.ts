/** How a load cell wanders without anybody near it. Shares are parts of the load. */

/** Creep in half an hour under a steady load: OIML R 76 class III cells stay below it. */
const creepPerHalfHour = 0.0002;
const perKelvin = 0.0002;
/** A hall with its door open warms or cools by this much. */
const kelvinPerHour = 5;
/** From the coldest to the warmest hour of a day. */
const kelvinMax = 10;
const hourMs = 3_600_000;
/** Creep has run out after half a day. */
const creepHalfHoursMax = 12;

/** Standard deviation of the difference between two weights at rest, in divisions: noise and rounding, twice. */
const restStepSdDivisions = 0.5;

/** Divisions of a scale of class III, for one whose capacity nobody gave. */
const usualDivisions = 3_000;

export interface Cell {
  readonly divisionKg: number;
  readonly capacityKg?: number;
}

/** Standard deviation of a step between two rests, kg. */
export function restStepSdKg({ divisionKg }: Cell): number {
  return restStepSdDivisions * divisionKg;
}

/** Most that a load wanders in so long, kg. */
export function driftKg(loadKg: number, elapsedMs: number): number {
  const hours = Math.max(0, elapsedMs) / hourMs;
  const creep = creepPerHalfHour * Math.min(creepHalfHoursMax, 2 * hours);
  const temperature = perKelvin * Math.min(kelvinMax, kelvinPerHour * hours);
  return Math.abs(loadKg) * (creep + temperature);
}

/** What temperature does to the zero point goes by what the cell can carry, and not by what lies on it. */
export function zeroDriftKg({ divisionKg, capacityKg }: Cell): number {
  return perKelvin * kelvinMax * (capacityKg ?? usualDivisions * divisionKg) + 3 * divisionKg;
}

/** Sum that zero tracking may reach: as scales do, 2 % of what they carry. */
export function zeroTrackedKgMax({ divisionKg, capacityKg }: Cell): number {
  return 0.02 * (capacityKg ?? usualDivisions * divisionKg);
}

/** The anchor of a slow loss follows the weight with this time constant: what a day does to a cell is no loss. */
const followMs = 6 * hourMs;

/** Slow loss that drift explains, kg: steady creep as long as the anchor lags, and most of a day's temperature. */
function seepageKg(cell: Cell, loadKg: number): number {
  const { divisionKg, capacityKg = usualDivisions * divisionKg } = cell;
  const creep = ((creepPerHalfHour * 2) / hourMs) * followMs * Math.abs(loadKg);
  const temperature = perKelvin * (kelvinMax - 2) * Math.max(Math.abs(loadKg), capacityKg);
  return 3 * divisionKg + creep + temperature;
}

export interface SeepageState {
  /** What the weight is compared with. */
  readonly anchorKg: number;
  /** Net weight and time before the loss began. */
  readonly fromKg: number;
  readonly fromAt: number;
  /** It was told; not again before most of it is made up or forgotten. */
  readonly told: boolean;
}

/** A little at a time: what no single step shows. */
export class Seepage {
  readonly #cell: Cell;
  #state: SeepageState | undefined;

  constructor(cell: Cell, state: SeepageState | undefined) {
    this.#cell = cell;
    this.#state = state;
  }

  get state(): SeepageState | undefined {
    return this.#state;
  }

  /** A step has its own event. */
  shift(byKg: number): void {
    if (this.#state === undefined) return;
    const { anchorKg, fromKg } = this.#state;
    this.#state = { ...this.#state, anchorKg: anchorKg + byKg, fromKg: fromKg + byKg };
  }

  /** Another zero: nothing was lost. */
  restart(netKg: number, at: number): void {
    this.#state = { anchorKg: netKg, fromKg: netKg, fromAt: at, told: false };
  }

  /** @returns the loss that is to be told now, kg, and when it began. */
  next(
    netKg: number,
    at: number,
    elapsedMs: number,
  ): { lostKg: number; since: number } | undefined {
    const state = this.#state;
    if (state === undefined) {
      this.restart(netKg, at);
      return undefined;
    }
    const anchorKg =
      netKg + (state.anchorKg - netKg) * Math.exp(-Math.max(0, elapsedMs) / followMs);
    const lagKg = anchorKg - netKg;
    const allowedKg = seepageKg(this.#cell, Math.max(netKg, anchorKg));
    const isQuiet = lagKg <= allowedKg / 4;
    const from = isQuiet ? { fromKg: netKg, fromAt: at } : state;
    const told = lagKg > allowedKg || (state.told && lagKg > allowedKg / 2);
    this.#state = { anchorKg, fromKg: from.fromKg, fromAt: from.fromAt, told };
    if (!told || state.told) return undefined;
    return { lostKg: from.fromKg - netKg, since: from.fromAt };
  }
}
