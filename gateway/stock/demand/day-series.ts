import type { DayNumber } from "../../rules/zone.ts";

/** Days of demand that are kept: two years, so that a yearly pattern is seen twice; one of them may be a leap year. */
export const demandDaysMax = 731;

/** A day of which nobody knows: the gateway was off, or there was nothing left to take. */
export const leftOut = Number.NaN;

/** Stands for `leftOut` among whole numbers; a day with so many pieces is kept as a fraction would be. */
const leftOutWhole = 65_535;
const growDays = 32;

/**
 * What went out, day by day: a window of `demandDaysMax` days that moves on with its newest day. Days after the newest
 * one are zero and cost nothing. Whole numbers take two bytes a day, others four (7 digits).
 */
export class DaySeries {
  #from: DayNumber;
  #length = 0;
  #cells: Uint16Array | Float32Array = new Uint16Array(0);

  /** @param from the first day */
  constructor(from: DayNumber) {
    this.#from = from;
  }

  get from(): DayNumber {
    return this.#from;
  }

  /** The day after the last one that is written down. */
  get until(): DayNumber {
    return this.#from + this.#length;
  }

  get bytes(): number {
    return this.#cells.byteLength;
  }

  get(day: DayNumber): number {
    const place = day - this.#from;
    if (place < 0 || place >= this.#length) return 0;
    const cell = this.#cells[place] ?? 0;
    return this.#cells instanceof Uint16Array && cell === leftOutWhole ? leftOut : cell;
  }

  /** @param value >= 0, or `leftOut` @returns false when the day is older than the window */
  set(day: DayNumber, value: number): boolean {
    if (day <= this.until - 1 - demandDaysMax) return false;
    if (day < this.#from) this.#begin(day);
    else if (day >= this.#from + demandDaysMax) this.#moveOn(day - demandDaysMax + 1);
    const place = day - this.#from;
    this.#reserve(place + 1);
    const isWhole = Number.isNaN(value) || (Number.isInteger(value) && value < leftOutWhole);
    if (this.#cells instanceof Uint16Array && !isWhole) this.#cells = widened(this.#cells);
    const asWhole = this.#cells instanceof Uint16Array && Number.isNaN(value);
    this.#cells[place] = asWhole ? leftOutWhole : value;
    this.#length = Math.max(this.#length, place + 1);
    return true;
  }

  /** From one day up to the day before another. */
  slice(from: DayNumber, until: DayNumber): Float64Array {
    return Float64Array.from({ length: Math.max(0, until - from) }, (_, index) =>
      this.get(from + index),
    );
  }

  #begin(day: DayNumber): void {
    const before = this.#from - day;
    this.#reserve(this.#length + before);
    this.#cells.copyWithin(before, 0, this.#length);
    this.#cells.fill(0, 0, before);
    this.#from = day;
    this.#length = this.#length === 0 ? 0 : this.#length + before;
  }

  #moveOn(from: DayNumber): void {
    const gone = Math.min(from - this.#from, this.#length);
    this.#cells.copyWithin(0, gone, this.#length);
    this.#cells.fill(0, this.#length - gone, this.#length);
    this.#length -= gone;
    this.#from = from;
  }

  #reserve(length: number): void {
    if (length <= this.#cells.length) return;
    const size = Math.min(demandDaysMax, Math.max(length, this.#cells.length * 1.5, growDays));
    const grown =
      this.#cells instanceof Uint16Array
        ? new Uint16Array(Math.ceil(size))
        : new Float32Array(Math.ceil(size));
    grown.set(this.#cells);
    this.#cells = grown;
  }
}

function widened(cells: Uint16Array): Float32Array {
  return Float32Array.from(cells, (cell) => (cell === leftOutWhole ? leftOut : cell));
}
