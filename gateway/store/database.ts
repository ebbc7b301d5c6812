import { randomUUID } from "node:crypto";
import { statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Problem } from "../health/health.ts";
import { storeError } from "./failure.ts";
import type { StoreLimits } from "./limits.ts";
import type { MachineMark } from "./machine-mark.ts";
import { readMeta, writeMeta } from "./meta.ts";
import { type AsideCause, pruneAside, setAside } from "./quarantine.ts";
import { type Found, planRebirth, Rebirth, resumed } from "./rebirth.ts";
import { noteMachine, renew, renewalCause, renewalProblem } from "./renewal.ts";
import { migrate, schemaVersion, userVersion } from "./schema.ts";
import { readSentinel, writeSentinel } from "./sentinel.ts";
import type { Lane } from "./store.ts";

export const databaseName = "gateway.db";

const pageBytes = 4_096;

/** Pages after which the log is folded in, at most: SQLite's own default, 4 MB. */
const logPagesMax = 1_000;

/** `renewed`: as it was, under another epoch. */
export type Born = "existing" | "new" | "reborn" | "renewed";

export interface OpenedDatabase {
  readonly db: Database.Database;
  readonly file: string;
  readonly epoch: string;
  readonly born: Born;
  readonly problem?: Problem;
  /** Rows of a damaged database that are still to be taken over; until then the epoch is nobody's to send. */
  readonly rebirth?: Rebirth;
}

export interface DatabasePlace {
  readonly dir: string;
  readonly gatewayId: string;
  readonly now: number;
  readonly limits: StoreLimits;
  /** True when SQLite found damage while running: the file is set aside without another look. */
  readonly distrusted?: boolean;
  /** What is known of this machine; absent: nothing. */
  readonly machine?: MachineMark;
  /** How far central confirmed a lane of an epoch. Absent: nothing is. */
  readonly confirmed?: (lane: Lane, epoch: string) => number;
  /** Folder of the daily backups. */
  readonly backupDir?: string;
  readonly monotonicMs?: () => number;
}

/** Why a file cannot go on as this gateway's database. */
interface Unfit {
  readonly cause: AsideCause;
  readonly why: string;
}

/**
 * Opens gateway.db in a folder that is there and locked, ready to be written, whatever is found: a damaged, emptied, vanished or foreign file is set aside
 * and a new one born with a new epoch, whose first event will be a gap that tells why.
 * @throws RackwatchError `store/read-only`, `store/full`, `store/io` when the folder cannot be written.
 */
export function openDatabase(place: DatabasePlace): OpenedDatabase {
  const file = join(place.dir, databaseName);
  try {
    const found = place.distrusted === true ? damagedWhileRunning : openExisting(place, file);
    if ("db" in found) return found;
    return "why" in found ? rebirth(place, file, found) : birth(place, file);
  } catch (error) {
    throw storeError(error, file);
  }
}

/** A database that lives as long as the process, for when there is no disk to write to. */
export function openMemory(limits: StoreLimits): { db: Database.Database; epoch: string } {
  const db = new Database(":memory:");
  configure(db, limits, limits.memoryBytesMax);
  migrate(db);
  const epoch = randomUUID();
  writeMeta(db, "epoch", epoch);
  return { db, epoch };
}

const damagedWhileRunning: Unfit = { cause: "corrupt", why: "SQLite found damage while running" };

function openExisting(place: DatabasePlace, file: string): OpenedDatabase | Unfit | { none: true } {
  const { dir, limits } = place;
  const size = statSync(file, { throwIfNoEntry: false })?.size;
  const lived = readSentinel(dir) !== undefined;
  if (size === undefined) return lived ? corrupt("it is missing") : { none: true };
  if (size === 0) return lived ? corrupt("it is empty") : { none: true };
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { timeout: limits.busyTimeoutMs });
    configure(db, limits, limits.sizeBytesMax);
    const unfit = examine(db, file, place, lived);
    if (unfit !== undefined) {
      db.close();
      return unfit;
    }
    migrate(db);
    writeMeta(db, "opened-at", String(place.now));
    return continued(place, db, file);
  } catch (error) {
    db?.close();
    if (isDamage(error)) return corrupt(error instanceof Error ? error.message : String(error));
    throw error;
  }
}

/** A sound database of this gateway, under its epoch or, if it is not where or what it was, under another. */
function continued(place: DatabasePlace, db: Database.Database, file: string): OpenedDatabase {
  const { dir, gatewayId, now, machine = {}, confirmed = () => 0 } = place;
  const rebirth = resumed(db, { ...place, confirmed });
  if (rebirth !== undefined) return { db, file, epoch: rebirth.epoch, born: "existing", rebirth };
  const known = readMeta(db, "epoch");
  if (known === undefined) {
    const epoch = bear(db, gatewayId);
    noteMachine(db, machine);
    writeSentinel(dir, epoch);
    return { db, file, epoch, born: "new" };
  }
  const cause = renewalCause(db, known, { machine, confirmed, sentinel: readSentinel(dir) });
  const epoch = cause === undefined ? known : renew(db, known, cause, now);
  noteMachine(db, machine);
  writeSentinel(dir, epoch);
  const problem = renewalProblem(db, file);
  const born = cause === undefined ? "existing" : "renewed";
  return { db, file, epoch, born, ...(problem !== undefined && { problem }) };
}

