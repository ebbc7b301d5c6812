import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { RackwatchError } from "../../drivers/errors.ts";
import { storeError } from "./failure.ts";

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
    db?.close();
    throw storeError(error, file);
  }
}

/** What a command says whose data folder has no database. */
export function noSuchFile(dataDir: string, name: string): RackwatchError {
  const file = join(dataDir, name);
  return new RackwatchError("store/io", `there is no ${file}`, {
    where: file,
    todo: "give the data folder of the gateway, as `rackwatch run --data` has it",
  });
}
