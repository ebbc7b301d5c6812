import { existsSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { RackwatchError } from "../../drivers/errors.ts";
import { databaseName } from "./database.ts";
import { storeError } from "./failure.ts";
import { MovementTable } from "./movement-table.ts";
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
    // One view of everything: a gateway that writes meanwhile makes no difference.
    db.exec("BEGIN");
    const opened = db;
    return {
      movements: new MovementTable(opened),
      state: new StateTable(opened),
      [Symbol.dispose]: () => void opened.close(),
    };
  } catch (error) {
    db?.close();
    throw storeError(error, file);
  }
}
