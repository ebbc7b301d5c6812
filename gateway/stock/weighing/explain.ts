import { type Change, type Part, piecesSdKg, residualSigmas } from "./change.ts";
import { combinationsOf } from "./combinations.ts";
import type { PieceWeight } from "./weigh.ts";

/** Candidates that an ambiguous change names: nobody reads more. */
export const candidatesMax = 10;

export type Explanation =
  | { readonly is: "moved"; readonly parts: readonly Part[]; readonly containerKg: number }
  | { readonly is: "ambiguous"; readonly candidates: readonly Part[] }
  /** What was no piece went as it had come. */
  | { readonly is: "returned" }
  | { readonly is: "unexplained" };

/**
 * Which pieces came or went. The one way that fits within 3 sigma is it; whole pieces of a single item come before a
 * container with them, and that before several items at once.
 */
export function explain(change: Change, items: readonly PieceWeight[]): Explanation {
  const backKg = change.kg + change.strangeKg;
  const isBack = Math.abs(backKg) <= residualSigmas * change.sdKg;
  if (isBack && change.strangeKg !== 0) return { is: "returned" };
  const single = items.flatMap((piece) => partOf(piece, change, change.kg) ?? []);
  const [only] = single;
  if (single.length > 1) return { is: "ambiguous", candidates: single.slice(0, candidatesMax) };
  if (only !== undefined) return { is: "moved", parts: [only], containerKg: 0 };
  return withContainer(change, items) ?? severalItems(change, items);
}

/** A bin was brought with its pieces in it, or taken away. */
function withContainer(change: Change, items: readonly PieceWeight[]): Explanation | undefined {
  const found = items.flatMap((piece) => {
    const { containerKg = 0 } = piece;
    if (containerKg === 0) return [];
    const signedKg = Math.sign(change.kg) * containerKg;
    const goodsKg = change.kg - signedKg;
    const isEmpty = Math.abs(goodsKg) <= residualSigmas * change.sdKg;
    const part = isEmpty ? undefined : partOf(piece, change, goodsKg);
    const sameWay = part !== undefined && part.pieces * change.kg > 0;
    if (isEmpty) return [{ parts: [], containerKg: signedKg }];
    return sameWay ? [{ parts: [part], containerKg: signedKg }] : [];
  });
  const [only] = found;
  if (only === undefined) return undefined;
  if (found.length === 1) return { is: "moved", ...only };
  const candidates = found.flatMap(({ parts }) => parts).slice(0, candidatesMax);
  return { is: "ambiguous", candidates };
}

function severalItems(change: Change, items: readonly PieceWeight[]): Explanation {
  if (items.length < 2) return { is: "unexplained" };
  const { found, isComplete } = combinationsOf(change, items);
  const [only] = found;
  if (only === undefined) return { is: "unexplained" };
  if (found.length === 1 && isComplete) return { is: "moved", parts: only, containerKg: 0 };
  return { is: "ambiguous", candidates: found.flat().slice(0, candidatesMax) };
}

/** So many pieces of this item alone; undefined: they do not explain it. */
function partOf(piece: PieceWeight, change: Change, kg: number): Part | undefined {
  const { item } = piece;
  const present = change.present(item) ?? Number.POSITIVE_INFINITY;
  if (piece.unit === "kg") {
    const isThere = -kg <= present + residualSigmas * change.sdKg;
    return isThere ? { item, pieces: kg, sdKg: change.sdKg } : undefined;
  }
  const pieces = Math.round(kg / piece.kg);
  if (pieces === 0 || -pieces > present) return undefined;
  const sdKg = Math.hypot(change.sdKg, piecesSdKg(piece, pieces, change.divisionKg));
  const residualKg = Math.abs(kg - pieces * piece.kg);
  return residualKg <= residualSigmas * sdKg ? { item, pieces, sdKg } : undefined;
}
