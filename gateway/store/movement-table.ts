import type Database from "better-sqlite3";
import type { EpochMs } from "../../drivers/contract.ts";
import type { MovementPage, MovementQuery, MovementView } from "../panel/stock-api.ts";
import { exact, partsPerUnit } from "../stock/ledger/quantity.ts";
import { type Movement, movementSchema } from "../stock/movement.ts";
import { idBytes, idText } from "./movement-id-bytes.ts";

/** Movements that one page looks at: reading them takes some milliseconds, in which no alarm is evaluated. */
export const movementsSearchedMax = 20_000;

/** Movements that one pruning folds at most, so that it holds up nobody; the next one goes on. */
export const foldedRowsMax = 5_000;

/** Movements that one read of all of them holds in memory. */
const rowsPerRead = 1_000;

interface Row {
  readonly seq: number;
  readonly id: Buffer;
  readonly asked: Buffer | null;
  readonly at: number;
  readonly location: string;
  readonly item: string;
  readonly lot: string | null;
  readonly kind: string;
  /** Whole millionths of the unit: they add up exactly in any order. */
  readonly parts: number;
  readonly body: string;
}

type Filter = Readonly<Record<string, string | number | Buffer | null>>;

/** What all movements of one lot at one place come to. */
export interface MovementSum {
  readonly location: string;
  readonly item: string;
  readonly lot?: string;
  readonly quantity: number;
}

/** What moved at one place in one hour of UTC. */
export interface MovementHour {
  readonly from: EpochMs;
  /** Sum of all movements. */
  readonly change: number;
  /** Sum of picks and issues; zero or less. */
  readonly taken: number;
}

/** By which index a page is read. */
type Way = "item" | "location" | "all";

/**
 * The movements in the database. They are only added, and triggers refuse every other change; what age lets go is
 * first added to the sums in `movement_folded`, in the transaction that deletes it.
 */
