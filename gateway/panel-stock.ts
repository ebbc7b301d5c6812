import { setImmediate } from "node:timers/promises";
import { importText } from "../config/language/import.ts";
import type { Config } from "../config/schema/config.ts";
import type { Clock } from "../drivers/contract.ts";
import { locationsWithin } from "./cold-chain/excursion.ts";
import type { Intake } from "./intake.ts";
import type {
  Booked,
  Booking,
  HoldBody,
  ImportKind,
  ImportResult,
  ItemOutlook,
  ItemView,
  MismatchView,
  MovementPage,
  MovementQuery,
  OpenProposal,
  Release,
  Scanned,
  StockPage,
  StockQuery,
  StockView,
} from "./panel/stock-api.ts";
import type { StockSource } from "./panel/stock-source.ts";
import { localTimeOf } from "./report/local-time.ts";
import type { Instant } from "./rules/rule.ts";
import { bookingDraft } from "./stock/desk/booking-draft.ts";
import type { BookingKeys } from "./stock/desk/booking-keys.ts";
import { importRows, lotsOf } from "./stock/desk/import-rows.ts";
import { itemOutlook } from "./stock/desk/item-outlook.ts";
import type { StockDesk } from "./stock/desk/stock-desk.ts";
import { joined } from "./stock/desk/stock-step.ts";
import { itemView, stockPage, stockView } from "./stock/desk/stock-views.ts";
import { epcisDocument } from "./stock/epcis/document.ts";
import { readImport } from "./stock/import/read-import.ts";
import { movementsCsv, stockCsv } from "./stock/import/to-csv.ts";
import { scanned } from "./stock/items/scanned.ts";
import type { Booked as LedgerBooked } from "./stock/ledger/ledger.ts";
import { StockRefusal } from "./stock/stock-refusal.ts";
import { type StockedKey, stockedKey } from "./stock/stocked.ts";
import type { ClockQuality, Store } from "./store/store.ts";

export interface PanelStockParts {
  readonly config: Config;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly intake: Intake;
  readonly store: Pick<Store, "movements" | "movementHours" | "hasMovement">;
  readonly stock: StockDesk;
  readonly bookingKeys: BookingKeys;
  /** What counts now: an import is longer than the life of a configuration may be. Absent: these parts. */
  readonly present?: () => Pick<PanelStockParts, "stock" | "intake">;
}

/** Bookings with keys of their own that say the same in the same millisecond; more are taken for one. */
const sameInstantMax = 100;

/** Rows that one commit of an import books: a millisecond each, in which no lamp is lit. */
const rowsPerCommit = 40;

/** Rows of the ledger that an export takes from the store at a time. */
const exportPage = 1_000;

/** Lines that one change tells screens of: an import touches thousands, which nobody reads as they pass. */
const viewsMax = 200;

/** Stock for the panel: looked up when it is asked for, and what people do with it. */
export class PanelStock implements StockSource {
  readonly #parts: PanelStockParts;
  readonly #locations: ReadonlySet<string>;

  constructor(parts: PanelStockParts) {
    this.#parts = parts;
    this.#locations = new Set(Object.keys(parts.config.locations));
  }

  stock(query: StockQuery): StockPage {
    const { stock, config } = this.#parts;
    const { within } = query;
    return within === undefined
      ? stockPage(stock.parts, query)
      : stockPage(stock.parts, query, new Set(locationsWithin(within, config.locations)));
  }

  /** One line; undefined: the item is not kept there. */
  view(location: string, item: string): StockView | undefined {
    const { stock } = this.#parts;
    const line = stock.line(location, item);
    return line === undefined ? undefined : stockView(line, stock.parts.warnings);
  }

  /** Those of the keys that are kept at all, `viewsMax` at most: a page asks for the rest itself. */
  *views(keys: Iterable<StockedKey>): Iterable<StockView> {
    let count = 0;
    for (const key of keys) {
      const [location = "", item = ""] = key.split("/");
      const view = this.view(location, item);
      if (view === undefined) continue;
      yield view;
      count += 1;
      if (count >= viewsMax) return;
    }
  }

  outlook(location: string, item: string): ItemOutlook {
    const { stock, store, clock, config } = this.#parts;
    const line = stock.line(location, item);
    if (line === undefined) throw unknownStock(location, item);
    const view = stockView(line, stock.parts.warnings);
    return itemOutlook(
      { line, view },
      {
        threshold: stock.parts.reviews.threshold(stockedKey(location, item)),
        hours: (from) => store.movementHours(location, item, from),
        timezone: config.gateway.timezone,
        now: clock.now(),
      },
    );
  }

