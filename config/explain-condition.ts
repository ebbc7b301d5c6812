import type { PointKey } from "../drivers/contract.ts";
import type { ExplainText } from "./language/explain.ts";
import type { Language } from "./language/language.ts";
import type { ConditionInput } from "./schema/condition.ts";

export interface Wording {
  readonly text: ExplainText;
  readonly language: Language;
  /** What stands behind an amount of this point, with the space before it; empty: nothing. */
  readonly unit: (point: PointKey) => string;
  readonly duration: (ms: number) => string;
}

const limitKeys = ["above", "atOrAbove", "below", "atOrBelow"] as const;
const trendSamplesDefault = 5;

/** What must hold, as the half of a sentence: `cold-2/temperature is above 8 °C`. */
export function explainCondition(condition: ConditionInput, wording: Wording): string {
  const { text, duration } = wording;
  const { total, within, risenBy, fallenBy } = condition;
  const said = groupWords(condition, wording) ?? comparisonWords(condition, wording);
  if (total === undefined || risenBy !== undefined || fallenBy !== undefined) return said;
  const window = within === undefined ? undefined : duration(within);
  return text.total(said, duration(total), window);
}

function groupWords(condition: ConditionInput, wording: Wording): string | undefined {
  const { all, any, not } = condition;
  const { text } = wording;
  if (not !== undefined) return text.not(explainCondition(not, wording));
  const parts = all ?? any;
  if (parts === undefined) return undefined;
  const said = parts.map((part) => {
    const words = explainCondition(part, wording);
    return ((part.all ?? part.any)?.length ?? 0) > 1 ? text.group(words) : words;
  });
  return all === undefined ? text.any(said) : text.all(said);
}

function comparisonWords(condition: ConditionInput, wording: Wording): string {
  const { text, duration } = wording;
  const { during, stale, frozen, fault, equal, ahead = 0 } = condition;
  if (during !== undefined) return text.during(during);
  const point = subject(condition, wording);
  const amount = amountOf(condition, wording);
  const key = limitKeys.find((limit) => condition[limit] !== undefined);
  if (key !== undefined) return text[key](point, amount(condition[key] ?? 0));
  if (equal !== undefined) return text.equal(point, valueWords(equal, amount, text));
  if (stale !== undefined) return text.stale(point, duration(stale));
  if (frozen !== undefined) return text.frozen(point, duration(frozen));
  if (fault !== undefined) return text.fault(point);
  const { risingFaster, fallingFaster, willReach } = condition;
  const trend = trendWords(condition, text);
  if (risingFaster !== undefined) return text.risingFaster(point, amount(risingFaster), trend);
  if (fallingFaster !== undefined) return text.fallingFaster(point, amount(fallingFaster), trend);
  if (willReach !== undefined) {
    return text.willReach(point, amount(willReach), duration(ahead), trend);
  }
  const { risenBy, fallenBy, within = 0 } = condition;
  if (risenBy !== undefined) return text.risenBy(point, amount(risenBy), duration(within));
  return text.fallenBy(point, amount(fallenBy ?? 0), duration(within));
}

function subject({ point, minus, dividedBy }: ConditionInput, { text }: Wording): string {
  const name: string = point ?? "";
  if (minus !== undefined) return text.difference(name, minus);
  return dividedBy === undefined ? name : text.ratio(name, dividedBy);
}

function amountOf({ point, dividedBy }: ConditionInput, { unit }: Wording) {
  const suffix = point === undefined || dividedBy !== undefined ? "" : unit(point);
  return (value: number) => `${value}${suffix}`;
}

function valueWords(
  value: number | boolean | string,
  amount: (value: number) => string,
  text: ExplainText,
): string {
  if (typeof value === "boolean") return value ? text.on : text.off;
  return typeof value === "number" ? amount(value) : text.text(value);
}

function trendWords({ samples = trendSamplesDefault, fit }: ConditionInput, text: ExplainText) {
  return fit === "ends" ? text.ends(samples) : text.line(samples);
}

/** When the violation counts as over. */
export function overWhen(condition: ConditionInput, wording: Wording): string {
  const { text } = wording;
  const { deadband = 0, total, stale, fault } = condition;
  if (total !== undefined) return text.overElse;
  const point = subject(condition, wording);
  const amount = amountOf(condition, wording);
  const { above, atOrAbove, below, atOrBelow } = condition;
  const high = above ?? atOrAbove;
  if (high !== undefined) {
    const isBelow = deadband === 0 && atOrAbove !== undefined;
    return text[isBelow ? "below" : "atOrBelow"](point, amount(rounded(high - deadband)));
  }
  const low = below ?? atOrBelow;
  if (low !== undefined) {
    const isAbove = deadband === 0 && atOrBelow !== undefined;
    return text[isAbove ? "above" : "atOrAbove"](point, amount(rounded(low + deadband)));
  }
  if (stale !== undefined) return text.overStale(point);
  return fault === undefined ? text.overElse : text.overFault(point);
}

/** 10 - 0.2 is 9.8, not 9.800000000000001. */
function rounded(value: number): number {
  return Number(value.toPrecision(12));
}
