import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import type { PGlite, Transaction } from "@electric-sql/pglite";
import Sqlite from "better-sqlite3";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { Database, Queries, Row } from "./database.ts";
import { cacheFolder, keepDatabase, keptDatabase } from "./empty-database.ts";
import { isOutageState, outageError } from "./outage.ts";

/**
 * Opens the embedded PostgreSQL in a folder, made when missing; without a folder in memory. For a laptop, a demo and
 * tests: it takes about 500 MB of memory and serves one statement at a time.
 * @param cache where an empty database is kept for the next that is made.
 * @throws RackwatchError `central/database` when the folder is in use or cannot be written.
 */
export async function openPglite(
  folder?: string,
  cache = cacheFolder(process.env),
): Promise<Database> {
  const lock = folder === undefined ? undefined : lockFolder(folder);
  const database = await start(folder, cache, lock);
  const where = folder ?? "memory";
  const own = queries(database);
  return {
    kind: "pglite",
    query: (sql, values) => well(where, () => own.query(sql, values)),
    copyIn: (table, slices) => well(where, () => own.copyIn(table, slices)),
    transaction: (work) =>
      well(where, () => database.transaction((transaction) => work(queries(transaction)))),
    async [Symbol.asyncDispose]() {
      await database.close();
      lock?.close();
    },
  };
}

async function start(
  folder: string | undefined,
  cache: string,
  lock: Sqlite.Database | undefined,
): Promise<PGlite> {
  try {
    return await openOrMake(folder === undefined ? undefined : join(folder, "pglite"), cache);
  } catch (error) {
    lock?.close();
    throw new RackwatchError("central/database", "the embedded database cannot be opened", {
      cause: error,
      where: folder ?? "memory",
      todo: "check that the folder can be written, or give a PostgreSQL server with --database",
    });
  }
}

async function openOrMake(dataDir: string | undefined, cache: string): Promise<PGlite> {
  // 27 MB of WebAssembly: a central on a PostgreSQL server never loads it.
  const { PGlite } = await import("@electric-sql/pglite");
  const place = dataDir === undefined ? {} : { dataDir };
  if (dataDir !== undefined && existsSync(join(dataDir, "PG_VERSION"))) return PGlite.create(place);
  const kept = keptDatabase(cache);
  if (kept !== undefined) return PGlite.create({ ...place, loadDataDir: kept });
  const made = await PGlite.create(place);
  await keepDatabase(cache, await made.dumpDataDir("none"));
  return made;
}

async function well<T>(where: string, work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    const code = error instanceof Error && "code" in error ? String(error.code) : "";
    if (error instanceof RackwatchError || !isOutageState(code)) throw error;
    throw outageError(code, { cause: error, where, todo: "start central again" });
  }
}

function queries(from: PGlite | Transaction): Queries {
  return {
    async query(sql, values = []) {
      const result = await from.query<Row>(sql, [...values]);
      return result.rows;
    },
    async copyIn(table, slices) {
      const parts = Array.from(slices, (slice) => new Uint8Array(slice));
      await from.query(`COPY ${table} FROM '/dev/blob' WITH (FORMAT binary)`, [], {
        blob: new Blob(parts),
      });
    },
  };
}

/** Two processes on one folder would destroy it and PGlite does not notice; SQLite's lock ends with its process. */
function lockFolder(folder: string): Sqlite.Database {
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const lock = new Sqlite(join(folder, "central.lock"), { timeout: 0 });
  try {
    lock.pragma("locking_mode = EXCLUSIVE");
    lock.exec("BEGIN EXCLUSIVE; CREATE TABLE IF NOT EXISTS held(x); COMMIT");
    return lock;
  } catch (error) {
    lock.close();
    throw new RackwatchError("central/database", "another central uses this folder", {
      cause: error,
      where: folder,
      todo: "stop the other one, or give each its own --data folder",
    });
  }
}
