import type { Language } from "../../../../config/language/language.ts";
import { warningsText } from "../../../../config/language/warnings.ts";
import type { WarningKind } from "../../../../config/schema/item.ts";
import type { LotView, StockState, StockView } from "../../stock-api.ts";
import type { Tone } from "../components/tag.tsx";
import type { Format } from "../format.ts";
import type { ShapeName } from "../severity.ts";

type Look = readonly [tone: Tone, shape: ShapeName];

/** Shape and colour of a state; its word stands beside it. */
export const stateLooks: Readonly<Record<StockState, Look>> = {
  ok: ["good", "check"],
  out: ["critical", "octagon"],
  "below-minimum": ["high", "triangle"],
  "below-reorder": ["medium", "diamond"],
  "above-maximum": ["low", "circle"],
  unknown: ["neutral", "question"],
};

export const warningLooks: Readonly<Record<WarningKind, Look>> = {
  out: stateLooks.out,
  "below-minimum": stateLooks["below-minimum"],
  "below-reorder": stateLooks["below-reorder"],
  "above-maximum": stateLooks["above-maximum"],
  overload: ["critical", "octagon"],
  "near-expiry": ["medium", "clock"],
  expired: ["high", "cross"],
  "short-cover": ["medium", "clock"],
  "stock-out-ahead": ["high", "clock"],
  "dead-stock": ["low", "dash"],
  "unexplained-loss": ["high", "question"],
  "count-mismatch": ["medium", "question"],
  "consumption-anomaly": ["medium", "pulse"],
  "locked-pick": ["critical", "latch"],
  "lot-order": ["medium", "back"],
  "wrong-item": ["high", "cross"],
  misplaced: ["medium", "question"],
  missing: ["high", "question"],
};

export const lotLooks: Readonly<Record<LotView["state"], Look>> = {
  good: ["good", "check"],
  "near-expiry": ["medium", "clock"],
  expired: ["high", "cross"],
  held: ["high", "latch"],
};

/** Warnings that the state does not say already. */
export function furtherWarnings({ state, warnings }: StockView): readonly WarningKind[] {
  return warnings.filter((kind) => kind !== state);
}

/** How grave a line is as a whole: the state's colour, or that of a graver warning. */
export function toneOf(view: StockView): Tone {
  const tones = [stateLooks[view.state][0], ...view.warnings.map((kind) => warningLooks[kind][0])];
  return graver.find((tone) => tones.includes(tone)) ?? stateLooks[view.state][0];
}

const graver: readonly Tone[] = ["critical", "high", "medium", "low"];

/** A quantity with its unit as people write it. */
export function amountText(
  value: number,
  unit: StockView["unit"],
  format: Format,
  language: Language,
): string {
  return `${format.number(value)}\u00a0${warningsText[language].units[unit]}`;
}

/** The interval of the count where it is not exact; pieces are whole. */
export function doubtOf({
  interval: [low, high],
  quantity,
  unit,
}: Pick<StockView, "interval" | "quantity" | "unit">): readonly [number, number] | undefined {
  const isWhole = unit === "pcs";
  const least = Math.max(0, isWhole ? Math.ceil(low - 1e-6) : low);
  const most = isWhole ? Math.floor(high + 1e-6) : high;
  const isExact = most <= least || (least >= quantity && most <= quantity);
  return isExact ? undefined : [least, most];
}

/** `#/stock/<location>/<item>`: neither holds a character that an address would change. */
export function stockHref({ location, item }: Pick<StockView, "location" | "item">): string {
  return `#/stock/${location}/${item}`;
}

export function lineKey({ location, item }: Pick<StockView, "location" | "item">): string {
  return `${location}/${item}`;
}
