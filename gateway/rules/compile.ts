import type { PointKey } from "../../drivers/contract.ts";
import { flatten, type Leaf, pointsOf, type TotalTerms, type Tree } from "./condition.ts";
import { fingerprint } from "./fingerprint.ts";
import type { Condition, Rule } from "./rule.ts";

/** Age in milliseconds at which a point's value says nothing any more; Infinity: never. */
export type StaleAfterMs = (point: PointKey) => number;

/** A condition in the form that is evaluated. */
export interface CompiledCondition {
  readonly leaves: readonly Leaf[];
  readonly totals: readonly TotalTerms[];
  readonly tree: Tree;
  /** Identifies the condition; delays, texts and outputs may change without it. */
  readonly condition: string;
  /**
   * For each leaf the age in milliseconds at which its value says nothing any more; Infinity:
   * never.
   */
  readonly staleAfterMs: readonly number[];
  readonly staleOf: StaleAfterMs;
}

/** A rule in the form that is evaluated. */
export interface CompiledRule extends CompiledCondition {
  readonly rule: Rule;
  readonly suppression: CompiledCondition | undefined;
}

/**
 * @param staleAfterMs when a point's value counts as stale; undefined: its silence says nothing.
 * @throws Error when two rules have one id.
 */
export function compileRules(
  rules: readonly Rule[],
  staleAfterMs: (point: PointKey) => number | undefined = () => undefined,
): readonly CompiledRule[] {
  const staleOf = (point: PointKey) => staleAfterMs(point) ?? Number.POSITIVE_INFINITY;
  const ids = new Set<string>();
  return rules.map((rule) => {
    if (ids.has(rule.id)) throw new Error(`two rules have the id ${rule.id}`);
    ids.add(rule.id);
    const { suppressWhile } = rule;
    const suppression =
      suppressWhile === undefined ? undefined : compileCondition(suppressWhile, staleOf);
    return { rule, ...compileCondition(rule.when, staleOf), suppression };
  });
}

function compileCondition(condition: Condition, staleOf: StaleAfterMs): CompiledCondition {
  const leaves: Leaf[] = [];
  const totals: TotalTerms[] = [];
  const tree = flatten(condition, leaves, totals);
  const staleAfterMs = leaves.map((leaf) => Math.min(...pointsOf(leaf).map(staleOf)));
  return { leaves, totals, tree, condition: fingerprint(condition), staleAfterMs, staleOf };
}
