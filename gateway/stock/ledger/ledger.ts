import type { EpochMs } from "../../../drivers/contract.ts";
import type { Follow } from "../../follow.ts";
import type { Instant } from "../../rules/rule.ts";
import { movementId } from "../epcis/movement-id.ts";
import type { LotLine } from "../line.ts";
import type { Hold, Movement, MovementDraft, Order } from "../movement.ts";
import { StockRefusal } from "../stock-refusal.ts";
import { type StockedKey, stockedKey } from "../stocked.ts";
import { byExpiry } from "./allocation.ts";
import { Booking, type Books } from "./booking.ts";
import { type Calendar, daysLeft } from "./calendar.ts";
import { choicesOf, lotPlace } from "./choices.ts";
import { HoldBook, type LotPlace } from "./hold-book.ts";
import { type ItemStock, movedAtOf, onHandOf, takenAtOf } from "./item-stock.ts";
import { Journal } from "./journal.ts";
import type { LedgerFact } from "./ledger-fact.ts";
import { type ItemLots, LotBook, type LotConflict, type LotNote } from "./lot-book.ts";
import { type Delivery, OrderBook } from "./order-book.ts";
import { exact } from "./quantity.ts";
import { StockBook } from "./stock-book.ts";

/** Identities that are remembered besides the store's: as many movements as may wait for a disk that refuses. */
export const recentIdsMax = 10_000;

/** Items and lots that an excursion names; the holds stand for all of them, and one event must fit its row. */
export const affectedItemsMax = 1_000;
export const affectedLotsMax = 1_000;

export interface LedgerParts {
  /** What the store kept under `stock/`, `lot/`, `hold/`, `order/` and `delivery/`. */
  readonly saved: ReadonlyMap<string, unknown>;
  readonly items: Iterable<ItemLots>;
  readonly calendar: Calendar;
  /** How long single movements are on record. */
  readonly keepForMs: number;
  /** Before then the store has only sums; absent: it has everything. */
  readonly foldedBefore?: () => EpochMs | undefined;
}

export interface BookInput {
  readonly instant: Instant;
  /** Whether the store has a movement of this identity, or one that was asked for under it. */
  readonly known: (id: string) => boolean;
  /** What is said of the lots that come along. */
  readonly lots?: readonly LotNote[];
}

/** What belongs into the same transaction; `touched` are the stocks that must be judged anew. */
export interface LedgerFollow extends Follow {
  readonly touched: ReadonlySet<StockedKey>;
}

export interface Booked extends LedgerFollow {
  readonly movements: readonly Movement[];
  /** Drafts that were on record already. */
  readonly repeated: number;
  readonly facts: readonly LedgerFact[];
}

/** One item at one location as the ledger has it. */
export interface StockFacts {
  readonly onHand: number;
  /** Without lots that are expired or held. */
  readonly available: number;
  /** First those that expire first. */
  readonly lots: readonly LotLine[];
  readonly onOrder: number;
  readonly reserved: number;
  readonly deliveryAt?: EpochMs;
  readonly movedAt?: EpochMs;
  readonly takenAt?: EpochMs;
}

export interface Decision extends LotPlace {
  readonly to: "released" | "rejected";
  readonly by: string;
  readonly comment?: string;
}

type Saved = ReadonlyMap<string, unknown>;

/** Stock is the sum of movements: each counts once, whoever sends it again. */
export class Ledger {
  readonly #parts: LedgerParts;
  readonly #books: Books;
  readonly #recent = new Set<string>();
  /** Keys whose saved value cannot be read, for the log. */
  readonly unreadable: readonly string[];

  constructor(parts: LedgerParts) {
    this.#parts = parts;
    const { saved, items, calendar } = parts;
    const stocks = new StockBook(under(saved, "stock/"));
    const lots = new LotBook(under(saved, "lot/"));
    const holds = new HoldBook(under(saved, "hold/"));
    const orders = new OrderBook(under(saved, "order/", "delivery/"));
    for (const item of items) lots.learn(item);
    this.#books = { stocks, lots, holds, orders, calendar, identify: movementId };
    this.unreadable = [stocks, lots, holds, orders].flatMap(({ unreadable }) => unreadable);
  }

  /** Lots whose configured date is not the one on record. */
  get lotConflicts(): readonly LotConflict[] {
    return this.#books.lots.conflicts;
  }

  /** An item that came or changed while running. */
  learn(item: ItemLots): void {
    this.#books.lots.learn(item);
  }

