import type { Follow } from "../../follow.ts";
import type { RuleChange } from "../../rules/rule-set.ts";
import type { StockedKey } from "../stocked.ts";

/** What a step of the stock changed: it belongs into the transaction of what made it, with the alarms that follow. */
export interface StockStep extends Follow {
  /** What people are to be warned of, and what is over. */
  readonly found: readonly RuleChange[];
  /** Where something is different now. */
  readonly touched: ReadonlySet<StockedKey>;
}

export const nothingMoved: StockStep = {
  events: [],
  state: new Map(),
  found: [],
  touched: new Set(),
};

/** Two steps of the same instant as one; where both write a key, the later one counts. */
export function joined(first: StockStep, second: StockStep): StockStep {
  if (first === nothingMoved) return second;
  if (second === nothingMoved) return first;
  return {
    events: [...first.events, ...second.events],
    state: new Map([...first.state, ...second.state]),
    found: [...first.found, ...second.found],
    touched: new Set([...first.touched, ...second.touched]),
  };
}