function corrupt(why: string): Unfit {
  return { cause: "corrupt", why };
}

/** A schema that lost a table speaks of SQLITE_ERROR, which no statement of ours causes on a sound database. */
function isDamage(error: unknown): boolean {
  const mapped = storeError(error, "");
  if (mapped instanceof RackwatchError) return mapped.code === "store/corrupt";
  return error instanceof Database.SqliteError && error.code === "SQLITE_ERROR";
}

function examine(
  db: Database.Database,
  file: string,
  { gatewayId, limits }: DatabasePlace,
  lived: boolean,
): Unfit | undefined {
  const version = userVersion(db);
  if (version > schemaVersion) {
    return { cause: "foreign", why: `its schema ${version} is newer than this program's` };
  }
  if (version === 0) return lived ? corrupt("its tables are gone") : undefined;
  // Folds the log in first, so that a file which is shorter than its header says is known as cut.
  db.pragma("wal_checkpoint(TRUNCATE)");
  const pageCount = Number(db.pragma("page_count", { simple: true }));
  const size = statSync(file).size;
  const walSize = statSync(`${file}-wal`, { throwIfNoEntry: false })?.size ?? 0;
  if (walSize === 0 && pageCount * pageBytes > size) return corrupt("its end is cut off");
  // A large database would take longer than a start may: then only the small tables, chunks have their own hashes.
  const checks = size <= limits.quickCheckBytesMax ? [""] : ["('meta')", "('state')"];
  for (const scope of checks) {
    const result = db.pragma(`quick_check${scope}`, { simple: true });
    if (result !== "ok") return corrupt(String(result));
  }
  const owner = readMeta(db, "gateway");
  if (owner === undefined) return lived ? corrupt("its epoch is gone") : undefined;
  if (owner !== gatewayId) {
    const why = `it belongs to the gateway ${owner}, and this is ${gatewayId}`;
    return { cause: "foreign", why };
  }
  return undefined;
}

function configure(db: Database.Database, limits: StoreLimits, bytesMax: number): void {
  db.pragma("cell_size_check = ON");
  db.pragma("trusted_schema = OFF");
  db.pragma("journal_mode = WAL");
  // better-sqlite3 is built with NORMAL as the default of WAL mode, and with it every power cut loses commits.
  db.pragma("synchronous = FULL");
  // The ballast must hold a whole log: folding it in is what frees a full disk.
  const logPages = Math.ceil(limits.ballastBytes / 2 / pageBytes);
  db.pragma(`wal_autocheckpoint = ${Math.min(logPagesMax, Math.max(16, logPages))}`);
  db.pragma(`journal_size_limit = ${limits.walBytesMax}`);
  db.pragma(`max_page_count = ${Math.ceil(bytesMax / pageBytes)}`);
  db.pragma("temp_store = MEMORY");
}

function rebirth(place: DatabasePlace, file: string, { cause, why }: Unfit): OpenedDatabase {
  const { dir, now, limits, confirmed = () => 0 } = place;
  const previousEpoch = readSentinel(dir);
  const aside = setAside(dir, cause, now);
  pruneAside(dir, limits.asideCount, limits.sizeBytesMax);
  // What belongs to somebody else, or is of a later program, is kept as it is and not read.
  const found = { why, aside, previousEpoch, readable: cause === "corrupt" };
  const opened = birth(place, file, found);
  const reborn = Rebirth.begin(opened.db, { ...place, confirmed }, opened.epoch, found);
  const { todo } = reborn;
  const problem: Problem = {
    code: "store/corrupt",
    message: `the database could not go on (${why}): it was set aside as ${aside} and a new one begun`,
    where: file,
    todo,
  };
  return { ...opened, problem, ...(reborn.isDone ? {} : { rebirth: reborn }) };
}

function birth(
  { dir, gatewayId, limits, machine = {} }: DatabasePlace,
  file: string,
  found?: Found,
): OpenedDatabase {
  const db = new Database(file, { timeout: limits.busyTimeoutMs });
  try {
    configure(db, limits, limits.sizeBytesMax);
    migrate(db);
    const epoch = bear(db, gatewayId, found);
    noteMachine(db, machine);
    writeSentinel(dir, epoch);
    return { db, file, epoch, born: found === undefined ? "new" : "reborn" };
  } catch (error) {
    db.close();
    throw error;
  }
}

/** One that takes over from another has its epoch when it has its rows. */
function bear(db: Database.Database, gatewayId: string, found?: Found): string {
  const epoch = randomUUID();
  db.transaction(() => {
    if (found === undefined) writeMeta(db, "epoch", epoch);
    else planRebirth(db, epoch, found);
    writeMeta(db, "gateway", gatewayId);
  })();
  return epoch;
}
