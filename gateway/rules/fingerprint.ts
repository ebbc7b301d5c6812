import type { Comparison, Condition, Trend } from "./rule.ts";

/**
 * The same text for the same condition, another one for another: a saved timer belongs to one
 * condition only.
 */
export function fingerprint(condition: Condition): string {
  switch (condition.is) {
    case "all":
    case "any":
      return `${condition.is}(${condition.of.map(fingerprint).join(",")})`;
    case "not":
      return `not(${fingerprint(condition.part)})`;
    case "total":
      return `total(${fingerprint(condition.part)},${condition.totalMs},${condition.withinMs ?? ""})`;
    default:
      return ofComparison(condition);
  }
}

function ofComparison(condition: Comparison): string {
  switch (condition.is) {
    case "above":
    case "below": {
      const { point, minus, dividedBy } = condition;
      const value = `${point}${minus === undefined ? "" : `-${minus}`}${
        dividedBy === undefined ? "" : `:${dividedBy}`
      }`;
      const operator = `${condition.is === "above" ? ">" : "<"}${condition.inclusive ? "=" : ""}`;
      return `${value}${operator}${condition.limit}~${condition.deadband}`;
    }
    case "equal":
      return `${condition.point}=${JSON.stringify(condition.value)}`;
    case "stale":
      return `${condition.point}!${condition.afterMs}`;
    case "frozen":
      return `${condition.point} frozen ${condition.afterMs}`;
    case "fault":
      return `${condition.point} fault`;
    case "rising":
    case "falling": {
      const { point, is, perHour, deadband, trend } = condition;
      return `${point} ${is} ${perHour}~${deadband} ${ofTrend(trend)}`;
    }
    case "will-reach": {
      const { point, limit, aheadMs, trend } = condition;
      return `${point} will-reach ${limit} ${aheadMs} ${ofTrend(trend)}`;
    }
    case "risen":
    case "fallen": {
      const { point, is, by, deadband, withinMs } = condition;
      return `${point} ${is} ${by}~${deadband} ${withinMs}`;
    }
    case "during":
      return `during ${JSON.stringify([condition.hours, condition.timezone])}`;
  }
}

function ofTrend({ samples, fit }: Trend): string {
  return `${samples}${fit}`;
}