  movements(query: MovementQuery): MovementPage {
    return this.#parts.store.movements(query);
  }

  items(): readonly ItemView[] {
    return [...this.#parts.stock.parts.items.all()].map(itemView);
  }

  mismatches(): readonly MismatchView[] {
    return [...this.#parts.stock.parts.comparer.inForce].map(({ key, is, opinions, since }) => {
      const [location = "", item = ""] = key.split("/");
      const { ledger, weight, tags } = opinions;
      return {
        ...{ location, item, case: is, ledger, since },
        ...(weight === undefined ? {} : { weight: weight.pieces }),
        ...(tags === undefined ? {} : { tags: tags.pieces }),
      };
    });
  }

  scanned(code: string): Scanned {
    const { stock, clock } = this.#parts;
    const { items } = stock.parts;
    const today = new Date(clock.now()).toISOString().slice(0, 10);
    const found = scanned(code, today, items);
    if (!found.ok) return { problem: found.reason };
    const { ok: _, gtin14: _gtin, ...rest } = found;
    const name = items.get(found.item)?.name;
    return { ...rest, ...(name === undefined ? {} : { name }) };
  }

  book(booking: Booking, person: string): Booked {
    const { intake, stock, bookingKeys, clockQuality } = this.#parts;
    if (bookingKeys.find(booking, person) !== undefined) return { movements: [], repeated: true };
    const item = stock.parts.items.get(booking.item);
    if (item === undefined) throw unknownStock(booking.location, booking.item);
    return intake.stock((instant) => {
      const world = { item, locations: this.#locations, person, clock: clockQuality() };
      const bookAt = (at: number) => {
        const drafts = [bookingDraft(booking, { ...world, at })];
        return stock.book({ drafts, lots: lotsOf(booking) }, instant);
      };
      const onHand = () => stock.line(booking.location, booking.item)?.onHand;
      const before = onHand();
      let booked = bookAt(instant.at);
      // Another key is another booking, though it says the same in the same millisecond.
      for (let after = 1; isTaken(booking, booked) && after <= sameInstantMax; after += 1) {
        booked = bookAt(instant.at + after);
      }
      const ids = booked.movements.map(({ id }) => id);
      const state = bookingKeys.keep(booking, person, ids, instant.at);
      const learnt = this.#learn(booking, instant);
      const change = { before, after: onHand() };
      const body = { do: "booked", by: person, ...booking, ...change, movements: ids };
      const kept = { events: [{ kind: "stock" as const, body }], state };
      const noted = stock.touch(kept, [], instant);
      return {
        moved: joined(joined(booked.moved, learnt), noted),
        result: { movements: [...booked.movements], repeated: booked.repeated > 0 },
      };
    });
  }

  async import(
    kind: ImportKind,
    { name, content }: Parameters<StockSource["import"]>[1],
    person: string,
  ): Promise<ImportResult> {
    const { config, clock, clockQuality, present = () => this.#parts } = this.#parts;
    const known = () => present().stock.parts;
    const { language, timezone } = config.gateway;
    const facts = {
      now: clock.now(),
      offsetAt: localTimeOf(timezone).offset,
      words: importText[language],
      item: (id: string) => known().items.get(id),
      itemOfGtin: (gtin: string) => known().items.byGtin(gtin)?.id,
      hasLocation: (id: string) => this.#locations.has(id),
      itemOfTag: (epc: string) => known().tagBook.resolve(epc)?.item,
    };
    const world = { locations: this.#locations, person, file: name, language };
    const total = { rows: 0, landed: 0, repeated: 0, badMore: 0 };
    const bad: ImportResult["bad"] = [];
    let form = { encoding: "", delimiter: "" };
    for await (const batch of readImport(kind, content, facts)) {
      total.rows += batch.read;
      total.badMore += batch.badMore;
      bad.push(...batch.bad);
      form = { encoding: batch.encoding, delimiter: batch.delimiter };
      for (let from = 0; from < batch.rows.length; from += rowsPerCommit) {
        const rows = batch.rows.slice(from, from + rowsPerCommit);
        const { intake, stock: desk } = present();
        const done = intake.stock((instant) => {
          const result = importRows(rows, { ...world, desk, clock: clockQuality() }, instant);
          return { moved: result.moved, result };
        });
        total.landed += done.landed;
        total.repeated += done.repeated;
        bad.push(...done.bad.map((row) => ({ ...row, text: "" })));
        // The alarms' loop gets its turn between two commits.
        await setImmediate();
      }
    }
    const told = { ...total, bad: bad.length + total.badMore };
    present().intake.record("stock", {
      do: "imported",
      by: person,
      file: name,
      what: kind,
      ...told,
    });
    return { ...total, bad: bad.toSorted((a, b) => a.line - b.line), ...form };
  }

  *export(what: "stock" | "movements"): Iterable<string> {
    const { stock, store } = this.#parts;
    if (what === "stock") {
      const { items, lines } = stock.parts;
      const rows = [...items.stocked()].flatMap((stocked) => {
        const { id: item, name, unit } = stocked.item;
        const base = {
          item,
          location: stocked.location,
          unit,
          ...(name === undefined ? {} : { name }),
        };
        return lines.line(stocked).lots.map(({ lot, expires, quantity }) => ({
          ...base,
          quantity,
          ...(lot === undefined ? {} : { lot }),
          ...(expires === undefined ? {} : { expires }),
        }));
      });
      yield stockCsv(rows);
      return;
    }
    let before: number | undefined;
    let isFirst = true;
    for (;;) {
      const page = store.movements({
        limit: exportPage,
        ...(before === undefined ? {} : { before }),
      });
      const text = movementsCsv(page.movements.map(({ seq: _, ...movement }) => movement));
      // The heading stands on the first page only.
      yield isFirst ? text : text.slice(text.indexOf("\r\n") + 2);
      isFirst = false;
      if (page.next === undefined) return;
      before = page.next;
    }
  }

  release({ comment, ...decision }: Release, person: string): void {
    this.#change((instant) => {
      const { lot, ...rest } = decision;
      const place = { ...rest, ...(lot === undefined ? {} : { lot }) };
      const { ledger } = this.#parts.stock.parts;
      return ledger.release({ ...place, by: person, comment }, instant);
    });
  }

  hold({ comment, location, item, lot }: HoldBody, person: string): void {
    this.#change((instant) => {
      const place = { location, item, ...(lot === undefined ? {} : { lot }) };
      if (this.#parts.stock.line(location, item) === undefined) throw unknownStock(location, item);
      return this.#parts.stock.parts.ledger.holdLot(place, person, comment, instant);
    });
  }

