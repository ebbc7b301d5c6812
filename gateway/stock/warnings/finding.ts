import type { WarningKind } from "../../../config/schema/item.ts";

/** Numbers and words that a warning was raised by, under their names: they stay on the alarm as they were then. */
export type Figures = Readonly<Record<string, number | string>>;

/** Something that a person is to be warned of, or that is over. */
export interface Finding {
  readonly kind: WarningKind;
  readonly location: string;
  /** Absent: of the location as a whole (overload). */
  readonly item?: string;
  readonly lot?: string;
  /** Near expiry: the tier in whole days. */
  readonly tierDays?: number;
  readonly to: "raised" | "returned";
  /** Two languages' text is made of these. */
  readonly figures: Figures;
}

/** What is in force: one open alarm per item, location, lot and kind. */
export type FindingKey = `stock:${string}`;

/** `stock:<kind>[-<days>]:<location>:<item>[:<lot>]`, each part percent-encoded: the id of the alarm's rule. */
export function findingKey(finding: Omit<Finding, "to" | "figures">): FindingKey {
  const { kind, tierDays, location, item = "", lot } = finding;
  const what = tierDays === undefined ? kind : `${kind}-${tierDays}`;
  const parts = lot === undefined ? [what, location, item] : [what, location, item, lot];
  return `stock:${parts.map(encodeURIComponent).join(":")}`;
}
