import { closeSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { z } from "zod";
import { RackwatchError } from "../../drivers/errors.ts";
import { newestBackup } from "./backup.ts";
import { readBackup } from "./backup-file.ts";
import { openDamaged } from "./damaged-file.ts";
import { storeError } from "./failure.ts";
import { readAncestors, writeAncestors } from "./log-writer.ts";
import { deleteMeta, readMeta, writeMeta } from "./meta.ts";
import { leaveEvent } from "./pending-events.ts";
import { Salvage } from "./salvage.ts";
import { type SavedTables, saveTables } from "./salvage-tables.ts";
import type { Ancestor, Lane } from "./store.ts";

/** What a start gives to saving state, trail and movements, and then to the log; the rest follows while alarms run. */
const tablesMsMax = 1_500;
const logMsMax = 1_000;

/** A backup that is unpacked within a start: more than this takes too long. */
const backupBytesMax = 64 * 1_048_576;

/** Where a backup is unpacked in the data folder. */
const unpackedName = "gateway.db.unpacked";

const planKey = "rebirth";

const foundSchema = z.object({
  why: z.string(),
  /** File name of what was set aside, in the data folder. */
  aside: z.string(),
  previousEpoch: z.string().optional(),
  /** False: it is somebody else's, and is not read. */
  readable: z.boolean(),
});
export type Found = z.infer<typeof foundSchema>;

const rowsSchema = z.object({
  /** File name in the data folder of what rows are taken from. */
  source: z.string(),
  after: z.object({ events: z.int(), samples: z.int() }),
  heads: z.object({ events: z.int(), samples: z.int() }),
});
type Rows = z.infer<typeof rowsSchema>;

const planSchema = z.object({
  epoch: z.string(),
  found: foundSchema,
  /** Absent: not even state was saved yet. */
  rows: rowsSchema.optional(),
});

export interface RebirthPlace {
  readonly dir: string;
  readonly gatewayId: string;
  readonly confirmed: (lane: Lane, epoch: string) => number;
  readonly backupDir?: string;
  readonly monotonicMs?: () => number;
}

/**
 * A new database takes over from one that was set aside: at once state, audit trail and movements, so that alarms and
 * stock are what they were; then the rows that central has not. Until they are there the database has no epoch, and so
 * nobody sends what would come before them.
 */
export class Rebirth {
  readonly epoch: string;
  /** What a person can still do. */
  readonly todo: string;
  readonly #to: Database.Database;
  readonly #dir: string;
  readonly #work: Work | undefined;
  #isDone: boolean;

  private constructor(
    to: Database.Database,
    dir: string,
    epoch: string,
    work: Work | undefined,
    todo: string,
  ) {
    this.epoch = epoch;
    this.todo = todo;
    this.#to = to;
    this.#dir = dir;
    this.#work = work;
    this.#isDone = work === undefined;
  }

  /** Saves what must be there at once, and as much of the log as time allows. */
  static begin(to: Database.Database, place: RebirthPlace, epoch: string, found: Found): Rebirth {
    const { dir, monotonicMs = () => performance.now() } = place;
    const sources = new Sources(place, found);
    const isLate = deadline(monotonicMs, tablesMsMax);
    let tables = nothing;
    let tablesFrom: string | undefined;
    for (const { db, file } of sources.each()) {
      tables = saveTables(db, to, isLate);
      tablesFrom = file;
      if (tables.state > 0) break;
    }
    const gap = {
      reason: "reborn",
      why: found.why,
      setAside: found.aside,
      ...(found.previousEpoch !== undefined && { previousEpoch: found.previousEpoch }),
      saved: { ...tables, ...(tablesFrom !== undefined && { from: tablesFrom }) },
    };
    const work = to.transaction(() => {
      leaveEvent(to, { kind: "gap", body: gap });
      const begun = beginRows(to, place, found, sources);
      if (begun === undefined) finish(to, epoch);
      else writePlan(to, { epoch, found, rows: begun.rows });
      return begun;
    })();
    sources.close(work?.from);
    const known = tables.state > 0 ? savedTodo : lostTodo;
    const rebirth = new Rebirth(to, dir, epoch, work, found.readable ? known : foreignTodo);
    rebirth.step(deadline(monotonicMs, logMsMax));
    return rebirth;
  }

  /** Goes on with what a run before this one began. */
  static resume(to: Database.Database, dir: string, epoch: string, rows: Rows): Rebirth {
    const from = openDamaged(join(dir, rows.source));
    if (from !== undefined) {
      const salvage = new Salvage(from, to, rows.after);
      return new Rebirth(to, dir, epoch, { rows, from, salvage }, savedTodo);
    }
    finish(to, epoch);
    return new Rebirth(to, dir, epoch, undefined, lostTodo);
  }

  get isDone(): boolean {
    return this.#isDone;
  }

  /** Takes over some rows. @returns whether there are more. */
  step(isLate: () => boolean): boolean {
    if (this.#isDone || this.#work === undefined) return false;
    const { rows, salvage } = this.#work;
    if (this.#goOn(salvage, isLate)) return true;
    const { events, samples } = rows.heads;
    finish(this.#to, this.epoch, {
      source: rows.source,
      events: salvage.saved("events", events),
      samples: salvage.saved("samples", samples),
    });
    this.#isDone = true;
    this[Symbol.dispose]();
    clearUnpacked(this.#dir);
    return false;
  }

  [Symbol.dispose](): void {
    this.#work?.from.close();
  }

  /** A disk that has no room for the rest ends it: what is missing is counted as lost, and stays in the old file. */
  #goOn(salvage: Salvage, isLate: () => boolean): boolean {
    try {
      return this.#to.transaction(() => salvage.step(isLate))();
    } catch (error) {
      const mapped = storeError(error, this.#dir);
      if (mapped instanceof RackwatchError && mapped.code === "store/full") return false;
      throw error;
    }
  }
}

interface Work {
  readonly rows: Rows;
  readonly from: Database.Database;
  readonly salvage: Salvage;
}

const foreignTodo =
  "it was kept as it is and not read; if it is the right one: stop the gateway, mend gateway.id or update this program, put the file back";
const savedTodo = "see the gap on record for what could not be saved; check the card";
const lostTodo =
  "state and stock could not be saved, and there is no backup: log in anew, check the stock, check the card";

const nothing: SavedTables = { state: 0, audit: 0, movements: 0 };

/** To be called in the transaction that bears the database: a crash at any later time begins the rebirth again. */
export function planRebirth(db: Database.Database, epoch: string, found: Found): void {
  writePlan(db, { epoch, found });
}

function writePlan(db: Database.Database, plan: z.infer<typeof planSchema>): void {
  writeMeta(db, planKey, JSON.stringify(plan));
}

/** What a run before this one left unfinished; undefined: nothing. */
export function resumed(db: Database.Database, place: RebirthPlace): Rebirth | undefined {
  const text = readMeta(db, planKey);
  const plan = text === undefined ? undefined : planSchema.safeParse(JSON.parse(text)).data;
  if (plan === undefined) return undefined;
  const { epoch, found, rows } = plan;
  if (rows === undefined) return Rebirth.begin(db, place, epoch, found);
  return Rebirth.resume(db, place.dir, epoch, rows);
}

/** The log goes on from the first source that has a sound chunk of it. */
function beginRows(
  to: Database.Database,
  { confirmed }: RebirthPlace,
  { previousEpoch }: Found,
  sources: Sources,
): Work | undefined {
  for (const { db: from, file } of sources.each()) {
    const old = epochIn(from) ?? previousEpoch;
    if (old === undefined) continue;
    const after = { events: confirmed("events", old), samples: confirmed("samples", old) };
    const salvage = new Salvage(from, to, after);
    const ancestor = salvage.takeHeads(old);
    if (ancestor.events + ancestor.samples === 0) continue;
    writeAncestors(to, [ancestor, ...ancestorsIn(from)]);
    const heads = { events: ancestor.events, samples: ancestor.samples };
    return { rows: { source: file, after, heads }, from, salvage };
  }
  return undefined;
}

/** The database has its epoch from here on, and its rows are sent. */
function finish(
  db: Database.Database,
  epoch: string,
  saved?: Readonly<Record<string, unknown>>,
): void {
  db.transaction(() => {
    if (saved !== undefined)
      leaveEvent(db, { kind: "gap", body: { reason: "salvaged", ...saved } });
    deleteMeta(db, planKey);
    writeMeta(db, "epoch", epoch);
  })();
}

/** What there is to read from: the file that was set aside, and only when it does not do the newest backup. */
class Sources {
  readonly #place: RebirthPlace;
  readonly #aside: Source | undefined;
  #backup: Source | "none" | undefined;

  constructor(place: RebirthPlace, { aside, readable }: Found) {
    this.#place = place;
    const db = readable ? openDamaged(join(place.dir, aside)) : undefined;
    this.#aside = db === undefined ? undefined : { db, file: aside };
  }

  *each(): Generator<Source> {
    if (this.#aside !== undefined) yield this.#aside;
    this.#backup ??= unpacked(this.#place) ?? "none";
    if (this.#backup !== "none") yield this.#backup;
  }

  /** Closes what is not needed any more. */
  close(kept: Database.Database | undefined): void {
    const backup = this.#backup === "none" ? undefined : this.#backup;
    for (const source of [this.#aside, backup]) if (source?.db !== kept) source?.db.close();
    if (backup !== undefined && backup.db !== kept) clearUnpacked(this.#place.dir);
  }
}

interface Source {
  readonly db: Database.Database;
  /** Name in the data folder. */
  readonly file: string;
}

function unpacked({
  dir,
  gatewayId,
  backupDir = join(dir, "backup"),
}: RebirthPlace): Source | undefined {
  const file = newestBackup(backupDir, gatewayId);
  if (file === undefined) return undefined;
  clearUnpacked(dir);
  const target = join(dir, unpackedName);
  try {
    const handle = openSync(target, "wx", 0o600);
    let bytes = 0;
    try {
      readBackup(file, ({ name }, piece) => {
        bytes += piece.length;
        if (bytes > backupBytesMax) throw new RackwatchError("store/backup", "it is too large");
        if (name === "gateway.db") writeSync(handle, piece);
      });
    } finally {
      closeSync(handle);
    }
    const db = openDamaged(target);
    if (db !== undefined) return { db, file: unpackedName };
  } catch (error) {
    if (!(storeError(error, target) instanceof RackwatchError)) throw error;
  }
  clearUnpacked(dir);
  return undefined;
}

function clearUnpacked(dir: string): void {
  for (const part of ["", "-wal", "-shm"]) rmSync(join(dir, unpackedName + part), { force: true });
}

function epochIn(db: Database.Database): string | undefined {
  try {
    return readMeta(db, "epoch");
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined;
    throw error;
  }
}

function ancestorsIn(db: Database.Database): readonly Ancestor[] {
  try {
    return readAncestors(db);
  } catch (error) {
    if (
      error instanceof Database.SqliteError ||
      error instanceof z.ZodError ||
      error instanceof SyntaxError
    )
      return [];
    throw error;
  }
}

function deadline(monotonicMs: () => number, budgetMs: number): () => boolean {
  const end = monotonicMs() + budgetMs;
  return () => monotonicMs() >= end;
}
