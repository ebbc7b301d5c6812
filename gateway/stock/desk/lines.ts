import type { Clock } from "../../../drivers/contract.ts";
import { coverDays, probabilityOut, stockOutAt } from "../forecast/select/cover.ts";
import type { Ledger, StockFacts } from "../ledger/ledger.ts";
import type { StockLine } from "../line.ts";
import type { Stocked } from "../stocked.ts";
import { stockedKey } from "../stocked.ts";
import { inForce } from "../thresholds/threshold.ts";
import type { Count } from "../weighing/weigh.ts";
import type { Reviews } from "./reviews.ts";

const dayMs = 86_400_000;

export interface LinesParts {
  readonly ledger: Pick<Ledger, "facts">;
  readonly reviews: Pick<Reviews, "outlook" | "threshold">;
  readonly counts: (location: string) => readonly Count[];
  readonly clock: Pick<Clock, "now">;
}

/** The stock of one item at one location, put together when it is asked for: nothing here is a second copy. */
export class Lines {
  readonly #parts: LinesParts;

  constructor(parts: LinesParts) {
    this.#parts = parts;
  }

  /** What the ledger has, without what a forecast makes of it. */
  facts({ item, location, policy }: Stocked): StockFacts {
    const { ledger, clock } = this.#parts;
    const tiersMs = policy.expiryTiersMs;
    return ledger.facts(stockedKey(location, item.id), { at: clock.now(), tiersMs });
  }

  line(stocked: Stocked): StockLine {
    const { reviews, counts, clock } = this.#parts;
    const { item, location, policy } = stocked;
    const key = stockedKey(location, item.id);
    const now = clock.now();
    const facts = this.facts(stocked);
    const { onHand, available, onOrder, reserved } = facts;
    const seen = counts(location).find((count) => count.item === item.id);
    const outlook = reviews.outlook(key);
    const reorderPoint = inForce(reviews.threshold(key), policy);
    const free = available - reserved;
    const days = policy.horizonMs / dayMs;
    return {
      stocked,
      ...facts,
      interval: intervalOf(onHand, seen),
      position: available + onOrder - reserved,
      ...(outlook === undefined
        ? {}
        : {
            outlook,
            stockOutProbability: probabilityOut(outlook, free, days),
            ...known("coverDays", coverDays(outlook, free)),
            ...known("stockOutAt", stockOutAt(outlook, free, now)),
          }),
      ...known("reorderPoint", reorderPoint),
    };
  }
}

/** The scale's doubt about its count, laid around what the ledger says. */
function intervalOf(onHand: number, seen: Count | undefined): readonly [number, number] {
  if (seen === undefined) return [onHand, onHand];
  const [low, high] = seen.interval;
  return [onHand - (seen.pieces - low), onHand + (high - seen.pieces)];
}

function known<Key extends string, Value>(key: Key, value: Value | undefined) {
  return value === undefined ? {} : { [key]: value };
}
