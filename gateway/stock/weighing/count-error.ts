import { normalTail } from "../forecast/normal.ts";
import type { Count, PieceWeight } from "./weigh.ts";

type Weighed = Pick<PieceWeight, "kg" | "spread" | "sampled">;

/** At this standard deviation one count in about eleven is off by a piece: beyond it a count is not called exact. */
const exactSd = 0.3;

/** Beyond it the question has no meaning: a shelf with more pieces is not counted by weight. */
const exactPiecesMax = 1_000_000;

/** Both sides of the middle 95 % of a normal distribution. */
export const sigmas95 = 1.959964;

/**
 * Standard deviation of a count by weight, in pieces: the pieces differ, so did those that the piece weight was taken
 * from, and both weighings are rounded to the scale's division.
 */
export function countSd({ kg, spread, sampled }: Weighed, divisionKg: number, pieces: number) {
  const pieceVariance = (kg * spread) ** 2;
  const rounding = divisionKg ** 2 / 12;
  const variance =
    pieces * pieceVariance +
    pieces ** 2 * (pieceVariance / sampled + rounding / sampled ** 2) +
    rounding;
  return Math.sqrt(variance) / kg;
}

/** Probability that a count that was rounded to whole pieces is right. */
export function exactChance(weighed: Weighed, divisionKg: number, pieces: number): number {
  return 1 - 2 * normalTail(0.5 / countSd(weighed, divisionKg, pieces));
}

/** The most pieces whose count may be called exact; 0: not even one. */
export function exactUpTo(weighed: Weighed, divisionKg: number): number {
  let low = 0;
  let high = exactPiecesMax;
  while (low < high) {
    const middle = Math.ceil((low + high) / 2);
    if (countSd(weighed, divisionKg, middle) <= exactSd) low = middle;
    else high = middle - 1;
  }
  return low;
}

/** Whole numbers that `pieces` may as well be with 95 %; it is always one of them. */
export function wholeInterval(measured: number, sd: number, pieces: number) {
  const low = Math.ceil(measured - sigmas95 * sd);
  const high = Math.floor(measured + sigmas95 * sd);
  return [Math.min(pieces, low), Math.max(pieces, high)] as const;
}

/**
 * Pieces of one item by the weight of what lies there.
 *
 * @param known As many were seen to come and go; taken where the weight allows it.
 */
export function countOf(
  piece: PieceWeight,
  divisionKg: number,
  goodsKg: number,
  known: number | undefined,
): Count {
  const { item } = piece;
  if (piece.unit === "kg") return kilograms(item, divisionKg, goodsKg);
  const measured = goodsKg / piece.kg;
  const rounded = Math.max(0, Math.round(measured));
  const roundedSd = countSd(piece, divisionKg, rounded);
  const fits = known !== undefined && Math.abs(known - measured) <= Math.max(0.5, 3 * roundedSd);
  const pieces = fits ? known : rounded;
  const [low, high] = wholeInterval(measured, roundedSd, pieces);
  const interval = [Math.max(0, low), high] as const;
  return { item, pieces, interval, exact: exactChance(piece, divisionKg, pieces) };
}

function kilograms(item: string, divisionKg: number, goodsKg: number): Count {
  const pieces = Math.max(0, toMilligram(goodsKg));
  const halfKg = sigmas95 * (divisionKg / Math.sqrt(12));
  const interval = [
    Math.max(0, toMilligram(pieces - halfKg)),
    toMilligram(pieces + halfKg),
  ] as const;
  return { item, pieces, interval, exact: 1 };
}

/** Weights on record end there: what is subtracted in binary has digits that no scale showed. */
export function toMilligram(kg: number): number {
  return Math.round(kg * 1e6) / 1e6;
}
