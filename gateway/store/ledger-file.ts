import { databaseName } from "./database.ts";
import { MovementTable } from "./movement-table.ts";
import { noSuchFile, openedFile } from "./opened-file.ts";
import { StateTable } from "./state-table.ts";

/** Movements and state of a data folder, as they were when it was opened. */
export interface LedgerFile extends Disposable {
  readonly movements: MovementTable;
  readonly state: StateTable;
}

/**
 * The ledger of a data folder, for whoever looks at it beside or without a running gateway; read-only.
 * @throws RackwatchError `store/...` when there is no database, or none that has movements.
 */
export function readLedger(dataDir: string): LedgerFile {
  const ledger = openedFile(dataDir, databaseName, (db) => {
    // One view of everything: a gateway that writes meanwhile makes no difference.
    db.exec("BEGIN");
    return { movements: new MovementTable(db), state: new StateTable(db) };
  });
  if (ledger === undefined) throw noSuchFile(dataDir, databaseName);
  return ledger;
}
