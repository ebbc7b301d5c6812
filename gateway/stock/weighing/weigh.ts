import type { EpochMs, MonotonicMs } from "../../../drivers/contract.ts";

/** One reading of the scale under a shelf, in kg as the scale gives it (gross). */
export interface WeightReading {
  readonly kg: number;
  /** What the device says; absent: it cannot tell. */
  readonly stable?: boolean;
  readonly at: EpochMs;
  readonly mono: MonotonicMs;
  /** Of the load cell, in degrees Celsius; absent: not known. */
  readonly celsius?: number;
}

/** What one piece of an item weighs on this shelf, and how well that is known. */
export interface PieceWeight {
  readonly item: string;
  readonly kg: number;
  /** Standard deviation of one piece, as part of its weight. */
  readonly spread: number;
  /** Pieces that were weighed to find `kg`. */
  readonly sampled: number;
  /** The empty container, kg. */
  readonly containerKg?: number;
  /** Sold by weight: quantities are kg and not pieces, and `kg`, `spread` and `sampled` say nothing (default pcs). */
  readonly unit?: "pcs" | "kg";
}

export interface ShelfSettings {
  readonly location: string;
  readonly items: readonly PieceWeight[];
  readonly tareKg: number;
  readonly capacityKg?: number;
  /** Scale interval d. */
  readonly divisionKg: number;
  readonly settleMs: number;
  /** What goes on and off within this time is one movement. */
  readonly confirmMs: number;
  /** Without a good reading for so long nobody watched (default `silentAfterMsDefault`). */
  readonly silentAfterMs?: number;
}

/** How many pieces there are, and how sure that is. */
export interface Count {
  readonly item: string;
  readonly pieces: number;
  /** With 95 %. */
  readonly interval: readonly [number, number];
  /** Probability that `pieces` is exact. */
  readonly exact: number;
}

/** What a shelf tells when it rests again. Weights in kg, net of the tare. */
export type ShelfEvent =
  | {
      readonly is: "moved";
      readonly item: string;
      /** Signed; negative was taken. */
      readonly pieces: number;
      readonly interval: readonly [number, number];
      readonly residualKg: number;
      readonly weightBeforeKg: number;
      readonly weightAfterKg: number;
      readonly at: EpochMs;
      /** When it last rested before. */
      readonly since: EpochMs;
      /** Nobody watched in between: the gateway or the scale was off. */
      readonly unwatched: boolean;
      /** Several pieces were put on at once, up to what one refill brings. */
      readonly refill: boolean;
    }
  | {
      /** A step that no whole number of pieces explains (over 3 sigma), or that several items explain. */
      readonly is: "unexplained" | "ambiguous";
      readonly changeKg: number;
      readonly residualKg: number;
      readonly candidates: readonly { readonly item: string; readonly pieces: number }[];
      /** What was not explained before went as it had come: the shelf is as it was. */
      readonly returned?: true;
      readonly weightBeforeKg: number;
      readonly weightAfterKg: number;
      readonly at: EpochMs;
      readonly since: EpochMs;
      readonly unwatched: boolean;
    }
  | { readonly is: "overload" | "load-ok"; readonly grossKg: number; readonly at: EpochMs }
  /** Weight went slowly, a little at a time, by more than drift explains. */
  | {
      readonly is: "seepage";
      readonly lostKg: number;
      readonly at: EpochMs;
      readonly since: EpochMs;
    };
