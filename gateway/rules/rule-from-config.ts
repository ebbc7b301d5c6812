import { type AlarmText, alarmText } from "../../config/language/alarm.ts";
import type { Language } from "../../config/language/language.ts";
import type { ConditionInput } from "../../config/schema/condition.ts";
import type { RuleConfig } from "../../config/schema/rule.ts";
import type { PointKey } from "../../drivers/contract.ts";
import type { Comparison, Condition, Rule } from "./rule.ts";

/** How a message names a point and its unit, for example `Cold room 2` and `°C`. */
export interface PointLabel {
  readonly name?: string | undefined;
  readonly unit?: string | undefined;
}

export type Labels = (point: PointKey) => PointLabel | undefined;

/**
 * A rule of the configuration as it is evaluated.
 *
 * @throws Error when a condition compares nothing or names no point: the configuration check
 * refuses those first, and whatever compares twice.
 */
export function ruleFromConfig(
  id: string,
  config: RuleConfig,
  language: Language,
  labels: Labels = () => undefined,
): Rule {
  const when = conditionFrom(id, config);
  return {
    id,
    when,
    onDelayMs: config.onDelay,
    offDelayMs: config.offDelay,
    priority: config.priority,
    message: config.message ?? describe(when, alarmText[language], labels),
    ...(config.advise === undefined ? {} : { advise: config.advise }),
    ...(config.location === undefined ? {} : { location: config.location }),
    outputs: config.outputs,
  };
}

function conditionFrom(id: string, input: ConditionInput): Condition {
  const { all, any } = input;
  if (all !== undefined) return { is: "all", of: all.map((part) => conditionFrom(id, part)) };
  if (any !== undefined) return { is: "any", of: any.map((part) => conditionFrom(id, part)) };
  const { point } = input;
  if (point === undefined) throw new Error(`rule ${id}: a comparison names no point`);
  const found = limitFrom(input, point) ?? otherFrom(input, point);
  if (found === undefined) throw new Error(`rule ${id}: the condition compares nothing`);
  return found;
}

function limitFrom(input: ConditionInput, point: PointKey): Condition | undefined {
  const { above, atOrAbove, below, atOrBelow, deadband = 0 } = input;
  const high = above ?? atOrAbove;
  if (high !== undefined) {
    return { is: "above", point, limit: high, inclusive: above === undefined, deadband };
  }
  const low = below ?? atOrBelow;
  return low === undefined
    ? undefined
    : { is: "below", point, limit: low, inclusive: below === undefined, deadband };
}

function otherFrom({ equal, stale }: ConditionInput, point: PointKey): Condition | undefined {
  if (equal !== undefined) return { is: "equal", point, value: equal };
  return stale === undefined ? undefined : { is: "stale", point, afterMs: stale };
}

/** The sentence that stands in for a missing `message`. */
function describe(condition: Condition, text: AlarmText, labels: Labels): string {
  if ("of" in condition) {
    const parts = condition.of.map((part) => {
      const sentence = describe(part, text, labels);
      return "of" in part && part.of.length > 1 ? `(${sentence})` : sentence;
    });
    return parts.join(text[condition.is]);
  }
  return describeComparison(condition, text, labels);
}

function describeComparison(condition: Comparison, text: AlarmText, labels: Labels): string {
  const label = labels(condition.point);
  const name = label?.name ?? condition.point;
  const amount = (value: number | string) =>
    label?.unit === undefined ? `${value}` : `${value} ${label.unit}`;
  switch (condition.is) {
    case "above":
      return text[condition.inclusive ? "atOrAbove" : "above"](name, amount(condition.limit));
    case "below":
      return text[condition.inclusive ? "atOrBelow" : "below"](name, amount(condition.limit));
    case "equal": {
      const { value } = condition;
      if (typeof value === "boolean") return text.equal(name, value ? text.on : text.off);
      return text.equal(name, typeof value === "number" ? amount(value) : value);
    }
    case "stale":
      return text.stale(name, condition.afterMs / 1_000);
  }
}
