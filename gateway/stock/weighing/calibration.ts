import { exactUpTo } from "./count-error.ts";

/** Below so many divisions a piece is lost in the scale's steps: single ones cannot be told. */
export const pieceDivisionsMin = 5;

/** Spread where a single sample says nothing of it, and the least that a few samples are believed. */
const spreadUsual = 0.01;
const spreadMin = 0.001;

export interface Calibration {
  /** Mean weight of one piece. */
  readonly kg: number;
  /** Standard deviation of one piece, as part of it. */
  readonly spread: number;
  readonly sampled: number;
  /** The most pieces whose count is exact. */
  readonly exactUpTo: number;
}

/** Less than this is no load that was put on. */
export function leastLoadKg(divisionKg: number): number {
  return 2 * divisionKg;
}

/**
 * What a piece weighs, by samples of equally many pieces each.
 *
 * @param weightsKg of each sample; at least one, all over `leastLoadKg`
 * @returns "too-light": a piece has less than `pieceDivisionsMin` divisions
 */
export function calibrationOf(
  weightsKg: readonly number[],
  pieces: number,
  divisionKg: number,
): Calibration | "too-light" {
  const samples = weightsKg.length;
  const mean = weightsKg.reduce((sum, kg) => sum + kg, 0) / samples;
  const kg = mean / pieces;
  if (!(kg >= pieceDivisionsMin * divisionKg)) return "too-light";
  const squares = weightsKg.reduce((sum, it) => sum + (it - mean) ** 2, 0);
  // Both weighings that a sample is the difference of were rounded.
  const variance = Math.max(0, squares / (samples - 1) - divisionKg ** 2 / 6);
  const ofPieces = Math.sqrt(variance / pieces) / kg;
  const spread = samples < 2 ? spreadUsual : Math.min(0.5, Math.max(spreadMin, ofPieces));
  const piece = { kg, spread, sampled: pieces * samples };
  return { ...piece, exactUpTo: exactUpTo(piece, divisionKg) };
}
