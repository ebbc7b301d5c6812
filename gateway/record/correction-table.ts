import type Database from "better-sqlite3";
import { z } from "zod";
import type { EpochMs } from "../../drivers/contract.ts";
import {
  type ChainedCorrection,
  correctionHash,
  correctionHashStart,
  type RecordCorrection,
  shiftsOf,
} from "./correction.ts";
import type { ToldBy } from "./record.ts";

const contextSchema = z.object({ told: z.object({ boot: z.string(), offsetMs: z.number() }) });

/** Corrections of clocks in history.db, and by which clocks its records were dated. Every method throws as SQLite does. */
export class CorrectionTable {
  readonly #db: Database.Database;
  #chain: readonly ChainedCorrection[];
  readonly #told = new Map<string, ToldBy>();
  #shifts: readonly number[] | undefined;

  constructor(db: Database.Database) {
    this.#db = db;
    this.#chain = readCorrections(db);
    const contexts = db
      .prepare<[], string>("SELECT json FROM context WHERE json LIKE '%\"told\":%'")
      .pluck();
    for (const json of contexts.all()) this.note(contextSchema.parse(JSON.parse(json)).told);
  }

  get all(): readonly RecordCorrection[] {
    return this.#chain;
  }

  /** How far records may stand from their true times. */
  get shifts(): readonly number[] {
    this.#shifts ??= shiftsOf(this.#told.values(), this.#chain);
    return this.#shifts;
  }

  /** Records are being dated by this clock. */
  note(told: ToldBy): void {
    this.#told.set(`${told.offsetMs} ${told.boot}`, told);
    this.#shifts = undefined;
  }

  /** Those of the corrections that are about records here and not yet on record. */
  missing(found: readonly RecordCorrection[]): readonly RecordCorrection[] {
    const boots = new Set([...this.#told.values()].map(({ boot }) => boot));
    return found.filter(
      ({ boot, mono }) =>
        boots.has(boot) && !this.#chain.some((it) => it.boot === boot && it.mono === mono),
    );
  }

  /** Within a transaction of the caller, who calls `reread` where that fails. */
  add({ boot, mono, offsetMs }: RecordCorrection, notedAt: EpochMs): void {
    const last = this.#chain.at(-1);
    const row = {
      ...{ boot, mono, offsetMs, notedAt },
      id: (last?.id ?? 0) + 1,
      hashBefore: last?.hash ?? correctionHashStart,
    };
    const correction = { ...row, hash: correctionHash(row) };
    this.#db
      .prepare(
        `INSERT INTO correction (id, boot, mono, offset_ms, noted_at, hash_before, hash)
         VALUES (@id, @boot, @mono, @offsetMs, @notedAt, @hashBefore, @hash)`,
      )
      .run(correction);
    this.#chain = [...this.#chain, correction];
    this.#shifts = undefined;
  }

  reread(): void {
    this.#chain = readCorrections(this.#db);
    this.#shifts = undefined;
  }
}

/** In the order in which they were found; none in a file from before there were any. */
export function readCorrections(db: Database.Database): readonly ChainedCorrection[] {
  const table = db.prepare(
    "SELECT 1 FROM sqlite_master WHERE type = 'table' AND name = 'correction'",
  );
  if (table.get() === undefined) return [];
  return db
    .prepare<[], ChainedCorrection>(
      `SELECT id, boot, mono, offset_ms AS offsetMs, noted_at AS notedAt,
         hash_before AS hashBefore, hash FROM correction ORDER BY id`,
    )
    .all();
}
