import { existsSync, readdirSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Problem } from "../health/health.ts";
import { storeError } from "../store/failure.ts";
import { completeHistory, createHistory, historyVersion } from "./history-schema.ts";

export const historyName = "history.db";

/** Says outside the file that there was one: a missing or empty one is then a loss. */
const bornName = "history.born";

/** Above this SQLite's own check would take longer than a start may: segments have their hashes. */
const checkedBytesMax = 32 * 1_048_576;

/** Largest size of the file: five years of a thousand points. Beyond it nothing more is recorded, and that is said. */
const historyBytesMax = 4 * 1_073_741_824;

const pageBytes = 4_096;

/** Damaged files that are kept: they may hold years that can be saved. */
export const asideMax = 3;

const fileParts = ["", "-wal", "-shm"];

export interface OpenedHistory {
  readonly db: Database.Database;
  /** Why the file is not as it was left. */
  readonly problem?: Problem;
}

/**
 * history.db in the data folder, ready to be written, whatever is found there: what is damaged is set aside.
 * @param distrusted SQLite found damage while running.
 * @throws RackwatchError `store/...` when the folder cannot be written.
 */
export function openHistory(dir: string, now: number, distrusted: boolean): OpenedHistory {
  const file = join(dir, historyName);
  try {
    const found = distrusted ? "SQLite found damage while running" : openExisting(dir, file);
    if (typeof found !== "string") return { db: found };
    if (found === "") return { db: birth(dir, file) };
    const aside = setAside(dir, now);
    return { db: birth(dir, file), problem: lost(file, found, aside) };
  } catch (error) {
    throw storeError(error, file);
  }
}

/** The database, or why not: empty where there never was one. */
function openExisting(dir: string, file: string): Database.Database | string {
  const lived = existsSync(join(dir, bornName));
  const size = statSync(file, { throwIfNoEntry: false })?.size ?? 0;
  if (size === 0) return lived ? "it is missing or empty" : "";
  let db: Database.Database | undefined;
  try {
    db = new Database(file);
    configure(db);
    const why = examine(db, size);
    if (why === undefined) {
      completeHistory(db);
      return db;
    }
    db.close();
    return why;
  } catch (error) {
    db?.close();
    const known = storeError(error, file);
    const damaged = known instanceof RackwatchError && known.code === "store/corrupt";
    if (damaged) return error instanceof Error ? error.message : String(error);
    throw error;
  }
}

function examine(db: Database.Database, size: number): string | undefined {
  const version = Number(db.pragma("user_version", { simple: true }));
  if (version !== historyVersion) return `its schema ${version} is not this program's`;
  if (size > checkedBytesMax) return undefined;
  const result = db.pragma("quick_check(1)", { simple: true });
  return result === "ok" ? undefined : String(result);
}

function birth(dir: string, file: string): Database.Database {
  const db = new Database(file);
  try {
    configure(db);
    createHistory(db);
    writeFileSync(join(dir, bornName), "", { mode: 0o640 });
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

function configure(db: Database.Database): void {
  db.pragma("cell_size_check = ON");
  db.pragma("trusted_schema = OFF");
  db.pragma("recursive_triggers = ON");
  db.pragma("journal_mode = WAL");
  // better-sqlite3 is built with NORMAL as the default of WAL mode, and with it every power cut loses commits.
  db.pragma("synchronous = FULL");
  db.pragma(`max_page_count = ${historyBytesMax / pageBytes}`);
  db.pragma("temp_store = MEMORY");
}

function setAside(dir: string, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  const older = asideFiles(dir);
  const name = `${historyName}.corrupt.${stamp}.${(older[0]?.number ?? 0) + 1}`;
  for (const part of fileParts) {
    if (existsSync(join(dir, historyName + part))) {
      renameSync(join(dir, historyName + part), join(dir, name + part));
    }
  }
  for (const gone of older.slice(asideMax - 1)) {
    for (const part of fileParts) rmSync(join(dir, gone.name + part), { force: true });
  }
  return name;
}

/** Newest first. */
function asideFiles(dir: string): readonly { readonly name: string; readonly number: number }[] {
  return readdirSync(dir)
    .flatMap((name) => {
      const match = /^history\.db\.corrupt\.\d{8}T\d{6}Z\.(\d+)$/.exec(name);
      return match === null ? [] : [{ name, number: Number(match[1]) }];
    })
    .sort((left, right) => right.number - left.number);
}

function lost(file: string, why: string, aside: string): Problem {
  return {
    code: "store/corrupt",
    message: `the records of regulated points could not go on (${why}): set aside as ${aside}, begun anew`,
    where: file,
    todo: "older records are in the file that was set aside and in the backups; check the card",
  };
}