  /** Of what is older the identities are forgotten: an import that says so old things cannot be told from a repeat. */
  keepsFrom(at: EpochMs): EpochMs {
    const { keepForMs, foldedBefore = () => undefined } = this.#parts;
    return Math.max(at - keepForMs, foldedBefore() ?? Number.NEGATIVE_INFINITY);
  }

  /**
   * All of the drafts or none. A person, an import or central cannot take what is not there; what a scale or a reader
   * saw is booked, and what the ledger never had shows as an unexplained loss.
   * @throws RackwatchError `stock/refused`; nothing has changed then.
   */
  book(drafts: readonly MovementDraft[], { instant, known, lots = [] }: BookInput): Booked {
    const journal = new Journal();
    const isKnown = (id: string) => this.#recent.has(id) || known(id);
    const booking = new Booking({ ...this.#books, journal, instant, known: isKnown });
    const corrected: LotNote[] = [];
    try {
      for (const note of lots) if (this.#books.lots.note(note, journal)) corrected.push(note);
      for (const draft of drafts) booking.take(draft);
    } catch (error) {
      journal.rollBack();
      throw error;
    }
    this.#remember(booking.ids);
    const touched = new Set(booking.touched);
    for (const { item, lot } of corrected)
      for (const key of this.#where(item, lot)) touched.add(key);
    const { movements, facts, repeated } = booking;
    const events = [
      ...corrected.map(({ item, lot, expires, correctedBy }) => ({
        kind: "stock" as const,
        body: { do: "lot-corrected", item, lot, expires, by: correctedBy },
      })),
      ...movements.map((movement) => ({ kind: "movement" as const, body: { ...movement } })),
    ];
    return { movements, facts, repeated, touched, events, state: journal.state };
  }

  /**
   * An excursion at these locations: every lot there is held from now on, and every one that arrives while it is open.
   * To be said again after a start; what was decided of the same excursion stays decided.
   */
  hold(excursion: string, locations: readonly string[], instant: Instant): LedgerFollow {
    const { holds, stocks } = this.#books;
    holds.open(excursion, locations);
    const journal = new Journal();
    const touched = new Set<StockedKey>();
    let lots = 0;
    for (const location of locations) {
      for (const { item, rows } of stocks.at(location)) {
        for (const { lot, quantity } of rows) {
          if (quantity <= 0) continue;
          const place = { location, item, ...(lot !== undefined && { lot }) };
          if (!holds.add(place, { cause: excursion, since: instant.at }, journal)) continue;
          lots += 1;
          touched.add(stockedKey(location, item));
        }
      }
    }
    const body = { do: "hold", cause: excursion, locations, lots };
    const events = lots === 0 ? [] : [{ kind: "stock" as const, body }];
    return { events, state: journal.state, touched };
  }

  /** The excursion is over: what arrives from now on is free. What is held stays so. */
  endHold(excursion: string): void {
    this.#books.holds.close(excursion);
  }

  /** A person puts a lot aside. */
  holdLot(place: LotPlace, by: string, comment: string, { at }: Instant): LedgerFollow {
    const journal = new Journal();
    const hold = { cause: "person", by, comment, since: at };
    if (!this.#books.holds.add(place, hold, journal)) {
      throw refusedLot(place, "lockedAlready");
    }
    return followOf(journal, place, { do: "hold", ...place, cause: "person", by, comment });
  }

  /** @throws RackwatchError `stock/refused` when nothing holds it, it was rejected, or its excursion goes on. */
  release({ to, by, comment, ...given }: Decision, { at }: Instant): LedgerFollow {
    const { location, item, lot } = given;
    const place: LotPlace = { location, item, ...(lot !== undefined && { lot }) };
    const { holds } = this.#books;
    const hold = holds.inForce(place);
    if (hold === undefined) throw refusedLot(place, "notHeld");
    if (hold.released !== undefined) throw refusedLot(place, "rejected");
    const open = [hold.cause, ...(hold.also ?? [])].find((cause) => holds.isOpen(cause));
    if (open !== undefined && to === "released") {
      throw refusedLot(place, "excursionOpen", open);
    }
    const journal = new Journal();
    const why = comment === undefined ? {} : { comment };
    holds.decide(hold, { to, by, at, ...why }, journal);
    return followOf(journal, place, { do: to, ...place, cause: hold.cause, by, ...why });
  }

  /** Lots that are locked by a decision, and those that were released. */
  holds(): readonly Hold[] {
    return this.#books.holds.list();
  }

  /** An order or a reservation; see `OrderBook.set`. */
  order(order: Order): LedgerFollow {
    const journal = new Journal();
    const touched = new Set(this.#books.orders.set(order, journal));
    return { events: [], state: journal.state, touched };
  }

  orders(): readonly Order[] {
    return this.#books.orders.list();
  }

  /** The last deliveries of an item, oldest first: what its lead time is learnt from. */
  deliveries(item: string): readonly Delivery[] {
    return this.#books.orders.deliveries(item);
  }

  /** @param tiersMs time before expiry at which it is warned; the longest makes a lot `near-expiry`. */
  facts(
    key: StockedKey,
    { at, tiersMs = [] }: { readonly at: EpochMs; readonly tiersMs?: readonly number[] },
  ): StockFacts {
    const { stocks, orders } = this.#books;
    const stock = stocks.get(key);
    const open = orders.openOf(key);
    if (stock === undefined) return { onHand: 0, available: 0, lots: [], ...open };
    const lots = this.#lotLines(stock, at, Math.max(-1, ...tiersMs));
    const isFree = ({ state }: LotLine) => state === "good" || state === "near-expiry";
    const free = lots.filter(isFree).reduce((sum, { quantity }) => sum + quantity, 0);
    const movedAt = movedAtOf(stock);
    const takenAt = takenAtOf(stock);
    return {
      onHand: onHandOf(stock),
      available: exact(free),
      lots,
      ...open,
      ...(movedAt !== undefined && { movedAt }),
      ...(takenAt !== undefined && { takenAt }),
    };
  }

  /** Everywhere that something ever was. */
  keys(): Iterable<StockedKey> {
    return this.#books.stocks.keys();
  }

  /** What stands at some locations, for an excursion; named up to `affectedItemsMax` and `affectedLotsMax`. */
  affected(locations: readonly string[]): {
    readonly items: readonly string[];
    readonly lots: readonly string[];
  } {
    const items = new Set<string>();
    const lots = new Set<string>();
    for (const location of locations) {
      for (const { item, rows } of this.#books.stocks.at(location)) {
        for (const { lot, quantity } of rows) {
          if (quantity <= 0) continue;
          if (items.size < affectedItemsMax) items.add(item);
          if (lot !== undefined && lots.size < affectedLotsMax) lots.add(lot);
        }
      }
    }
    return { items: [...items], lots: [...lots] };
  }

  #lotLines(stock: ItemStock, at: EpochMs, tierMs: number): readonly LotLine[] {
    const { holds, calendar } = this.#books;
    const today = calendar.today(at);
    return choicesOf(stock, this.#books, at)
      .filter(({ quantity }) => quantity !== 0)
      .toSorted(byExpiry)
      .map(({ lot, quantity, expires }): LotLine => {
        const hold = holds.inForce(lotPlace(stock, lot));
        const left = daysLeft(expires, today);
        return {
          ...(lot !== undefined && { lot }),
          quantity,
          ...(expires !== undefined && { expires }),
          ...(left !== undefined && { daysLeft: left }),
          state: stateOf(hold, left, tierMs),
          ...(hold !== undefined && { hold }),
        };
      });
  }

  #where(item: string, lot: string): readonly StockedKey[] {
    const { stocks } = this.#books;
    return [...stocks.keys()].filter((key) => {
      const stock = stocks.get(key);
      return stock?.item === item && stock.rows.some((row) => row.lot === lot);
    });
  }

  #remember(ids: Iterable<string>): void {
    for (const id of ids) this.#recent.add(id);
    for (const id of this.#recent) {
      if (this.#recent.size <= recentIdsMax) break;
      this.#recent.delete(id);
    }
  }
}

const dayMs = 86_400_000;

function stateOf(hold: Hold | undefined, left: number | undefined, tierMs: number) {
  if (left !== undefined && left < 0) return "expired";
  if (hold !== undefined) return "held";
  return left !== undefined && left * dayMs <= tierMs ? "near-expiry" : "good";
}

function followOf(journal: Journal, place: LotPlace, body: Follow["events"][number]["body"]) {
  const touched = new Set([stockedKey(place.location, place.item)]);
  return { events: [{ kind: "stock" as const, body }], state: journal.state, touched };
}

function refusedLot(
  { location, item, lot }: LotPlace,
  why: "lockedAlready" | "notHeld" | "rejected" | "excursionOpen",
  excursion = "",
): StockRefusal {
  const place = `${location}/${item}${lot === undefined ? "" : `/${lot}`}`;
  return new StockRefusal(why, { place, excursion }, place);
}

function under(saved: Saved, ...prefixes: readonly string[]): Saved {
  return new Map([...saved].filter(([key]) => prefixes.some((prefix) => key.startsWith(prefix))));
}
