import type { Language } from "../../config/language/language.ts";
import {
  type RefusalFacts,
  type StockRefusalKey,
  stockRefusalText,
} from "../../config/language/stock-refusal.ts";
import { RackwatchError } from "../../drivers/errors.ts";

/** Something that cannot be done with the stock. Its message is English; who shows it to a person uses `told`. */
export class StockRefusal extends RackwatchError {
  readonly #why: StockRefusalKey;
  readonly #facts: RefusalFacts;

  /** @param where A location, an item or a document. */
  constructor(why: StockRefusalKey, facts: RefusalFacts = {}, where?: string) {
    const [message, todo] = stockRefusalText.en[why](facts);
    super(unknown.has(why) ? "stock/unknown" : "stock/refused", message, {
      ...(where === undefined ? {} : { where }),
      ...(todo === undefined ? {} : { todo }),
    });
    this.#why = why;
    this.#facts = facts;
  }

  /** What is wrong, and what can be done, in a person's language. */
  told(language: Language): readonly [message: string, todo?: string] {
    return stockRefusalText[language][this.#why](this.#facts);
  }
}

const unknown: ReadonlySet<StockRefusalKey> = new Set([
  "noLocation",
  "noItem",
  "notKept",
  "noProposal",
]);
