import type { RuleChange } from "./rule-set.ts";

/**
 * The changes of one step in the order in which they count: a suppression that begins with the step
 * covers the rule's violation, and one that ends with it covers the return, whichever sample of the
 * batch came first. A rule that is suppressed more than once in one step keeps its order.
 */
export function coveredBySuppression(changes: readonly RuleChange[]): readonly RuleChange[] {
  const suppressions = changes.filter(isOfSuppression);
  if (suppressions.length === 0) return changes;
  const alone = suppressions.filter(
    ({ rule }) => suppressions.filter((other) => other.rule === rule).length === 1,
  );
  return [
    ...alone.filter(({ to }) => to === "suppressed"),
    ...changes.filter((change) => !alone.includes(change)),
    ...alone.filter(({ to }) => to === "unsuppressed"),
  ];
}

function isOfSuppression({ to }: RuleChange): boolean {
  return to === "suppressed" || to === "unsuppressed";
}
