import { statSync } from "node:fs";
import { join } from "node:path";
import type Sqlite from "better-sqlite3";
import type { SyncText } from "../../config/language/sync.ts";
import type { MonotonicMs } from "../../drivers/contract.ts";
import {
  deliveryFileName,
  deliveryTable,
  type PushProblem,
  pushStatusTable,
} from "../../gateway/store/delivery-file.ts";
import { busyMsMax, onAgentFile, openAgentFile } from "../agent-file.ts";
import type { DeliveryRow } from "./delivery-row.ts";

/** When each robot was sent something: a restart must not make its limit begin anew. */
const sentTable = `
  CREATE TABLE IF NOT EXISTS push_sent (
    robot TEXT NOT NULL, boot TEXT NOT NULL, mono INTEGER NOT NULL
  ) STRICT`;

/** Longer than any limit's window: older times are forgotten. */
export const sentKeptMs = 120_000;

/** One attempt that is about to begin, against a robot's limit. */
export interface Sent {
  readonly robot: string;
  readonly boot: string;
  readonly mono: MonotonicMs;
}

/**
 * What became of each push, and what limits must remember, in sync.db. When the file is lost or damaged, all pushes that
 * are still in gateway.db are sent again: at least once. Each call is one transaction.
 */
export class DeliveryBook implements Disposable {
  readonly #file: string;
  readonly #text: SyncText;
  #db: Sqlite.Database | undefined;
  #inode = 0;

  /** @throws RackwatchError `store/io` when the file cannot be made. */
  constructor(dir: string, text: SyncText) {
    this.#file = join(dir, deliveryFileName);
    this.#text = text;
    this.#attempt(() => undefined);
  }

  rows(epoch: string): readonly DeliveryRow[] {
    return this.#attempt((db) =>
      db
        .prepare<[string], DeliveryRow & { problem: string | null }>(
          `SELECT id, state, attempts, at, problem, tried_ms AS triedMs, boot, mono
           FROM delivery WHERE epoch = ?`,
        )
        .all(epoch)
        .map(({ problem, ...row }) => ({ ...row, ...(problem === null ? {} : { problem }) })),
    );
  }

  /** Saves rows and forgets the named ones, those of other epochs too, all or nothing. @throws RackwatchError `store/io` */
  save(epoch: string, rows: readonly DeliveryRow[], gone: readonly string[], sent?: Sent): void {
    this.#attempt((db) => {
      const put = db.prepare("INSERT OR REPLACE INTO delivery VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)");
      const forget = db.prepare("DELETE FROM delivery WHERE epoch = ? AND id = ?");
      db.transaction(() => {
        db.prepare("DELETE FROM delivery WHERE epoch <> ?").run(epoch);
        for (const id of gone) forget.run(epoch, id);
        for (const { id, state, attempts, at, problem, triedMs, boot, mono } of rows) {
          const times = [Math.round(triedMs), boot, Math.round(mono)];
          put.run(epoch, id, state, attempts, Math.round(at), problem ?? null, ...times);
        }
        if (sent !== undefined) remember(db, sent);
      })();
    });
  }

  /** Times at which the robot was sent something in this boot. */
  sentTo(robot: string, boot: string): readonly MonotonicMs[] {
    return this.#attempt((db) =>
      db
        .prepare<[string, string], { mono: number }>(
          "SELECT mono FROM push_sent WHERE robot = ? AND boot = ?",
        )
        .all(robot, boot)
        .map(({ mono }) => mono),
    );
  }

  saveProblems(problems: readonly PushProblem[]): void {
    this.#attempt((db) =>
      db
        .prepare("INSERT OR REPLACE INTO push_status (only, body) VALUES (1, ?)")
        .run(JSON.stringify(problems)),
    );
  }

  [Symbol.dispose](): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #attempt<T>(work: (db: Sqlite.Database) => T): T {
    return onAgentFile(this.#file, this.#text, () => work(this.#opened()));
  }

  /** The other half of the agent replaces a damaged file: what was written to the old one would be read by nobody. */
  #opened(): Sqlite.Database {
    const inode = statSync(this.#file, { throwIfNoEntry: false })?.ino;
    if (this.#db !== undefined && inode === this.#inode) return this.#db;
    this[Symbol.dispose]();
    this.#db = openAgentFile(this.#file, [deliveryTable, pushStatusTable, sentTable], {
      journal: "DELETE",
      busyMs: busyMsMax,
    });
    this.#inode = statSync(this.#file).ino;
    return this.#db;
  }
}

function remember(db: Sqlite.Database, { robot, boot, mono }: Sent): void {
  db.prepare("DELETE FROM push_sent WHERE boot <> ? OR mono < ?").run(boot, mono - sentKeptMs);
  db.prepare("INSERT INTO push_sent VALUES (?, ?, ?)").run(robot, boot, Math.round(mono));
}
