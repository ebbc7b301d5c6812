import { type AlarmText, alarmText } from "../../config/language/alarm.ts";
import type { Language } from "../../config/language/language.ts";
import type { ConditionInput, RuleConfig } from "../../config/schema/rule.ts";
import type { PointKey } from "../../drivers/contract.ts";
import type { Comparison, Condition, Rule } from "./rule.ts";

/** How a message names a point and its unit, for example `Cold room 2` and `°C`. */
export interface PointLabel {
  readonly name?: string | undefined;
  readonly unit?: string | undefined;
}

export type Labels = (point: PointKey) => PointLabel | undefined;

/**
 * A rule of the configuration as it is evaluated. Several comparisons of one condition are
 * alternatives: `{ above: 8, below: 2 }` is violated on either side. Parts of `all` and `any`
 * without a point look at the point outside.
 *
 * @throws Error when a condition is empty, has no point, or has comparisons beside `all` or `any`:
 * the configuration check refuses those first.
 */
export function ruleFromConfig(
  id: string,
  config: RuleConfig,
  language: Language,
  labels: Labels = () => undefined,
): Rule {
  const when = conditionFrom(id, config, undefined);
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

function conditionFrom(id: string, input: ConditionInput, outer: PointKey | undefined): Condition {
  const point = input.point ?? outer;
  const parts: Condition[] = comparisons(id, input, point);
  for (const is of ["all", "any"] as const) {
    const inner = input[is];
    if (inner === undefined) continue;
    if (parts.length > 0) throw new Error(`rule ${id}: ${is} stands beside another comparison`);
    parts.push({ is, of: inner.map((part) => conditionFrom(id, part, point)) });
  }
  const [first] = parts;
  if (first === undefined) throw new Error(`rule ${id}: the condition compares nothing`);
  return parts.length === 1 ? first : { is: "any", of: parts };
}

function comparisons(id: string, input: ConditionInput, point: PointKey | undefined): Condition[] {
  const { deadband = 0 } = input;
  const limits = [
    { is: "above", limit: input.above, inclusive: false },
    { is: "above", limit: input.atOrAbove, inclusive: true },
    { is: "below", limit: input.below, inclusive: false },
    { is: "below", limit: input.atOrBelow, inclusive: true },
  ] as const;
  const of = (): PointKey => {
    if (point === undefined) throw new Error(`rule ${id}: a comparison names no point`);
    return point;
  };
  const found = limits.flatMap(({ is, limit, inclusive }): Condition[] =>
    limit === undefined ? [] : [{ is, point: of(), limit, inclusive, deadband }],
  );
  if (input.equal !== undefined) found.push({ is: "equal", point: of(), value: input.equal });
  if (input.stale !== undefined) found.push({ is: "stale", point: of(), afterMs: input.stale });
  return found;
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
