import { z } from "zod";
import type { StockConfig } from "../../../config/schema/item.ts";
import type { EpochMs } from "../../../drivers/contract.ts";
import type { Follow } from "../../follow.ts";
import { nothingFollows } from "../../follow.ts";
import {
  type ConsumptionState,
  consumptionDefaults,
  consumptionStep,
} from "../anomaly/consumption.ts";
import type { DemandBook, DemandHistory } from "../demand/demand-book.ts";
import { type Outlook, outlookSchema } from "../forecast/outlook.ts";
import { type Delivery, learnLeadTime } from "../forecast/select/lead-time.ts";
import { outlookOf } from "../forecast/select/outlook-of.ts";
import { stockKeys } from "../movement.ts";
import { StockRefusal } from "../stock-refusal.ts";
import { type Stocked, type StockedKey, stockedKey } from "../stocked.ts";
import { decideThreshold } from "../thresholds/decide-threshold.ts";
import { reviewThreshold } from "../thresholds/review-threshold.ts";
import {
  type Proposal,
  type Reviewed,
  type Threshold,
  thresholdSchema,
} from "../thresholds/threshold.ts";
import type { Fact } from "../warnings/fact.ts";
import { figuresOf } from "../warnings/figures.ts";

export interface ReviewStep extends Follow {
  readonly facts: readonly Fact[];
}

const oddSchema = z.object({ toldOn: z.number() });

/** Items that one look goes over to find one that is due: 10,000 are gone round in some seconds. */
const lookedAtMax = 500;

/** An import brings the past in portions: the forecast waits until nothing more has come for so long. */
export const pastRestsMs = 10_000;

export interface ReviewsParts {
  readonly settings: Pick<StockConfig, "thresholds" | "stepMax">;
  readonly demand: Pick<DemandBook, "history" | "lastTakenAt">;
  readonly deliveries: (item: string) => readonly Delivery[];
  /** What the store kept under `outlook/`, `proposal/` and `consumption/`. */
  readonly saved: ReadonlyMap<string, unknown>;
}

/** What forecasts found of each item at each location, and the reorder points that follow from it. */
export class Reviews {
  readonly #parts: ReviewsParts;
  readonly #outlooks = new Map<StockedKey, Outlook>();
  readonly #thresholds = new Map<StockedKey, Threshold>();
  readonly #odd = new Map<StockedKey, ConsumptionState>();
  /** Days before today are others than they were at the last review, since then. */
  readonly #pastChanged = new Map<StockedKey, EpochMs>();
  /** What is still to be looked at in this round. */
  #round: Iterator<Stocked> | undefined;

