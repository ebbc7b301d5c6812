import { existsSync, mkdirSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { storeError } from "./failure.ts";

const lockName = "gateway.lock";

/**
 * Makes this process the one writer of the folder, which is made when it is missing: an empty SQLite file with an exclusive transaction open on it. That
 * is an fcntl lock, which the kernel gives back when the process ends, however it ends; a lock file would outlive kill -9.
 * @param name Of the file: each program has a lock of its own.
 * @throws RackwatchError `store/locked` when another process holds it; `store/read-only`, `store/full`, `store/io`.
 */
export function lockFolder(dir: string, name = lockName): Disposable {
  const file = join(dir, name);
  let db: Database.Database | undefined;
  try {
    mkdirSync(dir, { recursive: true, mode: 0o750 });
    db = new Database(file, { timeout: 0 });
    db.exec("BEGIN EXCLUSIVE");
  } catch (error) {
    db?.close();
    throw storeError(error, file);
  }
  const held = db;
  return { [Symbol.dispose]: () => held.close() };
}

/** Whether a process has the folder: the gateway runs. */
export function isLocked(dir: string): boolean {
  if (!existsSync(join(dir, lockName))) return false;
  try {
    lockFolder(dir)[Symbol.dispose]();
    return false;
  } catch {
    // Held, or not ours to ask: whoever may not write there is not the one who stopped it.
    return true;
  }
}
