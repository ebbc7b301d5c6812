import type Database from "better-sqlite3";
import type { EpochMs, PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type RecordCorrection, recordAtTrueTime } from "./correction.ts";
import { CorrectionTable } from "./correction-table.ts";
import type { PointRecord, RecordContext, RecordPage } from "./record.ts";
import { type PlanState, placeSchema, planStateSchema } from "./record-plan.ts";
import { packSegment, segmentHashStart, segmentRecordsMax, unpackSegment } from "./segment.ts";

/** Epochs whose cursor is kept: the store on disk, one in memory, and some that were lost. */
const cursorsMax = 8;

/** Segments that one call packs at most: a day of twenty points, some milliseconds each on a Raspberry Pi. */
export const sealedMax = 20;

/** Segments of a point that one retirement deletes at most. */
export const retiredMax = 400;

const dayMs = 86_400_000;

export interface Cursor {
  readonly epoch: string;
  readonly seq: number;
}

interface RecordRow {
  readonly at: number;
  readonly place: string;
  readonly quality: string;
  readonly value: number | null;
  readonly raw: number | null;
  readonly reason: string | null;
  readonly json: string;
}

interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

interface MovedRange extends Span {
  readonly point: PointKey;
  readonly id: number;
  readonly limit: number;
  readonly byMs: number;
}

interface SegmentRow {
  readonly from_at: number;
  readonly to_at: number;
  readonly hash_before: string;
  readonly hash: string;
  readonly payload: Uint8Array;
}

interface RetiredRow {
  readonly id: number;
  readonly to_at: number;
  readonly count: number;
  readonly hash: string;
}

