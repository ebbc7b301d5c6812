import type { PieceWeight } from "./weigh.ts";

/** Residuals beyond so many standard deviations are not by chance. */
export const residualSigmas = 3;

/** A change of weight, and what is known of the shelf before it. */
export interface Change {
  readonly kg: number;
  /** Standard deviation of the change by the scale alone. */
  readonly sdKg: number;
  readonly divisionKg: number;
  /** What lies there that is no piece of any item, kg; it may go as it came. */
  readonly strangeKg: number;
  /** Pieces (or kg) of an item that are surely there; undefined: not known, any number may go. */
  readonly present: (item: string) => number | undefined;
}

/** Pieces of one item that moved. */
export interface Part {
  readonly item: string;
  /** Signed; kg of an item that is sold by weight. */
  readonly pieces: number;
  /** Standard deviation of their weight as it was measured. */
  readonly sdKg: number;
}

/** A spread that was found with ten pieces is itself known to a quarter only: pieces are given that much more. */
const spreadDoubt = 1.2;

/** By how much so many pieces may weigh something else than they should, kg. */
export function piecesSdKg(piece: PieceWeight, pieces: number, divisionKg: number): number {
  const oneKg = piece.kg * piece.spread * spreadDoubt;
  const rounding = divisionKg / Math.sqrt(12) / piece.sampled;
  const unitKg = Math.hypot(oneKg / Math.sqrt(piece.sampled), rounding);
  return Math.hypot(Math.sqrt(Math.abs(pieces)) * oneKg, pieces * unitKg);
}