  proposals(): readonly OpenProposal[] {
    const { items, reviews } = this.#parts.stock.parts;
    const open = [...reviews.open()].flatMap(([key, proposal]): OpenProposal[] => {
      const [location = "", id = ""] = key.split("/");
      const item = items.get(id);
      if (item === undefined) return [];
      const name = item.name === undefined ? {} : { name: item.name };
      return [{ ...proposal, location, item: id, unit: item.unit, ...name }];
    });
    return open.toSorted((a, b) => a.at - b.at);
  }

  decide(proposal: string, approve: boolean, person: string, comment?: string): void {
    this.#change(({ at }) => {
      const decision = { approve, person, ...(comment === undefined ? {} : { comment }) };
      const decided = this.#parts.stock.parts.reviews.decide(proposal, decision, at);
      return { ...decided, touched: new Set([decided.key]) };
    });
  }

  epcis(query: MovementQuery): Readonly<Record<string, unknown>> {
    const { movements } = this.movements(query);
    return epcisDocument(
      movements.map(({ seq: _, ...movement }) => movement),
      { createdAt: this.#parts.clock.now() },
    );
  }

  #change(
    work: (instant: Instant) => Parameters<StockDesk["touch"]>[0] & {
      readonly touched: ReadonlySet<ReturnType<typeof stockedKey>>;
    },
  ): void {
    const { intake, stock } = this.#parts;
    intake.stock((instant) => {
      const { touched, ...done } = work(instant);
      return { moved: stock.touch(done, touched, instant), result: undefined };
    });
  }

  /** A person has counted what lies on a scale: what one piece weighs is known better. */
  #learn({ kind, location, item, lot, quantity }: Booking, instant: Instant) {
    const { stock } = this.#parts;
    const isWhole = kind === "count" && lot === undefined;
    const state = isWhole
      ? stock.parts.shelves.counted(location, item, quantity)
      : new Map<string, unknown>();
    return stock.touch({ events: [], state }, [], instant);
  }
}

function isTaken({ key }: Booking, { movements, repeated }: LedgerBooked): boolean {
  return key !== undefined && movements.length === 0 && repeated > 0;
}

function unknownStock(location: string, item: string): StockRefusal {
  return new StockRefusal("notKept", { item, location });
}
