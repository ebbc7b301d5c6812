import type { PanelFigure } from "../../../../config/language/panel-figures.ts";
import type { WarningKind } from "../../../../config/schema/item.ts";
import type { AlarmView } from "../../api.ts";

type Figures = NonNullable<AlarmView["figures"]>;

/** What a person has to know at a glance, kind by kind; the dialog has all of it. */
const brief: Readonly<Record<WarningKind, readonly PanelFigure[]>> = {
  out: ["available", "lockedQuantity", "onOrder", "perDay"],
  "below-minimum": ["available", "min", "onOrder", "coverDays"],
  "below-reorder": ["position", "reorderPoint", "perDay", "leadTimeDays"],
  "above-maximum": ["wholePosition", "max", "onOrder"],
  overload: ["grossKg", "capacityKg"],
  "near-expiry": ["daysLeft", "expires", "lotQuantity"],
  expired: ["expires", "lotQuantity"],
  "short-cover": ["coverDays", "neededDays", "perDay", "available"],
  "stock-out-ahead": ["stockOutDate", "stockOutProbability", "coverDays", "deliveryDate"],
  "dead-stock": ["quantity", "idleDays"],
  "unexplained-loss": ["missing", "lostKg", "changeKg", "ledger"],
  "count-mismatch": ["ledger", "weight", "tags", "difference"],
  "consumption-anomaly": ["demand", "usual"],
  "locked-pick": ["taken", "cause", "expires"],
  "lot-order": ["taken", "expires", "earlierLot", "earlierExpires"],
  "wrong-item": ["changeKg", "residualKg"],
  misplaced: ["tags", "home"],
  missing: ["tags", "lastSeenDate"],
};

/** The kind of warning that a rule's id names; undefined: a rule that somebody wrote. */
export function warningKindOf(rule: string): WarningKind | undefined {
  const [area, what = ""] = rule.split(":");
  const name = what.replace(/-\d+$/, "");
  return area === "stock" && isKind(name) ? name : undefined;
}

function isKind(name: string): name is WarningKind {
  return Object.hasOwn(brief, name);
}

/** Names of the figures that are known, in the order in which they are shown. */
export function figureNames(
  kind: WarningKind | undefined,
  figures: Figures,
  known: readonly PanelFigure[],
): readonly PanelFigure[] {
  const wanted = kind === undefined ? known : brief[kind];
  return wanted.filter((name) => figures[name] !== undefined);
}
