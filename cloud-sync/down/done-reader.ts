import { statSync } from "node:fs";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { z } from "zod";
import { doneKey } from "../../gateway/revisions/told.ts";
import { databaseName } from "../../gateway/store/database.ts";

/** How long a read waits while the gateway opens or recovers its database. */
const busyTimeoutMs = 500;

const rowSchema = z.object({ value: z.string() });

/** How far the gateway is with central's messages, read from its database; nothing stays open between calls. */
export class DoneReader {
  readonly #file: string;

  constructor(dataDir: string) {
    this.#file = join(dataDir, databaseName);
  }

  /** The highest number that it has done; 0 while that cannot be read: then messages are kept for longer. */
  read(): number {
    if (statSync(this.#file, { throwIfNoEntry: false }) === undefined) return 0;
    let db: Sqlite.Database | undefined;
    try {
      db = new Sqlite(this.#file, { readonly: true, timeout: busyTimeoutMs });
      const row = db.prepare("SELECT value FROM state WHERE key = ?").get(doneKey);
      const done: unknown = JSON.parse(rowSchema.safeParse(row).data?.value ?? "0");
      return typeof done === "number" && Number.isSafeInteger(done) ? Math.max(0, done) : 0;
    } catch {
      return 0;
    } finally {
      db?.close();
    }
  }
}