export class MovementTable {
  readonly #db: Database.Database;
  readonly #insert: Database.Statement<[Filter]>;
  readonly #known: Database.Statement<[Buffer, Buffer], { readonly one: number }>;
  readonly #pages: Readonly<Record<Way, Database.Statement<[Filter], Row>>>;
  readonly #ends: Readonly<Record<Way, Database.Statement<[Filter], Pick<Row, "seq">>>>;
  readonly #after: Database.Statement<[number, number], Row>;
  readonly #hours: Database.Statement<[Filter], { hour: number; parts: number; taken: number }>;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#insert = db.prepare(
      `INSERT OR IGNORE INTO movement (id, asked, at, location, item, lot, kind, parts, body)
       VALUES (@id, @asked, @at, @location, @item, @lot, @kind, @parts, @body)`,
    );
    this.#known = db.prepare(
      `SELECT 1 AS one FROM movement WHERE id = ?
       UNION ALL SELECT 1 FROM movement WHERE asked = ? LIMIT 1`,
    );
    this.#pages = forEachWay((where) => db.prepare(pageSql(where)));
    this.#ends = forEachWay((where) => db.prepare(endSql(where)));
    this.#after = db.prepare("SELECT * FROM movement WHERE seq > ? ORDER BY seq LIMIT ?");
    this.#hours = db.prepare(
      `SELECT CAST(at / 3600000 AS INTEGER) AS hour, sum(parts) AS parts,
         sum(CASE WHEN kind IN ('pick', 'issue') THEN parts ELSE 0 END) AS taken
       FROM movement WHERE item = @item AND location = @location AND at >= @from
       GROUP BY hour ORDER BY hour`,
    );
  }

  /**
   * Belongs into a transaction of the caller. A row that came back when the log was recovered is written again by the
   * commit that was taken for lost: it stays as it is.
   */
  append(movements: readonly Movement[]): void {
    for (const { id, asked, at, location, item, lot, kind, quantity, ...body } of movements) {
      this.#insert.run({
        id: idBytes(id),
        asked: asked === undefined ? null : idBytes(asked),
        at,
        location,
        item,
        lot: lot ?? null,
        kind,
        parts: Math.round(quantity * partsPerUnit),
        body: JSON.stringify(body),
      });
    }
  }

  /** Whether a movement of this identity is on record, or one that was asked for under it. */
  has(id: string): boolean {
    const bytes = idBytes(id);
    return this.#known.get(bytes, bytes) !== undefined;
  }

  /** Newest first, from among the next `movementsSearchedMax`: a page may be short although more follow. */
  page({ location, item, lot, kind, from, to, before, limit }: MovementQuery): MovementPage {
    const way: Way = item !== undefined ? "item" : location !== undefined ? "location" : "all";
    const filter = {
      location: location ?? null,
      item: item ?? null,
      lot: lot ?? null,
      kind: kind ?? null,
      from: from ?? null,
      to: to ?? null,
      before: before ?? Number.MAX_SAFE_INTEGER,
      searched: movementsSearchedMax,
      limit,
    };
    const movements = this.#pages[way].all(filter).flatMap((row) => viewOf(row) ?? []);
    const last = movements.length === limit ? movements.at(-1) : this.#ends[way].get(filter);
    return { movements, ...(last !== undefined && { next: last.seq }) };
  }

  /** Oldest first, some at a time. What cannot be read any more is given with the reason in place of it. */
  *all(): Generator<MovementView | { readonly seq: number; readonly unreadable: true }> {
    let after = 0;
    for (;;) {
      const rows = this.#after.all(after, rowsPerRead);
      for (const row of rows) yield viewOf(row) ?? { seq: row.seq, unreadable: true };
      const last = rows.at(-1);
      if (last === undefined || rows.length < rowsPerRead) return;
      after = last.seq;
    }
  }

  /** What stock must be: all movements, with the sums of those that age let go. */
  sums(): readonly MovementSum[] {
    const rows = this.#db
      .prepare<[], { location: string; item: string; lot: string; parts: number }>(
        `SELECT location, item, lot, sum(parts) AS parts FROM (
           SELECT location, item, ifnull(lot, '') AS lot, parts FROM movement
           UNION ALL SELECT location, item, lot, parts FROM movement_folded)
         GROUP BY location, item, lot`,
      )
      .all();
    return rows.map(({ location, item, lot, parts }) => ({
      location,
      item,
      ...(lot !== "" && { lot }),
      quantity: exact(parts / partsPerUnit),
    }));
  }

  /** What moved at one place since then, oldest first. */
  hours(location: string, item: string, from: EpochMs): readonly MovementHour[] {
    return this.#hours.all({ location, item, from }).map(({ hour, parts, taken }) => ({
      from: hour * 3_600_000,
      change: exact(parts / partsPerUnit),
      taken: exact(taken / partsPerUnit),
    }));
  }

  /** Movements before then have only sums; undefined: all are there. */
  foldedBefore(): EpochMs | undefined {
    return this.#db
      .prepare<[], { before: number }>("SELECT before FROM movement_mark WHERE one = 1")
      .get()?.before;
  }

  /**
   * Adds movements before `oldBefore` to their sums and forgets them, `foldedRowsMax` at a time. Those that a clock
   * dated which was never set go when all before them are gone. @returns how many.
   */
  fold(oldBefore: EpochMs): number {
    const going = `SELECT seq FROM movement WHERE at < @oldBefore
      AND (json_extract(body, '$.clock') <> 'unset'
        OR seq < (SELECT seq FROM movement WHERE at >= @oldBefore ORDER BY seq LIMIT 1))
      ORDER BY at, seq LIMIT ${foldedRowsMax}`;
    this.#db
      .prepare(
        `INSERT INTO movement_mark (one, before) VALUES (1, @oldBefore)
         ON CONFLICT (one) DO UPDATE SET before = max(before, excluded.before)`,
      )
      .run({ oldBefore });
    this.#db
      .prepare(
        `INSERT INTO movement_folded (location, item, lot, parts)
         SELECT location, item, ifnull(lot, ''), sum(parts) FROM movement
         WHERE seq IN (${going}) GROUP BY 1, 2, 3
         ON CONFLICT (location, item, lot) DO UPDATE SET parts = parts + excluded.parts`,
      )
      .run({ oldBefore });
    return this.#db.prepare(`DELETE FROM movement WHERE seq IN (${going})`).run({ oldBefore })
      .changes;
  }

  /** Whether age lets any go. */
  hasBefore(oldBefore: EpochMs): boolean {
    return (
      this.#db
        .prepare<[number]>(
          `SELECT 1 FROM movement WHERE at < ? AND json_extract(body, '$.clock') <> 'unset' LIMIT 1`,
        )
        .get(oldBefore) !== undefined
    );
  }

  /** Stock that came from a database whose movements are lost: it stands as a sum. */
  open(balances: readonly MovementSum[]): void {
    const sums = new Map(this.sums().map((sum) => [keyOf(sum), sum.quantity]));
    const add = this.#db.prepare<[string, string, string, number]>(
      `INSERT INTO movement_folded (location, item, lot, parts) VALUES (?, ?, ?, ?)
       ON CONFLICT (location, item, lot) DO UPDATE SET parts = parts + excluded.parts`,
    );
    for (const balance of balances) {
      const missing = balance.quantity - (sums.get(keyOf(balance)) ?? 0);
      const parts = Math.round(missing * partsPerUnit);
      if (parts !== 0) add.run(balance.location, balance.item, balance.lot ?? "", parts);
    }
  }
}

function keyOf({ location, item, lot = "" }: MovementSum): string {
  return `${location}/${item}/${lot}`;
}

function forEachWay<Result>(make: (where: string) => Result): Readonly<Record<Way, Result>> {
  return {
    item: make("item = @item AND"),
    location: make("location = @location AND"),
    all: make(""),
  };
}

function pageSql(where: string): string {
  return `SELECT * FROM (
      SELECT * FROM movement WHERE ${where} seq < @before ORDER BY seq DESC LIMIT @searched)
    WHERE (@location IS NULL OR location = @location) AND (@lot IS NULL OR lot = @lot)
      AND (@kind IS NULL OR kind = @kind)
      AND (@from IS NULL OR at >= @from) AND (@to IS NULL OR at < @to)
    ORDER BY seq DESC LIMIT @limit`;
}

/** Where a page ended that found less than it may: there is more only when it looked at as many as it may. */
function endSql(where: string): string {
  return `SELECT seq FROM movement WHERE ${where} seq < @before
    ORDER BY seq DESC LIMIT 1 OFFSET @searched - 1`;
}

function viewOf(row: Row): MovementView | undefined {
  const { seq, id, asked, at, location, item, lot, kind, parts } = row;
  const rest = parsed(row.body);
  const { data } = movementSchema.safeParse({
    ...rest,
    id: idText(id),
    at,
    location,
    item,
    kind,
    quantity: exact(parts / partsPerUnit),
    ...(asked !== null && { asked: idText(asked) }),
    ...(lot !== null && { lot }),
  });
  return data === undefined ? undefined : { ...data, seq };
}

function parsed(text: string): object {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
