import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { RackwatchError } from "../../drivers/errors.ts";
import type { AuditEntry } from "../audit/entry.ts";
import { AuditTable } from "./audit-table.ts";
import { databaseName } from "./database.ts";
import { storeError } from "./failure.ts";

/**
 * The audit trail of a data folder, for whoever looks at it beside or without a running gateway; read-only.
 * @throws RackwatchError `store/...` when there is no database, or none that has a trail.
 */
export function readTrail(dataDir: string): Iterable<AuditEntry> & Disposable {
  const file = join(dataDir, databaseName);
  if (!existsSync(file)) {
    throw new RackwatchError("store/io", `there is no ${file}`, {
      where: file,
      todo: "give the data folder of the gateway, as `rackwatch run --data` has it",
    });
  }
  let db: Database.Database | undefined;
  try {
    db = new Database(file, { readonly: true, fileMustExist: true });
    const table = new AuditTable(db);
    const opened = db;
    return {
      [Symbol.iterator]: () => table.entries(),
      [Symbol.dispose]: () => void opened.close(),
    };
  } catch (error) {
    db?.close();
    throw storeError(error, file);
  }
}
