import type { Instant } from "../../rules/rule.ts";
import { takenBy } from "../demand/taken.ts";
import type { Movement, MovementDraft } from "../movement.ts";
import { type StockedKey, stockedKey } from "../stocked.ts";
import { type AllocationPurpose, allocate, byExpiry, type LotChoice } from "./allocation.ts";
import { choicesOf, type LotLocks, lotPlace } from "./choices.ts";
import { checkDraft, isSaid, refused, tooMuch } from "./draft-check.ts";
import { type ItemStock, onHandOf, quantityOf } from "./item-stock.ts";
import type { Journal } from "./journal.ts";
import type { LedgerFact, LedgerFinding } from "./ledger-fact.ts";
import type { OrderBook } from "./order-book.ts";
import { exact } from "./quantity.ts";
import type { StockBook } from "./stock-book.ts";

/** Lots with stock of one item at one place. A further one is refused, or its pieces stand there without a lot. */
export const lotsAtPlaceMax = 1_000;

export interface Books extends LotLocks {
  readonly stocks: StockBook;
  readonly orders: OrderBook;
  /** The deterministic identity of a movement. */
  readonly identify: (draft: MovementDraft) => string;
}

export interface BookingParts extends Books {
  readonly journal: Journal;
  readonly instant: Instant;
  /** Whether a movement of this identity is on record, or was asked for. */
  readonly known: (id: string) => boolean;
}

/** `quantity` is positive. */
interface Placed extends Pick<MovementDraft, "lot" | "lotBy"> {
  readonly quantity: number;
}

/** Pieces of a draft that go from or to a place. */
interface Move {
  readonly draft: MovementDraft;
  readonly location: string;
  readonly partner?: string;
  readonly part: Placed;
}

/** Drafts that are booked together. Everything changes through the journal, which can take it back. */
export class Booking {
  readonly movements: Movement[] = [];
  readonly facts: LedgerFact[] = [];
  readonly touched = new Set<StockedKey>();
  /** Identities that are on record from now on. */
  readonly ids = new Set<string>();
  repeated = 0;
  readonly #parts: BookingParts;

  constructor(parts: BookingParts) {
    this.#parts = parts;
  }

  /** @throws RackwatchError `stock/refused`. */
  take(given: MovementDraft): void {
    const draft = { ...given, quantity: exact(given.quantity) };
    checkDraft(draft);
    const asked = draft.asked ?? this.#parts.identify(askedOf(draft));
    if (this.ids.has(asked) || this.#parts.known(asked)) {
      this.repeated += 1;
      return;
    }
    switch (draft.kind) {
      case "pick":
      case "issue":
        this.#out(draft, asked);
        break;
      case "put":
      case "receipt":
        this.#in(draft, asked);
        break;
      case "adjust":
        if (draft.quantity < 0) this.#out(draft, asked);
        else this.#in(draft, asked);
        break;
      case "transfer":
        this.#transfer(draft, asked);
        break;
      case "count":
        this.#count(draft, asked);
        break;
    }
    this.ids.add(asked);
  }

