import type { AlarmText } from "../../config/language/alarm.ts";
import type { PointKey } from "../../drivers/contract.ts";
import { formatDuration } from "../../drivers/quantity.ts";
import type { Comparison, Condition } from "./rule.ts";

/** How a message names a point and its unit, for example `Cold room 2` and `°C`. */
export interface PointLabel {
  readonly name?: string | undefined;
  readonly unit?: string | undefined;
}

export type Labels = (point: PointKey) => PointLabel | undefined;

/** The sentence that stands in for a missing `message`. */
export function describe(condition: Condition, text: AlarmText, labels: Labels): string {
  switch (condition.is) {
    case "all":
    case "any":
      return condition.of
        .map((part) => {
          const sentence = describe(part, text, labels);
          return "of" in part && part.of.length > 1 ? `(${sentence})` : sentence;
        })
        .join(text[condition.is]);
    case "not":
      return text.not(describe(condition.part, text, labels));
    case "total": {
      const part = describe(condition.part, text, labels);
      const time = formatDuration(condition.totalMs);
      const { withinMs } = condition;
      return withinMs === undefined
        ? text.total(part, time)
        : text.totalWithin(part, time, formatDuration(withinMs));
    }
    case "during":
      return text.during(condition.schedule);
    default:
      return describeComparison(condition, text, labels);
  }
}

function describeComparison(
  condition: Exclude<Comparison, { is: "during" }>,
  text: AlarmText,
  labels: Labels,
): string {
  const nameOf = (point: PointKey) => labels(point)?.name ?? point;
  const unit = labels(condition.point)?.unit;
  const amount = (value: number | string) => (unit === undefined ? `${value}` : `${value} ${unit}`);
  const name = nameOf(condition.point);
  switch (condition.is) {
    case "above":
    case "below":
      return describeLimit(condition, text, nameOf, amount);
    case "equal": {
      const { value } = condition;
      if (typeof value === "boolean") return text.equal(name, value ? text.on : text.off);
      return text.equal(name, typeof value === "number" ? amount(value) : value);
    }
    case "stale":
      return text.stale(name, condition.afterMs / 1_000);
    case "frozen":
      return text.frozen(name, formatDuration(condition.afterMs));
    case "fault":
      return text.fault(name);
    case "rising":
    case "falling":
      return text[condition.is](name, amount(condition.perHour));
    case "will-reach":
      return text.willReach(name, amount(condition.limit), formatDuration(condition.aheadMs));
    case "risen":
    case "fallen":
      return text[condition.is](name, amount(condition.by), formatDuration(condition.withinMs));
  }
}

function describeLimit(
  condition: Extract<Condition, { is: "above" | "below" }>,
  text: AlarmText,
  nameOf: (point: PointKey) => string,
  amount: (value: number) => string,
): string {
  const { is, point, minus, dividedBy, limit, inclusive } = condition;
  const word =
    is === "above" ? (inclusive ? "atOrAbove" : "above") : inclusive ? "atOrBelow" : "below";
  const name = nameOf(point);
  if (minus !== undefined) return text[word](text.minus(name, nameOf(minus)), amount(limit));
  // A ratio has no unit.
  if (dividedBy !== undefined)
    return text[word](text.dividedBy(name, nameOf(dividedBy)), `${limit}`);
  return text[word](name, amount(limit));
}
