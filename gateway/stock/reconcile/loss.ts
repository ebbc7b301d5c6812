import type { TagEvent } from "../tags/presence.ts";
import type { ShelfEvent } from "../weighing/weigh.ts";
import type { Mismatch } from "./mismatch-watch.ts";

/** What speaks for a loss. */
export type LossEvidence = "unexplained" | "seepage" | "ledger" | "tags";

/** What is gone and nobody booked. */
export interface Loss {
  /** In the item's unit; absent: only the weight is known. */
  readonly pieces?: number;
  readonly kg?: number;
  readonly by: readonly LossEvidence[];
}

export interface LossSources {
  /** Of its shelf, since the last count by a person. */
  readonly shelf?: readonly ShelfEvent[];
  /** In force. */
  readonly mismatch?: Mismatch;
  /** Of its tags, since the last count by a person. */
  readonly tags?: readonly TagEvent[];
  /** Under one tag (default: one). */
  readonly piecesOf?: (epc: string) => number;
  /** Of one piece; absent: weight does not become pieces. */
  readonly unitKg?: number;
}

/**
 * What counts as a loss of one item at one location: weight that went and that no whole number of pieces explains,
 * weight that seeped away, a ledger that is higher than scale and tags, tags that are missing. They are views of one
 * loss: the largest of them counts, never their sum.
 * @returns undefined: nothing is lost.
 */
export function lossOf(sources: LossSources): Loss | undefined {
  const { shelf = [], mismatch, tags = [], unitKg, piecesOf = () => 1 } = sources;
  const unexplainedKg = sumOf(shelf, (event) =>
    event.is === "unexplained" ? Math.max(0, -event.changeKg) : 0,
  );
  const seepedKg = sumOf(shelf, (event) => (event.is === "seepage" ? event.lostKg : 0));
  const bookedPieces = mismatch?.is === "ledger-high" ? -mismatch.difference : 0;
  const missingPieces = sumOf([...missingOf(tags)], piecesOf);
  const views: readonly (readonly [LossEvidence, number])[] = [
    ["unexplained", unexplainedKg],
    ["seepage", seepedKg],
    ["ledger", bookedPieces],
    ["tags", missingPieces],
  ];
  const by = views.flatMap(([evidence, lost]) => (lost > 0 ? [evidence] : []));
  if (by.length === 0) return undefined;
  const kg = unexplainedKg + seepedKg;
  const weighedPieces = unitKg === undefined ? 0 : kg / unitKg;
  const pieces = Math.max(bookedPieces, missingPieces, weighedPieces);
  return { ...(pieces > 0 ? { pieces } : {}), ...(kg > 0 ? { kg } : {}), by };
}

/** Tags that are missing and were not found since. */
function missingOf(events: readonly TagEvent[]): ReadonlySet<string> {
  const missing = new Set<string>();
  for (const event of events) {
    if (event.is === "missing") for (const epc of event.tags) missing.add(epc);
    if (event.is === "found") for (const epc of event.tags) missing.delete(epc);
  }
  return missing;
}

function sumOf<One>(all: readonly One[], of: (one: One) => number): number {
  return all.reduce((sum, one) => sum + of(one), 0);
}
