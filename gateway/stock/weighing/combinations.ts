import { type Change, type Part, piecesSdKg, residualSigmas } from "./change.ts";
import type { PieceWeight } from "./weigh.ts";

/** Combinations that one change is compared with: a millisecond on a Pi. At the limit nothing is called unique. */
export const combinationsMax = 20_000;

/** Pieces of each of two items that one hand moves at once. */
const pairPiecesMax = 20;
/** Of each of three. */
const triplePiecesMax = 5;
/** After so many it is ambiguous enough. */
const foundMax = 5;

interface Search {
  readonly change: Change;
  readonly found: (readonly Part[])[];
  left: number;
}

/**
 * Ways in which pieces of several items that came or went together make up a change: two items; where no two do, three.
 * One that came while another went is not looked for: a foreign thing nearly always weighs as much as some such swap.
 */
export function combinationsOf(
  change: Change,
  items: readonly PieceWeight[],
): { readonly found: readonly (readonly Part[])[]; readonly isComplete: boolean } {
  const counted = items.filter(({ unit }) => unit !== "kg");
  const search: Search = { change, found: [], left: combinationsMax };
  const sign = Math.sign(change.kg);
  for (const [at, first] of counted.entries()) {
    for (const second of counted.slice(at + 1)) {
      tryPair(search, first, second, sign);
      if (isOver(search)) return { found: search.found, isComplete: false };
    }
  }
  if (search.found.length === 0) tryTriples(search, counted, sign);
  return { found: search.found, isComplete: !isOver(search) };
}

function tryPair(search: Search, first: PieceWeight, second: PieceWeight, sign: number): void {
  for (let count = 1; count <= pairPiecesMax; count += 1) {
    if (isOver(search)) return;
    tryLast(search, [[first, sign * count]], second, [sign, pairPiecesMax]);
  }
}

function tryTriples(search: Search, items: readonly PieceWeight[], sign: number): void {
  for (const [at, first] of items.entries()) {
    for (const [next, second] of items.entries()) {
      for (const third of next > at ? items.slice(next + 1) : []) {
        tryThree(search, [first, second, third], sign);
        if (isOver(search)) return;
      }
    }
  }
}

function tryThree(
  search: Search,
  [first, second, third]: readonly [PieceWeight, PieceWeight, PieceWeight],
  sign: number,
): void {
  for (let ofFirst = 1; ofFirst <= triplePiecesMax; ofFirst += 1) {
    for (let ofSecond = 1; ofSecond <= triplePiecesMax; ofSecond += 1) {
      if (isOver(search)) return;
      const given: Taken = [
        [first, sign * ofFirst],
        [second, sign * ofSecond],
      ];
      tryLast(search, given, third, [sign, triplePiecesMax]);
    }
  }
}

type Taken = readonly (readonly [PieceWeight, number])[];

/** The pieces of the last item follow from those of the others. */
function tryLast(
  search: Search,
  given: Taken,
  last: PieceWeight,
  [sign, most]: readonly [number, number],
): void {
  const { change } = search;
  search.left -= 1;
  const restKg = given.reduce((rest, [{ kg }, pieces]) => rest - pieces * kg, change.kg);
  const pieces = Math.round(restKg / last.kg);
  if (pieces * sign <= 0 || Math.abs(pieces) > most) return;
  const taken: Taken = [...given, [last, pieces]];
  if (
    taken.some(([{ item }, count]) => -count > (change.present(item) ?? Number.POSITIVE_INFINITY))
  )
    return;
  const spreadKg = taken.map(([piece, count]) => piecesSdKg(piece, count, change.divisionKg));
  const sdKg = Math.hypot(change.sdKg, ...spreadKg);
  if (Math.abs(restKg - pieces * last.kg) > residualSigmas * sdKg) return;
  search.found.push(taken.map(([{ item }, count]) => ({ item, pieces: count, sdKg })));
}

function isOver({ left, found }: Search): boolean {
  return left <= 0 || found.length >= foundMax;
}