/** Rows and segments of history.db. Every method throws as SQLite does. */
export class History {
  readonly #db: Database.Database;
  readonly #points = new Map<string, number>();
  readonly #contexts = new Map<string, number>();
  readonly #corrections: CorrectionTable;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#corrections = new CorrectionTable(db);
  }

  /** Puts on record what was found out of clocks by which records were dated. What is known is passed over. */
  correct(found: readonly RecordCorrection[], now: EpochMs): void {
    const missing = this.#corrections.missing(found);
    if (missing.length === 0) return;
    this.#together(() => {
      for (const correction of missing) this.#corrections.add(correction, now);
    });
  }

  /** A record as `read` gives it. */
  dated(record: PointRecord): PointRecord {
    return recordAtTrueTime(record, this.#corrections.all);
  }

  cursor(epoch: string): Cursor | undefined {
    const row = this.#db
      .prepare<[string], { seq: number }>("SELECT seq FROM cursor WHERE epoch = ?")
      .get(epoch);
    return row === undefined ? undefined : { epoch, seq: row.seq };
  }

  plans(): ReadonlyMap<PointKey, PlanState> {
    const rows = this.#db
      .prepare<[], { key: string; json: string }>(
        "SELECT key, json FROM plan JOIN point ON point.id = plan.point",
      )
      .all();
    return new Map(
      rows.flatMap(({ key, json }): [PointKey, PlanState][] => {
        const parsed = planStateSchema.safeParse(JSON.parse(json));
        return parsed.success && isPointKey(key) ? [[key, parsed.data]] : [];
      }),
    );
  }

  /** Records, plans and how far the samples were read become durable together. Known records are passed over. */
  write(
    records: readonly PointRecord[],
    plans: ReadonlyMap<PointKey, PlanState>,
    { epoch, seq }: Cursor,
  ): void {
    this.#together(() => {
      const insert = this.#db.prepare(
        `INSERT INTO record (point, at, place, quality, value, raw, reason, context)
         VALUES (?, ?, ?, ?, ?, ?, ?, ?)`,
      );
      for (const record of records) {
        const { at, place, quality, value = null, raw = null, reason = null } = record;
        const [point, context] = [this.#point(record.point), this.#context(record)];
        insert.run(point, at, place, quality, value, raw, reason, context);
      }
      const plan = this.#db.prepare("INSERT OR REPLACE INTO plan (point, json) VALUES (?, ?)");
      for (const [point, state] of plans) plan.run(this.#point(point), JSON.stringify(state));
      this.#db
        .prepare(
          `INSERT OR REPLACE INTO cursor (epoch, seq, moved)
           VALUES (?, ?, (SELECT COALESCE(MAX(moved), 0) + 1 FROM cursor))`,
        )
        .run(epoch, seq);
      this.#db
        .prepare(
          "DELETE FROM cursor WHERE epoch NOT IN (SELECT epoch FROM cursor ORDER BY moved DESC LIMIT ?)",
        )
        .run(cursorsMax);
    });
  }

  /** At most `limit` records within `from..to` by their true times, oldest first; what is kept twice counts once. */
  read(point: PointKey, from: EpochMs, to: EpochMs, limit: number): RecordPage {
    const id = this.#knownPoint(point);
    if (id === undefined) return { records: [], complete: true, damaged: [] };
    const found = new Map<EpochMs, PointRecord>();
    const damaged: Span[] = [];
    // Records whose clock was wrong stand that much away from where they belong.
    for (const byMs of [0, ...this.#corrections.shifts]) {
      const page = this.#readMoved({ point, id, from, to, limit, byMs });
      for (const record of page.records) if (!found.has(record.at)) found.set(record.at, record);
      damaged.push(...page.damaged);
    }
    const records = [...found.values()].sort((left, right) => left.at - right.at);
    return { records: records.slice(0, limit), complete: records.length <= limit, damaged };
  }

  /** Records that stand `byMs` before their true time: the first `limit + 1`, some more where it is simpler. */
  #readMoved({ point, id, from, to, limit, byMs }: MovedRange) {
    const [first, last] = [from - byMs, to - byMs];
    const found = new Map<EpochMs, PointRecord>();
    const damaged: Span[] = [];
    const take = (record: PointRecord) => {
      if (record.at < first || record.at > last || found.has(record.at)) return;
      const dated = this.dated(record);
      if (Math.abs(dated.at - record.at - byMs) < 1) found.set(record.at, dated);
    };
    const segments = this.#db
      .prepare<[number, number, number], SegmentRow>(
        `SELECT from_at, to_at, hash_before, hash, payload FROM segment
         WHERE point = ? AND to_at >= ? AND from_at <= ? ORDER BY from_at`,
      )
      .iterate(id, first, last);
    for (const segment of segments) {
      // Segments that begin later than the last record asked for cannot change the answer.
      if (found.size > limit && segment.from_at > newest(found)) break;
      const records = unpacked(point, segment);
      if (records === undefined) {
        damaged.push({ from: segment.from_at + byMs, to: segment.to_at + byMs });
      }
      for (const record of records ?? []) take(record);
    }
    let taken = 0;
    for (const record of this.#rows(point, id, first, last)) {
      if (taken > limit) break;
      const before = found.size;
      take(record);
      taken += found.size - before;
    }
    return { records: [...found.values()], damaged };
  }

  /** Turns rows of days that are over into segments. @returns how many: `sealedMax` means there may be more. */
  seal(now: EpochMs): number {
    const today = Math.floor(now / dayMs) * dayMs;
    const days = this.#db
      .prepare<[number, number, number], { id: number; key: string; first: number }>(
        `SELECT point.id AS id, point.key AS key, MIN(at) AS first FROM record
         JOIN point ON point.id = record.point WHERE at < ?
         GROUP BY record.point, CAST(at / ? AS INTEGER) LIMIT ?`,
      )
      .all(today, dayMs, sealedMax);
    for (const { id, key, first } of days) if (isPointKey(key)) this.#sealDay(id, key, first);
    return days.length;
  }

  /**
   * Deletes segments of a point that end before `before`, from the beginning of its chain on: one that was made late of
   * old records stays until those before it go. What goes is on record in the same transaction.
   * @param audit Told before anything goes; when it throws, everything stays.
   */
  retire(
    point: PointKey,
    before: EpochMs,
    now: EpochMs,
    audit: (gone: { segments: number; records: number; throughAt: EpochMs; hash: string }) => void,
  ): number {
    const id = this.#knownPoint(point);
    if (id === undefined) return 0;
    return this.#together(() => {
      const old = this.#db
        .prepare<[number, number, number, number], RetiredRow>(
          `SELECT id, to_at, count, hash FROM segment WHERE point = ? AND id < COALESCE(
             (SELECT MIN(id) FROM segment WHERE point = ? AND to_at >= ?), 9223372036854775807)
           ORDER BY id LIMIT ?`,
        )
        .all(id, id, before, retiredMax);
      const last = old.at(-1);
      if (last === undefined) return 0;
      const throughAt = Math.max(...old.map(({ to_at }) => to_at));
      const records = old.reduce((sum, { count }) => sum + count, 0);
      const gone = { segments: old.length, records, throughAt, hash: last.hash };
      audit(gone);
      this.#db
        .prepare(
          `INSERT INTO retirement (at, point, through_at, segments, records, hash)
           VALUES (?, ?, ?, ?, ?, ?)`,
        )
        .run(now, id, throughAt, old.length, records, last.hash);
      this.#db.prepare("DELETE FROM segment WHERE point = ? AND id <= ?").run(id, last.id);
      return old.length;
    });
  }

  /** Points that have records. */
  points(): readonly PointKey[] {
    return this.#db
      .prepare<[], { key: string }>("SELECT key FROM point")
      .all()
      .flatMap(({ key }) => (isPointKey(key) ? [key] : []));
  }

  close(): void {
    this.#db.close();
  }

  #sealDay(id: number, point: PointKey, first: EpochMs): void {
    const end = (Math.floor(first / dayMs) + 1) * dayMs;
    this.#together(() => {
      const records = [...this.#rows(point, id, first, end - 0.001, segmentRecordsMax)];
      const last = records.at(-1);
      if (last === undefined) return;
      const before = this.#db
        .prepare<[number], { hash: string }>(
          "SELECT hash FROM segment WHERE point = ? ORDER BY id DESC LIMIT 1",
        )
        .get(id);
      const hashBefore = before?.hash ?? segmentHashStart;
      const { payload, hash } = packSegment(records, hashBefore);
      const { lastInsertRowid } = this.#db
        .prepare(
          `INSERT INTO segment (point, from_at, to_at, count, hash_before, hash, payload)
           VALUES (?, ?, ?, ?, ?, ?, ?)`,
        )
        .run(id, first, last.at, records.length, hashBefore, hash, payload);
      this.#db.prepare("INSERT INTO sealing (segment) VALUES (?)").run(lastInsertRowid);
      this.#db
        .prepare("DELETE FROM record WHERE point = ? AND at >= ? AND at <= ?")
        .run(id, first, last.at);
      this.#db.prepare("DELETE FROM sealing").run();
    });
  }

  *#rows(point: PointKey, id: number, from: EpochMs, to: EpochMs, limit = -1) {
    const rows = this.#db
      .prepare<[number, number, number, number], RecordRow>(
        `SELECT at, place, quality, value, raw, reason, json FROM record
         JOIN context ON context.id = record.context
         WHERE point = ? AND at >= ? AND at <= ? ORDER BY at LIMIT ?`,
      )
      .iterate(id, from, to, limit);
    for (const row of rows) yield recordOf(point, row);
  }

  #knownPoint(key: PointKey): number | undefined {
    return this.#db.prepare<[string], { id: number }>("SELECT id FROM point WHERE key = ?").get(key)
      ?.id;
  }

  #point(key: PointKey): number {
    return this.#interned(this.#points, key, "point", "key");
  }

  #context({ clock, location, calibration, late, correctedMs, told }: RecordContext): number {
    const json = JSON.stringify({ clock, location, calibration, late, correctedMs, told });
    if (told !== undefined && !this.#contexts.has(json)) this.#corrections.note(told);
    return this.#interned(this.#contexts, json, "context", "json");
  }

  #interned(known: Map<string, number>, text: string, table: string, column: string): number {
    const there = known.get(text);
    if (there !== undefined) return there;
    this.#db.prepare(`INSERT OR IGNORE INTO ${table} (${column}) VALUES (?)`).run(text);
    const row = this.#db
      .prepare<[string], { id: number }>(`SELECT id FROM ${table} WHERE ${column} = ?`)
      .get(text);
    if (row === undefined) throw new Error(`no ${table} after its insertion`);
    known.set(text, row.id);
    return row.id;
  }

  #together<Result>(body: () => Result): Result {
    try {
      return this.#db.transaction(body)();
    } catch (error) {
      // What was interned may have gone with the transaction.
      this.#points.clear();
      this.#contexts.clear();
      this.#corrections.reread();
      throw error;
    }
  }
}

function unpacked(point: PointKey, row: SegmentRow): readonly PointRecord[] | undefined {
  try {
    return unpackSegment(point, row, row.hash_before);
  } catch (error) {
    if (error instanceof RackwatchError) return undefined;
    throw error;
  }
}

function recordOf(point: PointKey, row: RecordRow): PointRecord {
  const { at, value, raw, reason, json, quality } = row;
  const place = placeSchema.parse(row.place);
  return {
    point,
    at,
    place,
    quality: quality === "good" || quality === "uncertain" ? quality : "bad",
    ...(value !== null && { value }),
    ...(raw !== null && { raw }),
    ...(reason !== null && { reason }),
    ...contextOf(json),
  };
}

function contextOf(json: string): RecordContext {
  // Written by `#context` alone, and triggers keep it as it is.
  return JSON.parse(json) as RecordContext;
}

function newest(found: ReadonlyMap<EpochMs, unknown>): EpochMs {
  let last = Number.NEGATIVE_INFINITY;
  for (const at of found.keys()) if (at > last) last = at;
  return last;
}

function isPointKey(key: string): key is PointKey {
  return key.includes("/");
}
