import { statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { z } from "zod";
import type { Delivery } from "../push/push.ts";

/**
 * The agent's file of what nobody else remembers, below the data folder. It is forced to the card, unlike the cursors
 * beside it (`cursor-file.ts`).
 */
export const deliveryFileName = "sync/sync.db";

/**
 * What became of the pushes that the agent delivers: the agent alone writes it. A row goes when its push has left gateway.db. How long a push was tried is counted on the monotonic clock of its
 * boot (`mono`), on top of what earlier boots counted (`tried_ms`).
 */
export const deliveryTable = `
  CREATE TABLE IF NOT EXISTS delivery (
    epoch TEXT NOT NULL,
    id TEXT NOT NULL,
    state TEXT NOT NULL CHECK (state IN ('waiting', 'delivered', 'dead')),
    attempts INTEGER NOT NULL,
    at INTEGER NOT NULL,
    problem TEXT,
    tried_ms INTEGER NOT NULL,
    boot TEXT NOT NULL,
    mono INTEGER NOT NULL,
    PRIMARY KEY (epoch, id)
  ) STRICT, WITHOUT ROWID`;

/** What stands in the way of pushes now: one row, which the gateway shows. */
export const pushStatusTable = `
  CREATE TABLE IF NOT EXISTS push_status (
    only INTEGER PRIMARY KEY CHECK (only = 1),
    body TEXT NOT NULL
  ) STRICT`;

/** A receiver's channel that fails, or the clock that signed pushes wait for. */
const pushProblemSchema = z.object({
  code: z.enum(["push/clock", "push/undelivered"]),
  message: z.string(),
  where: z.string().optional(),
  todo: z.string(),
  since: z.number(),
});
export type PushProblem = z.infer<typeof pushProblemSchema>;

const statusSchema = z.array(pushProblemSchema);

const rowSchema = z
  .object({
    id: z.string(),
    state: z.enum(["waiting", "delivered", "dead"]),
    attempts: z.number(),
    at: z.number(),
    problem: z.string().nullable(),
  })
  .transform(
    ({ problem, ...rest }): Delivery => ({ ...rest, ...(problem === null ? {} : { problem }) }),
  );

/** A reader gives up after this: what it knew before is behind at worst. */
const busyTimeoutMs = 50;

/** Reads the agent's deliveries; whatever is wrong with the file counts as no news since the last look. */
export class DeliveryFile implements Disposable {
  readonly #file: string;
  #db: Database.Database | undefined;
  #inode = 0;
  #epoch = "";
  #known: ReadonlyMap<string, Delivery> = new Map();
  #problems: readonly PushProblem[] = [];

  constructor(dir: string) {
    this.#file = join(dir, deliveryFileName);
  }

  /** By id of the push; a push without a row waits for the agent. */
  read(epoch: string): ReadonlyMap<string, Delivery> {
    if (epoch !== this.#epoch) this.#known = new Map();
    this.#epoch = epoch;
    const rows = this.#ask((db) =>
      db
        .prepare<[string], unknown>(
          "SELECT id, state, attempts, at, problem FROM delivery WHERE epoch = ?",
        )
        .all(epoch)
        .map((row) => rowSchema.parse(row)),
    );
    if (rows !== undefined) this.#known = new Map(rows.map((row) => [row.id, row]));
    return this.#known;
  }

  /** What stands in the way of pushes now. */
  problems(): readonly PushProblem[] {
    const problems = this.#ask((db) => {
      const row = db
        .prepare<[], { body: string }>("SELECT body FROM push_status WHERE only = 1")
        .get();
      return row === undefined ? [] : statusSchema.parse(JSON.parse(row.body));
    });
    this.#problems = problems ?? this.#problems;
    return this.#problems;
  }

  [Symbol.dispose](): void {
    this.#db?.close();
    this.#db = undefined;
  }

  /** Undefined when the file is not there, busy, damaged, or of an agent that knows no pushes. */
  #ask<T>(question: (db: Database.Database) => T): T | undefined {
    try {
      const db = this.#open();
      return db === undefined ? undefined : question(db);
    } catch {
      this[Symbol.dispose]();
      return undefined;
    }
  }

  #open(): Database.Database | undefined {
    const inode = statSync(this.#file, { throwIfNoEntry: false })?.ino ?? 0;
    if (inode !== this.#inode) this[Symbol.dispose]();
    this.#inode = inode;
    if (inode === 0) return undefined;
    this.#db ??= new Database(this.#file, { readonly: true, timeout: busyTimeoutMs });
    return this.#db;
  }
}
