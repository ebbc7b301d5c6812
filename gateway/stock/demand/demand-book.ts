import { z } from "zod";
import type { EpochMs } from "../../../drivers/contract.ts";
import type { DayNumber, Zone } from "../../rules/zone.ts";
import { type Movement, stockKeys } from "../movement.ts";
import { type StockedKey, stockedKey } from "../stocked.ts";
import { type DayRuns, daysOf, isRuns, runsOf } from "./day-runs.ts";
import { DaySeries, demandDaysMax, leftOut } from "./day-series.ts";
import { daysOfTaken, takenBy } from "./taken.ts";

/** What went out of one item at one location, as far as it is known. */
export interface DemandHistory {
  /** The first of `days`. */
  readonly from: DayNumber;
  /** Each day up to yesterday; NaN: left out, nobody knows. */
  readonly days: Float64Array;
  /** What went out today so far. */
  readonly today: number;
  /** When something was last taken; absent: not within what is kept. */
  readonly takenAt?: EpochMs;
}

interface Entry {
  readonly series: DaySeries;
  takenAt: EpochMs | undefined;
  /** Since when there has been nothing to take. */
  outSince: EpochMs | undefined;
  /** Days before it are written under the key's `/old`. */
  foldedUntil: DayNumber;
}

const runsSchema = z.custom<DayRuns>(isRuns);
const recentSchema = z.object({
  version: z.literal(1),
  from: z.int(),
  days: runsSchema,
  takenAt: z.number().optional(),
  outSince: z.number().optional(),
});
const oldSchema = recentSchema.pick({ version: true, from: true, days: true });
const offSchema = z.object({ version: z.literal(1), days: z.array(z.int()).max(demandDaysMax) });

/** A movement writes this many days at most again, and not two years of them: a card has only so many writes. */
export const recentDaysMax = 92;
const recentDaysMin = 31;

/** Days on which the gateway was off, of all items. No location or item has an empty second part. */
const offKey = `${stockKeys.demand}off`;
const oldSuffix = "/old";

export interface Noted {
  /** For the time zone's today and against a clock that runs ahead. */
  readonly now: EpochMs;
  /** What is there after the movements. */
  readonly onHand: (key: StockedKey) => number;
}

/**
 * Demand of every item at every location, in days of the gateway's time zone. A day without a movement is a zero from
 * the item's first movement on. It is written only when something moved.
 */
export class DemandBook {
  readonly #zone: Zone;
  readonly #entries = new Map<string, Entry>();
  #off: Set<DayNumber>;

