import { randomUUID } from "node:crypto";
import {
  closeSync,
  fsyncSync,
  openSync,
  readFileSync,
  renameSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Problem } from "../health/health.ts";
import { storeError } from "./failure.ts";
import type { StoreLimits } from "./limits.ts";
import { leaveGap } from "./log-writer.ts";
import { readMeta, writeMeta } from "./meta.ts";
import { type AsideCause, pruneAside, setAside } from "./quarantine.ts";
import { migrate, schemaVersion, userVersion } from "./schema.ts";

export const databaseName = "gateway.db";

/** Says outside the database that there was one: an empty or missing file is then a loss, not a first start. */
const sentinelName = "gateway.born";

const pageBytes = 4_096;

/** Pages after which the log is folded in, at most: SQLite's own default, 4 MB. */
const logPagesMax = 1_000;

export type Born = "existing" | "new" | "reborn";

export interface OpenedDatabase {
  readonly db: Database.Database;
  readonly file: string;
  readonly epoch: string;
  readonly born: Born;
  readonly problem?: Problem;
}

export interface DatabasePlace {
  readonly dir: string;
  readonly gatewayId: string;
  readonly now: number;
  readonly limits: StoreLimits;
  /** True when SQLite found damage while running: the file is set aside without another look. */
  readonly distrusted?: boolean;
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
    return "why" in found ? rebirth(place, file, found) : birth(place, file, "new");
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
  const { dir, gatewayId, limits } = place;
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
    const known = readMeta(db, "epoch");
    const epoch = known ?? bear(db, gatewayId);
    writeSentinel(dir, epoch);
    return { db, file, epoch, born: known === undefined ? "new" : "existing" };
  } catch (error) {
    db?.close();
    if (isDamage(error)) return corrupt(error instanceof Error ? error.message : String(error));
    throw error;
  }
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
  if (owner !== gatewayId) return { cause: "foreign", why: `it belongs to the gateway ${owner}` };
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
  const previousEpoch = readSentinel(place.dir);
  const aside = setAside(place.dir, cause, place.now);
  pruneAside(place.dir, place.limits.asideCount, place.limits.sizeBytesMax);
  const opened = birth(place, file, "reborn");
  leaveGap(opened.db, {
    reason: "reborn",
    why,
    setAside: aside,
    ...(previousEpoch !== undefined && { previousEpoch }),
  });
  const problem: Problem = {
    code: "store/corrupt",
    message: `the database could not go on (${why}): it was set aside as ${aside} and a new one begun`,
    where: file,
    todo: "rows that central has not confirmed are in the file that was set aside; check the card",
  };
  return { ...opened, problem };
}

function birth(
  { dir, gatewayId, limits }: DatabasePlace,
  file: string,
  born: Born,
): OpenedDatabase {
  const db = new Database(file, { timeout: limits.busyTimeoutMs });
  try {
    configure(db, limits, limits.sizeBytesMax);
    migrate(db);
    const epoch = bear(db, gatewayId);
    writeSentinel(dir, epoch);
    return { db, file, epoch, born };
  } catch (error) {
    db.close();
    throw error;
  }
}

function bear(db: Database.Database, gatewayId: string): string {
  const epoch = randomUUID();
  db.transaction(() => {
    writeMeta(db, "epoch", epoch);
    writeMeta(db, "gateway", gatewayId);
  })();
  return epoch;
}

function readSentinel(dir: string): string | undefined {
  try {
    return readFileSync(join(dir, sentinelName), "utf8").trim();
  } catch {
    return undefined;
  }
}

function writeSentinel(dir: string, epoch: string): void {
  if (readSentinel(dir) === epoch) return;
  const file = join(dir, sentinelName);
  const handle = openSync(`${file}.tmp`, "w", 0o640);
  try {
    writeSync(handle, `${epoch}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${file}.tmp`, file);
}
