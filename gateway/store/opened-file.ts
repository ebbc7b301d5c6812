import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { storeError } from "./failure.ts";
import { newerContent } from "./newer.ts";
import { schemaVersion, userVersion } from "./schema.ts";
import { StoreError } from "./store-error.ts";

const databaseFile = "gateway.db";

/**
 * A database of a data folder, for whoever looks at it beside or without a running gateway; read-only.
 * @param view what is seen of it; the database is closed with it.
 * @returns undefined when there is no such file.
 * @throws RackwatchError `store/...` when it cannot be read.
 */
export function openedFile<View>(
  dataDir: string,
  name: string,
  view: (db: Database.Database) => View,
): (View & Disposable) | undefined {
  const file = join(dataDir, name);
  if (!existsSync(file)) return undefined;
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    const opened = db;
    return { ...view(opened), [Symbol.dispose]: () => void opened.close() };
  } catch (error) {
    const version = db !== undefined && isOtherSchema(error) ? userVersion(db) : undefined;
    db?.close();
    if (name === databaseFile && version !== undefined) {
      if (version > schemaVersion) throw newerContent(file);
      if (version < schemaVersion) throw older(file);
    }
    throw storeError(error, file);
  }
}

/** A column or table is not there. */
function isOtherSchema(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === "SQLITE_ERROR";
}

function older(file: string): StoreError {
  return new StoreError("store/io", (text) => text.older(file), { where: file });
}

/** What a command says whose data folder has no database. */
export function noSuchFile(dataDir: string, name: string): StoreError {
  const file = join(dataDir, name);
  return new StoreError("store/io", (text) => text.noFile(file), { where: file });
}
