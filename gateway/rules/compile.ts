import type { PointKey } from "../../drivers/contract.ts";
import { fingerprint, flatten, type Leaf, type Tree } from "./condition.ts";
import type { Rule } from "./rule.ts";

/** A rule in the form that is evaluated. */
export interface CompiledRule {
  readonly rule: Rule;
  readonly leaves: readonly Leaf[];
  readonly tree: Tree;
  /** Identifies the condition; delays, texts and outputs may change without it. */
  readonly condition: string;
  /**
   * For each leaf the age in milliseconds at which its value says nothing any more; Infinity:
   * never.
   */
  readonly staleAfterMs: readonly number[];
}

/**
 * @param staleAfterMs when a point's value counts as stale; undefined: its silence says nothing.
 * @throws Error when two rules have one id.
 */
export function compileRules(
  rules: readonly Rule[],
  staleAfterMs: (point: PointKey) => number | undefined = () => undefined,
): readonly CompiledRule[] {
  const ids = new Set<string>();
  return rules.map((rule) => {
    if (ids.has(rule.id)) throw new Error(`two rules have the id ${rule.id}`);
    ids.add(rule.id);
    const leaves: Leaf[] = [];
    const tree = flatten(rule.when, leaves);
    return {
      rule,
      leaves,
      tree,
      condition: fingerprint(rule.when),
      staleAfterMs: leaves.map(({ point }) => staleAfterMs(point) ?? Number.POSITIVE_INFINITY),
    };
  });
}
