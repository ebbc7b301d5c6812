import type { Rule } from "./rule.ts";

/**
 * Every rule there is at present, by its id: those of the configuration, and those that come at run time because
 * something was found that no point shows (stock that runs out). One book is shared by all who look rules up.
 */
export class RuleBook implements Iterable<Rule> {
  readonly #rules: Map<string, Rule>;

  constructor(rules: Iterable<Rule> = []) {
    this.#rules = new Map([...rules].map((rule) => [rule.id, rule]));
  }

  get(id: string): Rule | undefined {
    return this.#rules.get(id);
  }

  /** Also in place of an earlier one. */
  put(rule: Rule): void {
    this.#rules.set(rule.id, rule);
  }

  [Symbol.iterator](): Iterator<Rule> {
    return this.#rules.values();
  }
}

/** The book itself, or one that is made of these rules. */
export function ruleBookOf(rules: Iterable<Rule>): RuleBook {
  return rules instanceof RuleBook ? rules : new RuleBook(rules);
}