  /** What cannot be read is found anew at the next review. */
  constructor(parts: ReviewsParts) {
    this.#parts = parts;
    for (const [key, json] of parts.saved) {
      const outlook = keyAfter(key, stockKeys.outlook);
      const threshold = keyAfter(key, stockKeys.proposal);
      const odd = keyAfter(key, stockKeys.consumption);
      if (odd !== undefined) keep(this.#odd, odd, oddSchema.safeParse(json).data);
      if (outlook !== undefined) keep(this.#outlooks, outlook, outlookSchema.safeParse(json).data);
      if (threshold !== undefined) {
        keep(this.#thresholds, threshold, thresholdSchema.safeParse(json).data);
      }
    }
  }

  outlook(key: StockedKey): Outlook | undefined {
    return this.#outlooks.get(key);
  }

  threshold(key: StockedKey): Threshold | undefined {
    return this.#thresholds.get(key);
  }

  /** What waits for a person. */
  *open(): Iterable<readonly [StockedKey, Proposal]> {
    for (const [key, { open }] of this.#thresholds) if (open !== undefined) yield [key, open];
  }

  /** Something of an earlier day was booked: an import of months makes another forecast than its first rows. */
  pastChanged(keys: Iterable<StockedKey>, now: EpochMs): void {
    for (const key of keys) this.#pastChanged.set(key, now);
  }

  /** The next one whose review is due; a round goes over all of them, some at a call. */
  nextDue(all: Iterable<Stocked>, now: EpochMs): Stocked | undefined {
    this.#round ??= all[Symbol.iterator]();
    for (let looked = 0; looked < lookedAtMax; looked += 1) {
      const next = this.#round.next();
      if (next.done === true) {
        this.#round = undefined;
        return undefined;
      }
      if (this.#isDue(next.value, now)) return next.value;
    }
    return undefined;
  }

  /** One look at one item: some milliseconds. */
  review(stocked: Stocked, now: EpochMs): ReviewStep {
    const { settings, demand, deliveries } = this.#parts;
    const { item, location, policy } = stocked;
    const key = stockedKey(location, item.id);
    this.#pastChanged.delete(key);
    const history = demand.history(key, now);
    if (history === undefined) return { ...nothingFollows, facts: [] };
    const before = this.#outlooks.get(key);
    const odd = before === undefined ? undefined : this.#oddDay(key, before, history);
    const learnt = learnLeadTime(deliveries(item.id));
    const outlook = outlookOf(history, {
      policy,
      unit: item.unit,
      now,
      ...(before === undefined ? {} : { before }),
      ...(learnt === undefined ? {} : { learnt }),
    });
    this.#outlooks.set(key, outlook);
    const threshold = this.#thresholds.get(key);
    const reviewed = reviewThreshold(threshold, { stocked, outlook, settings, now });
    const { events, state } = this.#take(key, reviewed);
    const kept: [string, unknown][] = [[stockKeys.outlook + key, outlook]];
    if (odd?.state !== undefined) kept.push([stockKeys.consumption + key, odd.state]);
    const figures = odd?.figures;
    const fact = { kind: "consumption-anomaly", location, item: item.id, active: true } as const;
    return {
      events,
      state: new Map([...state, ...kept]),
      facts: figures === undefined ? [] : [{ ...fact, figures }],
    };
  }

  /** Whether the last whole day was out of the ordinary, by what was known before it. */
  #oddDay(key: StockedKey, outlook: Outlook, { from, days }: DemandHistory) {
    const quantity = days.at(-1);
    if (quantity === undefined || Number.isNaN(quantity) || outlook.class === "none") return;
    const day = from + days.length - 1;
    const before = this.#odd.get(key);
    const demand = { day, quantity: Math.max(0, quantity), isOver: true };
    const { anomaly, state } = consumptionStep(consumptionDefaults, before, outlook, demand);
    if (state === undefined || state === before) return;
    this.#odd.set(key, state);
    if (anomaly === undefined) return { state };
    const { quantity: taken, expected, probability } = anomaly;
    return { state, figures: figuresOf({ demand: taken, usual: expected, probability }) };
  }

  /** A person's word on a proposal. @throws RackwatchError `stock/unknown`, `stock/refused` when it is open no more. */
  decide(
    proposal: string,
    decision: { readonly approve: boolean; readonly person: string; readonly comment?: string },
    at: EpochMs,
  ): Follow & { readonly key: StockedKey } {
    const [location = "", item = ""] = proposal.split(":");
    const key = stockedKey(location, item);
    const threshold = this.#thresholds.get(key);
    if (threshold === undefined) {
      throw new StockRefusal("noProposal", { proposal });
    }
    const decided = decideThreshold(threshold, proposal, { ...decision, at });
    if (decided === undefined) {
      throw new StockRefusal("proposalOver", { proposal });
    }
    return { ...this.#take(key, decided), key };
  }

  #isDue({ item, location, policy }: Stocked, now: EpochMs): boolean {
    const key = stockedKey(location, item.id);
    const changedAt = this.#pastChanged.get(key);
    // A clock that was set back since then makes nobody wait.
    if (changedAt !== undefined && Math.abs(now - changedAt) < pastRestsMs) return false;
    const reviewedAt = this.#outlooks.get(key)?.reviewedAt;
    if (reviewedAt === undefined) return this.#parts.demand.lastTakenAt(key) !== undefined;
    if (changedAt !== undefined) return true;
    // One of the future was made under a clock that was wrong.
    return now - reviewedAt >= policy.reviewMs || reviewedAt > now;
  }

  #take(key: StockedKey, { threshold, events }: Reviewed): Follow {
    const before = this.#thresholds.get(key);
    this.#thresholds.set(key, threshold);
    const changed = before !== threshold;
    return {
      events: events.map(({ is, proposal, at: _, ...by }) => ({
        kind: "stock",
        body: { do: `threshold-${is}`, key, ...proposal, ...by },
      })),
      state: new Map(changed ? [[stockKeys.proposal + key, threshold]] : []),
    };
  }
}

function keyAfter(key: string, prefix: string): StockedKey | undefined {
  if (!key.startsWith(prefix)) return undefined;
  const [location, item] = key.slice(prefix.length).split("/");
  return location === undefined || item === undefined ? undefined : stockedKey(location, item);
}

function keep<Value>(map: Map<StockedKey, Value>, key: StockedKey, value: Value | undefined): void {
  if (value !== undefined) map.set(key, value);
}
