import { tell } from "../../../config/language/check.ts";
import type { Language } from "../../../config/language/language.ts";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { Booking } from "../../panel/stock-api.ts";
import type { Instant } from "../../rules/rule.ts";
import type { ClockQuality } from "../../store/store.ts";
import type { BookingRow, OrderRow } from "../import/bookings.ts";
import type { ItemRow } from "../import/items.ts";
import type { ImportRow } from "../import/read-import.ts";
import type { TagRow } from "../import/tags.ts";
import { writtenItem } from "../items/written-item.ts";
import type { MovementDraft } from "../movement.ts";
import { StockRefusal } from "../stock-refusal.ts";
import { stockedKey } from "../stocked.ts";
import { bookingDraft } from "./booking-draft.ts";
import type { StockDesk, Taken } from "./stock-desk.ts";
import { joined, nothingMoved, type StockStep } from "./stock-step.ts";

/** What became of some rows. */
export interface ImportedRows {
  readonly moved: StockStep;
  readonly landed: number;
  readonly repeated: number;
  readonly bad: readonly { readonly line: number; readonly reason: string }[];
}

export interface ImportWorld {
  readonly desk: StockDesk;
  readonly locations: ReadonlySet<string>;
  readonly person: string;
  readonly file: string;
  readonly clock: ClockQuality;
  readonly language: Language;
}

/** Digits of an event hash: what our own export wrote as the key of a movement. */
const hashPattern = /^[0-9a-f]{64}$/;

/** Rows of one batch, which belong into one transaction. Rows that cannot be taken come back, the others land. */
export function importRows(
  rows: readonly ImportRow[],
  world: ImportWorld,
  instant: Instant,
): ImportedRows {
  const of = <Kind extends ImportRow["kind"]>(kind: Kind) =>
    rows.filter((row): row is Extract<ImportRow, { kind: Kind }> => row.kind === kind);
  const parts = [
    importItems(of("item"), world, instant),
    importTags(of("tag"), world, instant),
    importOrders(of("order"), world, instant),
    importBookings(of("booking"), world, instant),
  ];
  return {
    moved: parts.reduce((all, part) => joined(all, part.moved), nothingMoved),
    landed: parts.reduce((sum, { landed }) => sum + landed, 0),
    repeated: parts.reduce((sum, { repeated }) => sum + repeated, 0),
    bad: parts.flatMap(({ bad }) => bad),
  };
}

const nothingImported: ImportedRows = { moved: nothingMoved, landed: 0, repeated: 0, bad: [] };

function importItems(
  rows: readonly ItemRow[],
  { desk, language }: ImportWorld,
  instant: Instant,
): ImportedRows {
  if (rows.length === 0) return nothingImported;
  const { items, ledger, shelves } = desk.parts;
  const { state, changed, refused } = items.import(
    rows.map(({ id, config }) => [id, writtenItem(config)] as const),
  );
  const lineOf = new Map(rows.map(({ id, line }) => [id, line]));
  const touched = new Set<`${string}/${string}`>();
  for (const id of changed) {
    const item = items.get(id);
    if (item === undefined) continue;
    ledger.learn(item);
    for (const location of item.location) {
      touched.add(stockedKey(location, id));
      shelves.renew(location);
    }
  }
  const bad = refused.map(({ item, findings }) => ({
    line: lineOf.get(item) ?? 0,
    reason: findings.map(({ code, params }) => tell(code, params, language)[0]).join("; "),
  }));
  return {
    moved: desk.touch({ events: [], state }, touched, instant),
    landed: changed.length,
    repeated: rows.length - changed.length - bad.length,
    bad,
  };
}

function importTags(
  rows: readonly TagRow[],
  { desk }: ImportWorld,
  instant: Instant,
): ImportedRows {
  if (rows.length === 0) return nothingImported;
  const { state, bad, repeated } = desk.parts.tagBook.register(
    rows.map(({ tag: { version: _, ...tag } }) => tag),
  );
  const lineOf = new Map(rows.map(({ tag, line }) => [tag.epc, line]));
  return {
    moved: desk.touch({ events: [], state }, [], instant),
    landed: rows.length - bad.length - repeated,
    repeated,
    bad: bad.map(({ epc, reason }) => ({ line: lineOf.get(epc) ?? 0, reason })),
  };
}

function importOrders(
  rows: readonly OrderRow[],
  world: ImportWorld,
  instant: Instant,
): ImportedRows {
  const { desk } = world;
  const bad: { line: number; reason: string }[] = [];
  let moved = nothingMoved;
  let landed = 0;
  for (const { order, line } of rows) {
    try {
      const done = desk.parts.ledger.order(order);
      if (done.state.size === 0) continue;
      landed += 1;
      moved = joined(moved, desk.touch(done, done.touched, instant));
    } catch (error) {
      bad.push({ line, reason: reasonOf(error, world.language) });
    }
  }
  return { moved, landed, repeated: rows.length - landed - bad.length, bad };
}

function importBookings(
  rows: readonly BookingRow[],
  world: ImportWorld,
  instant: Instant,
): ImportedRows {
  if (rows.length === 0) return nothingImported;
  const bad: { line: number; reason: string }[] = [];
  const taken: { readonly line: number; readonly taken: Taken }[] = [];
  for (const row of rows) {
    try {
      taken.push({ line: row.line, taken: takenOf(row, world, instant) });
    } catch (error) {
      bad.push({ line: row.line, reason: reasonOf(error, world.language) });
    }
  }
  const { results, moved } = world.desk.bookEach(
    taken.map((it) => it.taken),
    instant,
  );
  let landed = 0;
  let repeated = 0;
  for (const [index, result] of results.entries()) {
    if (result instanceof RackwatchError) {
      bad.push({ line: taken[index]?.line ?? 0, reason: reasonOf(result, world.language) });
    } else if (result.repeated > 0) repeated += 1;
    else landed += 1;
  }
  return { moved, landed, repeated, bad };
}

function takenOf(row: BookingRow, world: ImportWorld, { at }: Instant): Taken {
  const { booking } = row;
  const { desk, locations, person, clock, file } = world;
  const item = desk.parts.items.get(booking.item);
  if (item === undefined) {
    throw new StockRefusal("noItem", { item: booking.item });
  }
  const when = row.at ?? at;
  const keepsFrom = desk.parts.ledger.keepsFrom(at);
  if (when < keepsFrom) {
    const oldest = new Date(keepsFrom).toISOString().slice(0, 10);
    throw new StockRefusal("tooOld", { oldest });
  }
  const draft = bookingDraft(booking, { item, locations, person, at: when, clock });
  const { lotBy: _, ...rest } = draft;
  const asked = hashPattern.test(booking.key)
    ? `ni:///sha-256;${booking.key}?ver=CBV2.0`
    : `row:${booking.key}`;
  const imported: MovementDraft = {
    ...rest,
    ...(draft.lot === undefined ? {} : { lotBy: "import" as const }),
    asked,
    evidence: {
      ...draft.evidence,
      by: "import",
      document: draft.evidence.document ?? file,
    },
  };
  return { drafts: [imported], lots: lotsOf(booking) };
}

/** What a booking says of its lot. */
export function lotsOf({ item, lot, expires }: Booking) {
  return lot === undefined || expires === undefined ? [] : [{ item, lot, expires }];
}

function reasonOf(error: unknown, language: Language): string {
  if (error instanceof StockRefusal) return error.told(language)[0];
  if (error instanceof RackwatchError) return error.message;
  throw error;
}
