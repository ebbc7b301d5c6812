import { statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { z } from "zod";
import { type Push, pushKeyPrefix, pushSchema } from "../../gateway/push/push.ts";
import { databaseName } from "../../gateway/store/database.ts";
import { readMeta } from "../../gateway/store/meta.ts";
import { readerError } from "../../gateway/store/outbox.ts";

/** How long a read waits while the gateway opens or recovers its database. */
const busyTimeoutMs = 2_000;

/**
 * Pushes that are looked at together: as many as the gateway keeps at most, some 40 MB in the worst flood. With fewer,
 * what waits for a dead receiver would hide what another could have.
 */
export const pushesReadMax = 20_000;

/** Sorts behind every key with the prefix. */
const afterPrefix = "\u{10FFFF}";

export interface QueuedPushes {
  /** Of the database; empty while there is none. */
  readonly epoch: string;
  /** In the order in which they were queued. */
  readonly pushes: readonly Push[];
  /** Ids of rows that this version does not understand. */
  readonly unreadable: readonly string[];
}

const nothing: QueuedPushes = { epoch: "", pushes: [], unreadable: [] };
const idSchema = z.object({ id: z.string() });

type Read = { readonly push: Push } | { readonly unreadable: string | undefined };

/** The gateway's queue for another process: read-only, and no statement stays open between calls. */
export class PushReader implements Disposable {
  readonly #file: string;
  #db: Database.Database | undefined;
  #inode = 0;
  #epoch = "";
  /** A push never changes once it is queued: each is parsed once. */
  #read = new Map<string, Read>();
  #version: unknown;
  #last = nothing;

  constructor(dir: string) {
    this.#file = join(dir, databaseName);
  }

  /** @throws RackwatchError `store/...` when there is a database but it cannot be read. */
  read(): QueuedPushes {
    try {
      const db = this.#opened();
      if (db === undefined) return nothing;
      const version = db.pragma("data_version", { simple: true });
      if (version === this.#version) return this.#last;
      this.#last = this.#all(db);
      this.#version = version;
      return this.#last;
    } catch (error) {
      this[Symbol.dispose]();
      throw readerError(error, this.#file);
    }
  }

  [Symbol.dispose](): void {
    this.#db?.close();
    this.#db = undefined;
    this.#read = new Map();
    this.#version = undefined;
    this.#last = nothing;
  }

  #all(db: Database.Database): QueuedPushes {
    const keys = db
      .prepare<[string, string, number], { key: string }>(
        // Messages for a modem that is away must not fill the room of the others.
        `SELECT key FROM state WHERE key >= ? AND key < ?
           AND iif(json_valid(value), value ->> 'channel', '') IS NOT 'sms'
         ORDER BY key LIMIT ?`,
      )
      .all(pushKeyPrefix, pushKeyPrefix + afterPrefix, pushesReadMax);
    const value = db.prepare<[string], { value: string }>("SELECT value FROM state WHERE key = ?");
    const found = keys.map(({ key }): [string, Read] => [
      key,
      this.#read.get(key) ?? parsed(value.get(key)?.value),
    ]);
    this.#read = new Map(found);
    const reads = found.map(([, read]) => read);
    return {
      epoch: this.#epoch,
      pushes: reads.flatMap((it) => ("push" in it ? [it.push] : [])),
      unreadable: reads.flatMap((it) =>
        "unreadable" in it && it.unreadable !== undefined ? [it.unreadable] : [],
      ),
    };
  }

  #opened(): Database.Database | undefined {
    const inode = statSync(this.#file, { throwIfNoEntry: false })?.ino ?? 0;
    if (inode !== this.#inode) this[Symbol.dispose]();
    this.#inode = inode;
    if (inode === 0) return undefined;
    if (this.#db !== undefined) return this.#db;
    const db = new Database(this.#file, { readonly: true, timeout: busyTimeoutMs });
    try {
      // A database that is just being born has no tables yet.
      const tables = db
        .prepare("SELECT count(*) AS n FROM sqlite_schema WHERE name IN ('state', 'meta')")
        .get();
      const epoch = z.object({ n: z.literal(2) }).safeParse(tables).success
        ? readMeta(db, "epoch")
        : undefined;
      if (epoch === undefined) {
        db.close();
        return undefined;
      }
      this.#epoch = epoch;
      this.#db = db;
      return db;
    } catch (error) {
      db.close();
      throw error;
    }
  }
}

/** A row without even an id cannot be answered; the gateway's own start says what is damaged. */
function parsed(value: string | undefined): Read {
  try {
    const json: unknown = JSON.parse(value ?? "");
    const push = pushSchema.safeParse(json);
    return push.success ? { push: push.data } : { unreadable: idSchema.safeParse(json).data?.id };
  } catch {
    return { unreadable: undefined };
  }
}