  #out(draft: MovementDraft, asked: string): void {
    const { location, kind } = draft;
    const purpose = kind === "adjust" ? "loss" : "pick";
    for (const part of this.#partsOut(draft, -draft.quantity, purpose)) {
      this.#lose({ draft, location, part }, asked);
    }
    if (kind === "issue") this.#fulfil("reservation", draft, -draft.quantity);
  }

  #in(draft: MovementDraft, asked: string): void {
    const { location, quantity } = draft;
    this.#gain({ draft, location, part: this.#partIn(draft, quantity) }, asked);
    if (draft.kind === "receipt") this.#fulfil("order", draft, quantity);
  }

  /** Both sides at once: what leaves one place arrives at the other with its lot and what was decided of it. */
  #transfer(draft: MovementDraft, asked: string): void {
    const { item, partner = "", quantity } = draft;
    const [from, to] = quantity < 0 ? [draft.location, partner] : [partner, draft.location];
    const leaving = { ...draft, location: from };
    const parts = this.#partsOut(leaving, Math.abs(quantity), "pick");
    for (const part of parts) this.#lose({ draft, location: from, partner: to, part }, asked);
    // A tag knows the lot also where the ledger did not have it.
    const arriving =
      draft.lot === undefined
        ? parts
        : [{ lot: draft.lot, quantity: Math.abs(quantity), ...seenBy(draft) }];
    for (const part of arriving) {
      this.#gain({ draft, location: to, partner: from, part }, asked);
      const { holds, journal } = this.#parts;
      holds.carry(
        lotPlace({ location: from, item }, part.lot),
        lotPlace({ location: to, item }, part.lot),
        journal,
      );
    }
  }

  #count(draft: MovementDraft, asked: string): void {
    const { location, item, lot, evidence } = draft;
    const stock = this.#stock(location, item);
    const expected = lot === undefined ? onHandOf(stock) : quantityOf(stock, lot);
    const counted = exact(evidence.counted ?? 0);
    const found: MovementDraft = { ...draft, evidence: { ...evidence, counted, expected } };
    const difference = exact(counted - expected);
    if (difference < 0) {
      const parts =
        lot === undefined
          ? allocate(this.#choices(stock), -difference, "loss")
          : [{ lot, quantity: -difference, ...seenBy(draft) }];
      for (const part of parts) this.#lose({ draft: found, location, part }, asked);
    } else {
      this.#gain({ draft: found, location, part: this.#partIn(draft, difference) }, asked);
    }
    const last = this.movements.at(-1);
    if (difference === 0 || last === undefined) return;
    this.#fact({ is: "counted", ...lotOf(lot), expected, counted }, last);
  }

  /** What goes of which lot; without a lot what the ledger never had. */
  #partsOut(draft: MovementDraft, quantity: number, purpose: AllocationPurpose): Placed[] {
    const { location, item, lot } = draft;
    const stock = this.#stock(location, item);
    const there = lot === undefined ? onHandOf(stock) : quantityOf(stock, lot);
    if (quantity > there && isSaid(draft)) throw tooMuch(draft, quantity, there);
    if (lot === undefined) return [...allocate(this.#choices(stock), quantity, purpose)];
    const some = Math.min(quantity, Math.max(0, there));
    const seen = { lot, quantity: some, ...seenBy(draft) };
    const rest = { quantity: exact(quantity - some) };
    return [seen, rest].filter((part) => part.quantity > 0);
  }

  #partIn(draft: MovementDraft, quantity: number): Placed {
    const { location, item, lot } = draft;
    const stock = this.#stock(location, item);
    if (lot !== undefined) {
      const isNew = quantityOf(stock, lot) === 0;
      if (!isNew || stock.rows.length < lotsAtPlaceMax) {
        return { lot, quantity, ...seenBy(draft) };
      }
      if (isSaid(draft)) throw tooManyLots(draft);
      return { quantity };
    }
    const only = this.#parts.lots.only(item);
    // What is missing without a lot comes back without one.
    const isOnly = only !== undefined && quantity > 0 && quantityOf(stock, undefined) === 0;
    return isOnly ? { lot: only, lotBy: "only", quantity } : { quantity };
  }

  #lose(move: Move, asked: string): void {
    const { draft, location, part } = move;
    const stock = this.#stock(location, draft.item);
    const movement = this.#write(move, -part.quantity, asked);
    if (movement === undefined) return;
    const isSeen = !isSaid(draft) && draft.kind !== "count";
    const missing = exact(part.quantity - Math.max(0, quantityOf(stock, part.lot)));
    if (isSeen && part.lot === undefined && missing > 0) {
      const onHand = onHandOf(stock);
      const quantity = Math.abs(draft.quantity);
      this.#fact({ is: "unexplained", ...lotOf(draft.lot), onHand, quantity, missing }, movement);
    }
    if (draft.kind === "pick" || draft.kind === "issue") this.#judgePick(stock, part, movement);
  }

  /** From a locked lot, or from one that was not due yet. */
  #judgePick(stock: ItemStock, { lot, lotBy, quantity }: Placed, movement: Movement): void {
    const choices = this.#choices(stock).filter((choice) => choice.quantity > 0);
    const picked = choices.find((choice) => choice.lot === lot);
    if (picked === undefined) return;
    const { expires } = picked;
    const dated = { quantity, ...(expires !== undefined && { expires }) };
    if (picked.isLocked) {
      const hold = this.#parts.holds.inForce(lotPlace(stock, lot));
      const why =
        hold === undefined
          ? ({ why: "expired" } as const)
          : ({ why: "held", cause: hold.cause } as const);
      this.#fact({ is: "lockedPick", ...lotOf(lot), ...dated, ...why }, movement);
      return;
    }
    if (lot === undefined || lotBy === "fefo" || lotBy === "only") return;
    const earlier = choices.filter(({ isLocked }) => !isLocked).sort(byExpiry)[0];
    if (earlier?.lot === undefined || earlier.expires === undefined) return;
    if (expires !== undefined && earlier.expires >= expires) return;
    const first = { lot: earlier.lot, expires: earlier.expires };
    this.#fact({ is: "lotOrder", lot, ...dated, earlier: first }, movement);
  }

  #gain(move: Move, asked: string): void {
    const { draft, location, part } = move;
    if (this.#write(move, part.quantity, asked) === undefined || part.quantity === 0) return;
    const { lots, holds, stocks, journal, instant } = this.#parts;
    const { item } = draft;
    if (part.lot !== undefined) {
      const receivedAt = draft.kind === "receipt" ? draft.at : undefined;
      lots.arrived(item, part.lot, receivedAt, journal);
      lots.trim(item, (lot) => stocks.hasLot(item, lot), journal);
    }
    for (const cause of holds.openAt(location)) {
      holds.add(lotPlace({ location, item }, part.lot), { cause, since: instant.at }, journal);
    }
  }

  /** Undefined: the very same is on record already. */
  #write(
    { draft, location, partner, part }: Move,
    quantity: number,
    asked: string,
  ): Movement | undefined {
    const { lot: _lot, lotBy: _lotBy, partner: _partner, asked: _asked, ...rest } = draft;
    const { lot, lotBy } = part;
    const content: MovementDraft = {
      ...rest,
      location,
      quantity: exact(quantity),
      ...(lot !== undefined && { lot }),
      ...(lotBy !== undefined && { lotBy }),
      ...(partner !== undefined && { partner }),
    };
    const movement = identified(content, asked, this.#parts.identify);
    const { id, item, at } = movement;
    if (this.ids.has(id) || this.#parts.known(id)) return undefined;
    this.ids.add(id);
    const taken = takenBy(movement) > 0;
    const change = { ...(lot !== undefined && { lot }), quantity: movement.quantity, at, taken };
    this.#parts.stocks.change(location, item, change, this.#parts.journal);
    this.movements.push(movement);
    this.touched.add(stockedKey(location, item));
    return movement;
  }

  #fulfil(kind: "order" | "reservation", draft: MovementDraft, quantity: number): void {
    const { item, location, at, evidence } = draft;
    const { document } = evidence;
    if (document === undefined) return;
    const given = { document, item, location, quantity, at };
    const { orders, journal } = this.#parts;
    for (const key of orders.fulfil(kind, given, journal)) this.touched.add(key);
  }

  #fact(finding: LedgerFinding, { location, item, at, evidence, id }: Movement): void {
    this.facts.push({ ...finding, location, item, at, by: evidence.by, movement: id });
  }

  #stock(location: string, item: string): ItemStock {
    return this.#parts.stocks.get(stockedKey(location, item)) ?? { location, item, rows: [] };
  }

  #choices(stock: ItemStock): readonly LotChoice[] {
    return choicesOf(stock, this.#parts, this.#parts.instant.at);
  }
}

