import type { EpochMs } from "../../../drivers/contract.ts";
import type { Part } from "./change.ts";
import { sigmas95, toMilligram, wholeInterval } from "./count-error.ts";
import type { Outcome } from "./steps.ts";
import type { PieceWeight, ShelfEvent } from "./weigh.ts";

/** From so many pieces at once somebody refills; fewer are mostly put back. */
export const refillPiecesMin = 5;

/** The two rests that a change lies between. */
export interface Span {
  /** Net of the tare. */
  readonly beforeKg: number;
  readonly afterKg: number;
  readonly since: EpochMs;
  readonly at: EpochMs;
  readonly unwatched: boolean;
}

/** One event for each item that moved and each step that is not explained; their weights follow each other. */
export function eventsOf(
  outcome: Outcome,
  span: Span,
  items: readonly PieceWeight[],
): readonly ShelfEvent[] {
  const moved = outcome.moved.flatMap((part) => {
    const piece = items.find(({ item }) => item === part.item);
    return piece === undefined ? [] : [{ part, piece, kg: kgOf(part, piece) }];
  });
  const wholeKg = span.afterKg - span.beforeKg;
  const openKg = outcome.open.reduce((sum, { kg }) => sum + kg, 0);
  const movedKg = moved.reduce((sum, { kg }) => sum + kg, 0);
  const residualKg = wholeKg - openKg - movedKg - outcome.containerKg;
  let nowKg = span.beforeKg;
  const pass = (kg: number) => {
    const weightBeforeKg = toMilligram(nowKg);
    nowKg += kg;
    return { weightBeforeKg, weightAfterKg: toMilligram(nowKg), ...timesOf(span) };
  };
  return [
    ...moved.map(({ part, piece, kg }, index): ShelfEvent => {
      const ownKg = index === moved.length - 1 ? residualKg : 0;
      const isFresh = span.beforeKg < piece.kg / 2;
      return {
        ...movedOf(part, piece, ownKg, isFresh),
        ...pass(kg + ownKg + (index === 0 ? outcome.containerKg : 0)),
      };
    }),
    ...outcome.open.map(({ is, kg, candidates, ...back }): ShelfEvent => {
      const named = candidates.map(({ item, pieces }) => ({ item, pieces }));
      const changeKg = toMilligram(kg);
      const own = { is, changeKg, residualKg: toMilligram(residualOf(kg, candidates, items)) };
      return { ...own, candidates: named, ...back, ...pass(kg) };
    }),
  ];
}

function timesOf({ at, since, unwatched }: Span) {
  return { at, since, unwatched };
}

function kgOf({ pieces }: Part, { unit, kg }: PieceWeight): number {
  return unit === "kg" ? pieces : pieces * kg;
}

function movedOf(part: Part, piece: PieceWeight, residualKg: number, wasEmpty: boolean) {
  const { item, pieces, sdKg } = part;
  const common = { is: "moved", item } as const;
  if (piece.unit === "kg") {
    const quantity = toMilligram(pieces);
    const half = sigmas95 * sdKg;
    const interval = [toMilligram(pieces - half), toMilligram(pieces + half)] as const;
    return { ...common, pieces: quantity, interval, residualKg: 0, refill: pieces > 0 && wasEmpty };
  }
  const interval = wholeInterval(pieces + residualKg / piece.kg, sdKg / piece.kg, pieces);
  const refill = pieces >= refillPiecesMin || (pieces > 1 && wasEmpty);
  return { ...common, pieces, interval, residualKg: toMilligram(residualKg), refill };
}

/** What the likeliest candidate leaves; all of it where there is none. */
function residualOf(kg: number, candidates: readonly Part[], items: readonly PieceWeight[]) {
  const left = candidates.flatMap((part) => {
    const piece = items.find(({ item }) => item === part.item);
    return piece === undefined ? [] : [kg - kgOf(part, piece)];
  });
  return left.reduce((least, it) => (Math.abs(it) < Math.abs(least) ? it : least), kg);
}
