import { statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { EpochMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { AuditHead } from "../audit/entry.ts";
import { AuditTable } from "./audit-table.ts";
import { ChunkLog } from "./chunk-log.ts";
import { databaseName } from "./database.ts";
import { storeError } from "./failure.ts";
import { readAncestors } from "./log-writer.ts";
import { readMeta } from "./meta.ts";
import { newerContent } from "./newer.ts";
import { readAsCurrent, schemaVersion, userVersion } from "./schema.ts";
import { newestSamples } from "./snapshot.ts";
import { StateTable } from "./state-table.ts";
import type { AgentOutbox, Ancestor, Chunk, Lane, StoreSnapshot } from "./store.ts";
import { StoreError } from "./store-error.ts";

/** How long a read waits while the gateway opens or recovers its database. */
const busyTimeoutMs = 2_000;

/** Where the gateway keeps the fingerprint of its machine. */
const machineKey = "machine";

/** Where the gateway keeps its alarms, by rule. */
const alarmPrefix = "alarm/";

/**
 * The outbox for another process than the gateway: read-only, and no statement stays open between calls.
 * @param gatewayId Whose database it must be; absent: anybody's.
 */
export function openOutbox(dir: string, gatewayId?: string): AgentOutbox & Disposable {
  return new OutboxFile(join(dir, databaseName), gatewayId);
}

interface OpenFile {
  readonly db: Database.Database;
  readonly log: ChunkLog;
  readonly audit: AuditTable;
  readonly state: StateTable;
  readonly inode: number;
  /** Of its schema, which the gateway brings forward in place. */
  readonly version: number;
}

class OutboxFile implements AgentOutbox {
  readonly #file: string;
  readonly #gatewayId: string | undefined;
  #open: OpenFile | undefined;
  #epoch = "";

  constructor(file: string, gatewayId: string | undefined) {
    this.#file = file;
    this.#gatewayId = gatewayId;
  }

  /**
   * Also empty while the database has a schema older than those that this program knows.
   * @throws RackwatchError `store/...` when there is a database but it cannot be read; `sync/conflict` when it is that of
   * another gateway.
   */
  get epoch(): string {
    const inode = statSync(this.#file, { throwIfNoEntry: false })?.ino;
    if (inode !== this.#open?.inode) this[Symbol.dispose]();
    if (inode === undefined) return "";
    this.#epoch = this.#guarded(() => this.#epochOf(inode));
    return this.#epoch;
  }

  read(lane: Lane, afterSeq: number, rowsMax: number): readonly Chunk[] {
    return this.#ofEpoch([], ({ log }) => log.read(lane, afterSeq, rowsMax));
  }

  head(lane: Lane): number {
    return this.#ofEpoch(0, ({ log }) => log.head(lane));
  }

  first(lane: Lane): number {
    return this.#ofEpoch(1, ({ log }) => log.first(lane));
  }

  ancestors(): readonly Ancestor[] {
    return this.#ofEpoch([], ({ db }) => readAncestors(db));
  }

  auditHead(): AuditHead | undefined {
    return this.#ofEpoch(undefined, ({ audit }) => audit.head());
  }

  machine(): string | undefined {
    return this.#ofEpoch(undefined, ({ db }) => readMeta(db, machineKey));
  }

  aliveAt(): EpochMs | undefined {
    const written = [this.#file, `${this.#file}-wal`].flatMap((file) => {
      const at = statSync(file, { throwIfNoEntry: false })?.mtimeMs;
      return at === undefined ? [] : [at];
    });
    return written.length === 0 ? undefined : Math.max(...written);
  }

  snapshot(afterSeq: number): StoreSnapshot {
    const nothing = { heads: { events: 0, samples: 0 }, samples: [], alarms: new Map() };
    return this.#ofEpoch<StoreSnapshot>(nothing, ({ log, state }) => {
      const heads = { events: log.head("events"), samples: log.head("samples") };
      const read = (seq: number, rowsMax: number) => log.read("samples", seq, rowsMax);
      const alarms = [...state.read(alarmPrefix)].map(
        ([key, json]) => [key.slice(alarmPrefix.length), json] as const,
      );
      return {
        ...newestSamples(read, afterSeq, heads.samples),
        heads,
        alarms: new Map(alarms),
      };
    });
  }

  [Symbol.dispose](): void {
    this.#open?.db.close();
    this.#open = undefined;
  }

  /**
   * From one state of the database, and only while it still has the epoch that was asked for last: rows of the next one
   * must not travel under its name.
   */
  #ofEpoch<Result>(nothing: Result, body: (open: OpenFile) => Result): Result {
    if (this.#open === undefined && this.epoch === "") return nothing;
    return this.#guarded(() => {
      const open = this.#open;
      if (open === undefined) return nothing;
      return open.db.transaction(() =>
        readMeta(open.db, "epoch") === this.#epoch ? body(open) : nothing,
      )();
    });
  }

  #epochOf(inode: number): string {
    const open = this.#open;
    if (open !== undefined && userVersion(open.db) !== open.version) this[Symbol.dispose]();
    if (this.#open === undefined) this.#open = this.#opened(inode);
    return this.#open === undefined ? "" : (readMeta(this.#open.db, "epoch") ?? "");
  }

  #opened(inode: number): OpenFile | undefined {
    const db = new Database(this.#file, { readonly: true, timeout: busyTimeoutMs });
    try {
      // A database that is just being born has no tables yet.
      const born = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sample_chunk'").get();
      const version = userVersion(db);
      if (version > schemaVersion) throw newerContent(this.#file);
      if (born === undefined || !readAsCurrent(db)) {
        db.close();
        return undefined;
      }
      const owner = readMeta(db, "gateway");
      if (this.#gatewayId !== undefined && owner !== undefined && owner !== this.#gatewayId) {
        throw foreign(this.#file, owner, this.#gatewayId);
      }
      const log = new ChunkLog(db);
      return { db, log, audit: new AuditTable(db), state: new StateTable(db), inode, version };
    } catch (error) {
      db.close();
      throw error;
    }
  }

  #guarded<Result>(body: () => Result): Result {
    try {
      return body();
    } catch (error) {
      this[Symbol.dispose]();
      throw readerError(error, this.#file);
    }
  }
}

function foreign(file: string, owner: string, gatewayId: string): RackwatchError {
  return new RackwatchError(
    "sync/conflict",
    `${file} is the database of gateway ${owner}, the configuration is that of ${gatewayId}`,
    {
      where: file,
      todo: "Put the right gateway.db or the right gateway.id there; nothing is sent until then",
    },
  );
}

/** What went wrong with gateway.db for a process that may only read it. */
export function readerError(error: unknown, file: string): unknown {
  return isStopped(error) ? stopped(file) : storeError(error, file);
}

/**
 * SQLite's answer where it would have to make the index of the write-ahead log beside the database and may not: a
 * gateway that ended cleanly took it along (docs/decisions/0032-who-writes-where.md).
 */
function isStopped(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code === "SQLITE_READONLY_DIRECTORY";
}

function stopped(file: string): RackwatchError {
  return new StoreError("store/io", (text) => text.stopped(file), { where: file });
}