  /** @param saved state under `demand/`; what cannot be read counts as not there */
  constructor(zone: Zone, saved: ReadonlyMap<string, unknown>) {
    this.#zone = zone;
    this.#off = new Set(offSchema.safeParse(saved.get(offKey)).data?.days);
    for (const [stateKey, value] of saved) {
      const recent = stateKey.endsWith(oldSuffix) ? undefined : recentSchema.safeParse(value).data;
      if (recent === undefined || stateKey === offKey) continue;
      const old = oldSchema.safeParse(saved.get(`${stateKey}${oldSuffix}`)).data;
      const series = new DaySeries(old?.from ?? recent.from);
      for (const part of old === undefined ? [recent] : [old, recent]) {
        for (const [index, demand] of daysOf(part.days, demandDaysMax).entries()) {
          if (demand !== 0) series.set(part.from + index, demand);
        }
      }
      this.#entries.set(stateKey.slice(stockKeys.demand.length), {
        series,
        takenAt: recent.takenAt,
        outSince: recent.outSince,
        foldedUntil: recent.from,
      });
    }
  }

  /** @returns state to write */
  note(movements: readonly Movement[], { now, onHand }: Noted): ReadonlyMap<string, unknown> {
    const today = this.#zone.dayOf(now);
    const touched = new Map<StockedKey, DayNumber>();
    for (const movement of movements) {
      const key = stockedKey(movement.location, movement.item);
      const day = this.#take(key, movement, today);
      touched.set(key, Math.min(day, touched.get(key) ?? day));
    }
    const state = new Map<string, unknown>();
    for (const [key, day] of touched) {
      const entry = this.#entries.get(key);
      if (entry === undefined) continue;
      const first = this.#watchEmpty(entry, onHand(key), now);
      this.#save(key, entry, Math.min(day, first), state);
    }
    return state;
  }

  /** The gateway was off: whole days without a movement in that time say nothing. @returns state to write */
  off(from: EpochMs, to: EpochMs): ReadonlyMap<string, unknown> {
    const last = this.#zone.dayOf(to);
    const oldest = last - demandDaysMax;
    const first = Math.max(oldest, this.#zone.dayOf(from) + 1);
    if (first >= last) return new Map();
    for (let day = first; day < last; day += 1) this.#off.add(day);
    this.#off = new Set([...this.#off].filter((day) => day > oldest));
    return new Map([[offKey, { version: 1, days: [...this.#off] }]]);
  }

  /** Undefined: nothing ever moved there. */
  history(key: StockedKey, now: EpochMs): DemandHistory | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    const today = this.#zone.dayOf(now);
    const { series, takenAt, outSince } = entry;
    const from = Math.max(series.from, today - demandDaysMax);
    const days = series.slice(from, today);
    const emptyFrom = outSince === undefined ? today : this.#zone.dayOf(outSince) + 1;
    for (const [index, demand] of days.entries()) {
      const day = from + index;
      if (demand === 0 && (day >= emptyFrom || this.#off.has(day))) days[index] = leftOut;
    }
    const soFar = series.get(today);
    return {
      from,
      days,
      today: Number.isNaN(soFar) ? 0 : soFar,
      ...(takenAt === undefined ? {} : { takenAt }),
    };
  }

  lastTakenAt(key: StockedKey): EpochMs | undefined {
    return this.#entries.get(key)?.takenAt;
  }

  /** Bytes of all days that are kept. */
  get bytes(): number {
    return this.#entries.values().reduce((sum, { series }) => sum + series.bytes, 0);
  }

  /** @returns the first day that changed */
  #take(key: StockedKey, movement: Movement, today: DayNumber): DayNumber {
    const taken = takenBy(movement);
    const shares = daysOfTaken(taken, movement, this.#zone, today);
    const first = shares[0]?.[0] ?? today;
    const entry = this.#entries.get(key) ?? {
      series: new DaySeries(first),
      takenAt: undefined,
      outSince: undefined,
      foldedUntil: first,
    };
    this.#entries.set(key, entry);
    const at = Math.max(movement.at, entry.takenAt ?? movement.at);
    if (taken > 0 && movement.clock !== "unset") entry.takenAt = at;
    for (const [day, share] of shares) {
      const known = entry.series.get(day);
      const before = Number.isNaN(known) ? 0 : known;
      // More than was taken that day does not come back: it is a refill.
      if (share < 0 && before + share < 0) continue;
      if (share !== 0) entry.series.set(day, before + share);
    }
    return first;
  }

  /** Days that begin and end without anything to take say nothing of what was wanted. */
  #watchEmpty(entry: Entry, onHand: number, now: EpochMs): DayNumber {
    const today = this.#zone.dayOf(now);
    if (onHand <= 0) {
      entry.outSince ??= now;
      return today;
    }
    if (entry.outSince === undefined) return today;
    const first = Math.max(this.#zone.dayOf(entry.outSince) + 1, today - demandDaysMax + 1);
    for (let day = first; day < today; day += 1) {
      if (entry.series.get(day) === 0) entry.series.set(day, leftOut);
    }
    entry.outSince = undefined;
    return Math.min(first, today);
  }

  #save(key: StockedKey, entry: Entry, first: DayNumber, state: Map<string, unknown>): void {
    const { series, takenAt, outSince } = entry;
    const isFull = series.until - entry.foldedUntil > recentDaysMax;
    if (isFull) entry.foldedUntil = series.until - recentDaysMin;
    const stateKey = `${stockKeys.demand}${key}`;
    const { from } = series;
    entry.foldedUntil = Math.max(entry.foldedUntil, from);
    if (isFull || (first < entry.foldedUntil && from < entry.foldedUntil)) {
      const days = runsOf(series.slice(from, entry.foldedUntil));
      state.set(`${stateKey}${oldSuffix}`, { version: 1, from, days });
    }
    state.set(stateKey, {
      version: 1,
      from: entry.foldedUntil,
      days: runsOf(series.slice(entry.foldedUntil, series.until)),
      ...(takenAt === undefined ? {} : { takenAt }),
      ...(outSince === undefined ? {} : { outSince }),
    });
  }
}
