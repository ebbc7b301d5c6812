import { join } from "node:path";
import type Sqlite from "better-sqlite3";
import type { SyncText } from "../../config/language/sync.ts";
import { inboxFileName, inboxTable } from "../../gateway/store/inbox-file.ts";
import { busyMsMax, onAgentFile, openAgentFile } from "../agent-file.ts";
import type { SignedMessage } from "../protocol-down.ts";

/** Messages that wait for the gateway: while there are more, central is asked for none. */
export const keptMessagesMax = 1_000;

const heldTable = `
  CREATE TABLE IF NOT EXISTS held (only INTEGER PRIMARY KEY CHECK (only = 1), number INTEGER NOT NULL) STRICT`;

const sentTable = `
  CREATE TABLE IF NOT EXISTS sent_file (
    name TEXT PRIMARY KEY, sha256 TEXT NOT NULL) STRICT`;

/** A message, and the number before it: whatever is between them never comes. */
export interface Received extends SignedMessage {
  readonly follows: number;
}

/**
 * `sync/inbox.db`: messages of central until the gateway has done them, forced to the card before the next is asked for. When it is
 * lost or damaged it is begun anew: central keeps what the gateway has not told the outcome of.
 */
export class InboxBook implements Disposable {
  readonly #file: string;
  readonly #text: SyncText;
  #db: Sqlite.Database | undefined;

  constructor(dataDir: string, text: SyncText) {
    this.#file = join(dataDir, inboxFileName);
    this.#text = text;
  }

  /** The highest number that was ever kept. @throws RackwatchError `store/io`, as each of these. */
  held(): number {
    return this.#attempt((db) => {
      const row = db.prepare<[], { number: number }>("SELECT number FROM held").get();
      return row?.number ?? 0;
    });
  }

  /** Messages that the gateway has not done. */
  count(): number {
    return this.#attempt(
      (db) => db.prepare<[], { n: number }>("SELECT count(*) AS n FROM message").get()?.n ?? 0,
    );
  }

  /** Keeps messages, all or none; one that is there already stays as it came first. */
  keep(messages: readonly Received[], receivedAt: number): void {
    if (messages.length === 0) return;
    this.#attempt((db) => {
      const put = db.prepare("INSERT OR IGNORE INTO message VALUES (?, ?, ?, ?, ?, ?)");
      const move = db.prepare(
        `INSERT INTO held (only, number) VALUES (1, ?)
         ON CONFLICT (only) DO UPDATE SET number = max(number, excluded.number)`,
      );
      db.transaction(() => {
        for (const { number, text, key, signature, follows } of messages) {
          put.run(number, text, key, signature, Math.round(receivedAt), follows);
          move.run(number);
        }
      })();
    });
  }

  /** Forgets messages up to a number: the gateway has done them. */
  forget(done: number): void {
    this.#attempt((db) => {
      // A look costs nothing; a statement that deletes nothing would still take the lock of a writer.
      const found = db.prepare("SELECT 1 FROM message WHERE number <= ? LIMIT 1").get(done);
      if (found !== undefined) db.prepare("DELETE FROM message WHERE number <= ?").run(done);
    });
  }

  /** Which files central has, by name, with their SHA-256. */
  sent(): ReadonlyMap<string, string> {
    return this.#attempt((db) => {
      const rows = db
        .prepare<[], { name: string; sha256: string }>("SELECT name, sha256 FROM sent_file")
        .all();
      return new Map(rows.map(({ name, sha256 }) => [name, sha256]));
    });
  }

  saveSent(name: string, sha256: string): void {
    this.#attempt((db) =>
      db.prepare("INSERT OR REPLACE INTO sent_file VALUES (?, ?)").run(name, sha256),
    );
  }

  forgetSent(name: string): void {
    this.#attempt((db) => db.prepare("DELETE FROM sent_file WHERE name = ?").run(name));
  }

  [Symbol.dispose](): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #attempt<T>(work: (db: Sqlite.Database) => T): T {
    return onAgentFile(this.#file, this.#text, () => {
      try {
        this.#db ??= openAgentFile(this.#file, [inboxTable, heldTable, sentTable], {
          journal: "DELETE",
          busyMs: busyMsMax,
        });
        return work(this.#db);
      } catch (error) {
        // Opened anew, a file that is damaged is begun anew.
        this[Symbol.dispose]();
        throw error;
      }
    });
  }
}
