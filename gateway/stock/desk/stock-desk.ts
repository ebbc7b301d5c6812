import type { EpochMs, MonotonicMs, Sample } from "../../../drivers/contract.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { AlarmTransition } from "../../alarms/alarm.ts";
import type { Excursion } from "../../cold-chain/excursion.ts";
import { type Follow, nothingFollows } from "../../follow.ts";
import type { Instant } from "../../rules/rule.ts";
import type { ClockQuality } from "../../store/store.ts";
import type { DemandBook } from "../demand/demand-book.ts";
import type { ItemBook } from "../items/item-book.ts";
import type { TagRegistry } from "../items/tag-registry.ts";
import type { Calendar } from "../ledger/calendar.ts";
import type { Booked, Ledger } from "../ledger/ledger.ts";
import type { LedgerFact } from "../ledger/ledger-fact.ts";
import type { LotNote } from "../ledger/lot-book.ts";
import type { StockLine } from "../line.ts";
import type { Evidence, Movement, MovementDraft } from "../movement.ts";
import { type StockedKey, stockedKey } from "../stocked.ts";
import type { Fact } from "../warnings/fact.ts";
import type { WarningBook } from "../warnings/warning-book.ts";
import { balanceEvents } from "./balance-events.ts";
import type { Comparer } from "./comparer.ts";
import { ExcursionHolds } from "./excursion-holds.ts";
import { factOfLedger } from "./ledger-facts.ts";
import type { LineJudge } from "./line-judge.ts";
import type { Lines } from "./lines.ts";
import type { ReviewStep, Reviews } from "./reviews.ts";
import { shelfDrafts } from "./shelf-drafts.ts";
import type { Shelves } from "./shelves.ts";
import { nothingMoved, type StockStep } from "./stock-step.ts";
import type { TagDesk } from "./tag-desk.ts";

export interface StockDeskParts {
  readonly items: ItemBook;
  readonly tagBook: TagRegistry;
  readonly ledger: Ledger;
  readonly shelves: Shelves;
  readonly tags: TagDesk;
  readonly comparer: Comparer;
  readonly demand: DemandBook;
  readonly reviews: Reviews;
  readonly lines: Lines;
  readonly warnings: WarningBook;
  readonly judge: LineJudge;
  readonly calendar: Calendar;
  readonly clockQuality: () => ClockQuality;
  /** Whether the store has a movement of this identity. */
  readonly known: (id: string) => boolean;
  /** What of the gateway belongs to a movement's identity. */
  readonly placed: (draft: MovementDraft) => MovementDraft;
  /** Balances that the start had to make from the movements. */
  readonly rebuilt?: Follow;
}

/** What somebody books. */
export interface Taken {
  readonly drafts: readonly MovementDraft[];
  /** What is said of the lots that come along. */
  readonly lots?: readonly LotNote[];
}

type Follows = Pick<Follow, "events" | "state">;

/** What the parts of a step bring together. */
interface Gathered {
  readonly booked?: readonly Booked[];
  readonly facts?: readonly Fact[];
  readonly follows?: readonly Follows[];
  /** There is time for what is due by clock and calendar. */
  readonly isTick: boolean;
}

/**
 * Stock from what is measured and booked to what people are warned of: shelves and tags -> movements -> ledger ->
 * demand -> lines -> warnings. One call, one result, one transaction; nothing here does I/O.
 */
export class StockDesk {
  readonly parts: StockDeskParts;
  readonly #holds: ExcursionHolds;
  /** Of the start, for the first step. */
  #resumed: Follows;

  constructor(parts: StockDeskParts) {
    this.parts = parts;
    this.#holds = new ExcursionHolds(parts.ledger);
    this.#resumed = parts.rebuilt ?? nothingFollows;
  }

