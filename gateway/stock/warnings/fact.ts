import type { WarningKind } from "../../../config/schema/item.ts";
import type { Figures, Finding } from "./finding.ts";

/** Warnings that other parts find: shelves, tags, reconciliation, ledger, anomaly detection. */
export const factKinds = [
  "overload",
  "unexplained-loss",
  "count-mismatch",
  "consumption-anomaly",
  "locked-pick",
  "lot-order",
  "wrong-item",
  "misplaced",
  "missing",
] as const satisfies readonly WarningKind[];
export type FactKind = (typeof factKinds)[number];

/** Something that another part has seen, in the form in which all of them tell it. */
export interface Fact {
  readonly kind: FactKind;
  readonly location: string;
  /** Absent: of the location as a whole. */
  readonly item?: string;
  readonly lot?: string;
  /** False: it is over. */
  readonly active: boolean;
  readonly figures: Figures;
}

/**
 * What happened at a moment has no end of its own: the warning stays until a person has acknowledged it, or until who
 * found it says that it is over.
 */
const moments: ReadonlySet<WarningKind> = new Set([
  "unexplained-loss",
  "consumption-anomaly",
  "locked-pick",
  "lot-order",
  "wrong-item",
]);

export function isMoment(kind: WarningKind): boolean {
  return moments.has(kind);
}

export function findingOf({ active, ...fact }: Fact): Finding {
  return { ...fact, to: active ? "raised" : "returned" };
}