function lotOf(lot: string | undefined): { readonly lot?: string } {
  return lot === undefined ? {} : { lot };
}

/** What whoever sends it again would send: a count's difference is the ledger's. */
function askedOf(draft: MovementDraft): MovementDraft {
  if (draft.kind !== "count") return draft;
  const { expected: _, ...evidence } = draft.evidence;
  return { ...draft, quantity: 0, evidence };
}

/** Where the ledger made another movement of what was asked for, the movement says so. */
function identified(
  content: MovementDraft,
  asked: string,
  identify: (draft: MovementDraft) => string,
): Movement {
  const id = identify(content);
  if (id === asked) return { ...content, id };
  const told = { ...content, asked };
  return { ...told, id: identify(told) };
}

/** How a lot is known that came with the draft. */
function seenBy({ lotBy, evidence }: MovementDraft): Pick<MovementDraft, "lotBy"> {
  if (lotBy !== undefined) return { lotBy };
  switch (evidence.by) {
    case "tags":
      return { lotBy: "tag" };
    case "person":
      return { lotBy: "person" };
    case "import":
    case "central":
      return { lotBy: "import" };
    case "weight":
      return {};
  }
}

function tooManyLots(draft: MovementDraft) {
  return refused(draft, "tooManyLots", { max: lotsAtPlaceMax });
}
