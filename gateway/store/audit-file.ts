import type { AuditEntry } from "../audit/entry.ts";
import { AuditTable } from "./audit-table.ts";
import { databaseName } from "./database.ts";
import { noSuchFile, openedFile } from "./opened-file.ts";

/**
 * The audit trail of a data folder, for whoever looks at it beside or without a running gateway; read-only.
 * @throws RackwatchError `store/...` when there is no database, or none that has a trail.
 */
export function readTrail(dataDir: string): Iterable<AuditEntry> & Disposable {
  const trail = openedFile(dataDir, databaseName, (db) => {
    const table = new AuditTable(db);
    return { [Symbol.iterator]: () => table.entries() };
  });
  if (trail === undefined) throw noSuchFile(dataDir, databaseName);
  return trail;
}