  /** Excursions as they stand at the start. @param stoppedAt When the gateway was last seen to run. */
  resume(excursions: readonly Excursion[], instant: Instant, stoppedAt?: EpochMs): void {
    const { judge, demand, calendar } = this.parts;
    const held = this.#holds.resume(excursions, instant);
    judge.mark(held.touched);
    const wasOff = stoppedAt !== undefined && calendar.today(instant.at) !== undefined;
    const off = wasOff ? demand.off(stoppedAt, instant.at) : new Map<string, unknown>();
    const { events, state } = this.#resumed;
    this.#resumed = {
      events: [...events, ...held.events, ...balanceEvents(this.parts, instant.at)],
      state: new Map([...state, ...held.state, ...off]),
    };
  }

  /** No samples: a clock tick, which also does what is due by clock and calendar, a little at a time. */
  step(samples: readonly Sample[], instant: Instant): StockStep {
    const { shelves, tags, comparer, judge } = this.parts;
    const isTick = samples.length === 0;
    const weighed = shelves.step(samples, instant);
    const read = tags.step(samples, instant);
    const told = weighed.events.map((event) =>
      shelfDrafts(event, this.parts.clockQuality(), (id) => this.parts.items.get(id)),
    );
    const drafts = [
      ...told.flatMap((it) => it.drafts),
      ...read.drafts,
      ...(isTick ? this.#openings(instant) : []),
    ];
    const facts = [...told.flatMap((it) => it.facts), ...read.facts];
    const booked = drafts.map((draft) => this.#bookSeen(draft, instant));
    const isQuiet = booked.length + facts.length + read.events.length + weighed.state.size === 0;
    if (isQuiet && !isTick && !judge.waits && read.state.size === 0) return nothingMoved;
    const review = isTick ? this.#review(instant) : nothingReviewed;
    const compared = isTick ? comparer.step(instant) : undefined;
    return this.#gather(
      {
        booked,
        facts: [...facts, ...review.facts, ...(compared?.facts ?? [])],
        follows: [
          { events: [], state: weighed.state },
          read,
          review,
          { events: [], state: compared?.state ?? new Map() },
        ],
        isTick,
      },
      instant,
    );
  }

  /** What somebody books: all of it or nothing. @throws RackwatchError `stock/refused`; nothing has changed then. */
  book({ drafts, lots = [] }: Taken, instant: Instant): Booked & { readonly moved: StockStep } {
    const { ledger, known, placed } = this.parts;
    const booked = ledger.book(drafts.map(placed), { instant, known, lots });
    return { ...booked, moved: this.#gather({ booked: [booked], isTick: false }, instant) };
  }

  /** Bookings of a file: each by itself, those that are refused change nothing. */
  bookEach(
    all: readonly Taken[],
    instant: Instant,
  ): { readonly results: readonly (Booked | RackwatchError)[]; readonly moved: StockStep } {
    const { ledger, known, placed } = this.parts;
    const results = all.map(({ drafts, lots = [] }) => {
      try {
        return ledger.book(drafts.map(placed), { instant, known, lots });
      } catch (error) {
        if (error instanceof RackwatchError) return error;
        throw error;
      }
    });
    const booked = results.flatMap((result) => (result instanceof RackwatchError ? [] : [result]));
    return { results, moved: this.#gather({ booked, isTick: false }, instant) };
  }

  /** Something else that somebody did, and where it shows. */
  touch(done: Follows, touched: Iterable<StockedKey>, instant: Instant): StockStep {
    this.parts.judge.mark(touched);
    return this.#gather({ follows: [done], isTick: false }, instant);
  }

  /** Goods of an excursion are held; what people have acknowledged is over. */
  follow({
    transitions,
    events,
    instant,
  }: {
    readonly transitions: readonly Pick<AlarmTransition, "rule" | "cause">[];
    readonly events: Follow["events"];
    readonly instant: Instant;
  }): Follow {
    const { warnings, judge } = this.parts;
    warnings.follow(transitions);
    const held = this.#holds.follow(events, instant);
    judge.mark(held.touched);
    return held;
  }

  /** When something is to be told without a sample; undefined: nothing is. */
  nextDue(): MonotonicMs | undefined {
    const { shelves, tags, judge } = this.parts;
    if (judge.waits) return 0;
    const next = Math.min(shelves.nextDue() ?? Infinity, tags.nextDue() ?? Infinity);
    return Number.isFinite(next) ? next : undefined;
  }

  /** The stock of an item at a location as it stands; undefined: it is not kept there. */
  line(location: string, item: string): StockLine | undefined {
    const stocked = this.parts.items.stockedAt(location, item);
    return stocked === undefined ? undefined : this.parts.lines.line(stocked);
  }

  /** What a scale or a reader saw has happened: what cannot be booked of it is on record, and stops nothing. */
  #bookSeen(draft: MovementDraft, instant: Instant): Booked {
    const { ledger, known, placed } = this.parts;
    try {
      return ledger.book([placed(draft)], { instant, known });
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      const { kind, item, location, quantity, evidence } = draft;
      const body = { do: "not-booked", kind, item, location, quantity, evidence };
      const events = [{ kind: "stock" as const, body: { ...body, why: error.message } }];
      return { ...nothingBooked, events };
    }
  }

  /** What lies on a scale before the ledger ever heard of it. */
  #openings(instant: Instant): readonly MovementDraft[] {
    const { shelves, ledger, items, clockQuality } = this.parts;
    const drafts: MovementDraft[] = [];
    for (const location of [...shelves.opening]) {
      const counts = shelves.counts(location);
      if (counts.length === 0) continue;
      shelves.opened(location);
      for (const { item: id, pieces, interval } of counts) {
        const item = items.get(id);
        const { movedAt } = ledger.facts(stockedKey(location, id), instant);
        if (item === undefined || movedAt !== undefined) continue;
        drafts.push({
          kind: "count",
          item: id,
          location,
          quantity: 0,
          unit: item.unit,
          at: instant.at,
          clock: clockQuality(),
          evidence: { by: "weight", counted: pieces, interval: [interval[0], interval[1]] },
        });
      }
    }
    return drafts;
  }

  /** From what was booked to what is to be said. */
  #gather(
    { booked = [], facts = [], follows = [], isTick }: Gathered,
    instant: Instant,
  ): StockStep {
    const { demand, ledger, tags, comparer, judge } = this.parts;
    const movements = booked.flatMap((it) => it.movements);
    const parts: Follows[] = [this.#resumed, ...booked, ...follows];
    this.#resumed = nothingFollows;
    const touched = new Set(booked.flatMap((it) => [...it.touched]));
    if (movements.length > 0) {
      const onHand = (key: StockedKey) => ledger.facts(key, instant).onHand;
      const state = demand.note(movements, { now: instant.at, onHand });
      parts.push({ events: [], state });
      tags.booked(movements);
      this.#notePast(movements, instant);
      comparer.moved(touched, instant);
    }
    const told = booked.flatMap((it) => it.facts.flatMap((fact) => this.#factOf(fact) ?? []));
    const all = [...facts, ...told];
    const judged = judge.judge(touched, all, evidenceOf(movements), instant, isTick);
    return {
      events: parts.flatMap(({ events }) => events),
      state: new Map(parts.flatMap(({ state }) => [...state])),
      ...judged,
    };
  }

  #factOf(fact: LedgerFact): Fact | undefined {
    return factOfLedger(fact, this.parts.items.get(fact.item)?.unit ?? "pcs");
  }

  #notePast(movements: readonly Movement[], { at }: Instant): void {
    const { calendar, reviews } = this.parts;
    const today = calendar.today(at);
    if (today === undefined) return;
    const past = movements.filter((movement) => (calendar.today(movement.at) ?? today) < today);
    const keys = past.map(({ location, item }) => stockedKey(location, item));
    reviews.pastChanged(keys, at);
  }

  /** One item whose forecast is due; dates must be believed. */
  #review({ at }: Instant): ReviewStep {
    const { reviews, items, calendar, judge } = this.parts;
    const stocked =
      calendar.today(at) === undefined ? undefined : reviews.nextDue(items.stocked(), at);
    if (stocked === undefined) return nothingReviewed;
    judge.mark([stockedKey(stocked.location, stocked.item.id)]);
    return reviews.review(stocked, at);
  }
}

const nothingReviewed: ReviewStep = { ...nothingFollows, facts: [] };

const nothingBooked: Booked = {
  events: [],
  state: new Map(),
  touched: new Set(),
  movements: [],
  repeated: 0,
  facts: [],
};

function evidenceOf(movements: readonly Movement[]): ReadonlyMap<StockedKey, Evidence> {
  return new Map(
    movements.map(({ location, item, evidence }) => [stockedKey(location, item), evidence]),
  );
}
