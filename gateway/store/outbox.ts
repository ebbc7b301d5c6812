import { statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { RackwatchError } from "../../drivers/errors.ts";
import type { AuditHead } from "../audit/entry.ts";
import { AuditTable } from "./audit-table.ts";
import { ChunkLog } from "./chunk-log.ts";
import { databaseName } from "./database.ts";
import { storeError } from "./failure.ts";
import { readAncestors } from "./log-writer.ts";
import { readMeta } from "./meta.ts";
import { schemaVersion, userVersion } from "./schema.ts";
import type { Ancestor, Chunk, Lane, Outbox } from "./store.ts";

/** How long a read waits while the gateway opens or recovers its database. */
const busyTimeoutMs = 2_000;

/** The outbox for another process than the gateway: read-only, and no statement stays open between calls. */
export function openOutbox(dir: string): Outbox & Disposable {
  return new OutboxFile(join(dir, databaseName));
}

interface OpenFile {
  readonly db: Database.Database;
  readonly log: ChunkLog;
  /** Absent in a database that the gateway has not yet brought to this program's version. */
  readonly audit: AuditTable | undefined;
  readonly epoch: string;
  readonly inode: number;
}

class OutboxFile implements Outbox {
  readonly #file: string;
  #open: OpenFile | undefined;

  constructor(file: string) {
    this.#file = file;
  }

  /** @throws RackwatchError `store/...` when there is a database but it cannot be read. */
  get epoch(): string {
    const inode = statSync(this.#file, { throwIfNoEntry: false })?.ino;
    if (inode !== this.#open?.inode) this[Symbol.dispose]();
    if (inode === undefined) return "";
    return this.#guarded(() => this.#opened(inode)?.epoch ?? "");
  }

  read(lane: Lane, afterSeq: number, rowsMax: number): readonly Chunk[] {
    if (this.#open === undefined && this.epoch === "") return [];
    return this.#guarded(() => this.#open?.log.read(lane, afterSeq, rowsMax) ?? []);
  }

  head(lane: Lane): number {
    if (this.#open === undefined && this.epoch === "") return 0;
    return this.#guarded(() => this.#open?.log.head(lane) ?? 0);
  }

  first(lane: Lane): number {
    if (this.#open === undefined && this.epoch === "") return 1;
    return this.#guarded(() => this.#open?.log.first(lane) ?? 1);
  }

  ancestors(): readonly Ancestor[] {
    if (this.#open === undefined && this.epoch === "") return [];
    return this.#guarded(() => (this.#open === undefined ? [] : readAncestors(this.#open.db)));
  }

  auditHead(): AuditHead | undefined {
    if (this.#open === undefined && this.epoch === "") return undefined;
    return this.#guarded(() => this.#open?.audit?.head());
  }

  [Symbol.dispose](): void {
    this.#open?.db.close();
    this.#open = undefined;
  }

  #opened(inode: number): OpenFile | undefined {
    if (this.#open !== undefined) return this.#open;
    const db = new Database(this.#file, { readonly: true, timeout: busyTimeoutMs });
    try {
      // A database that is just being born has no tables yet.
      const born = db.prepare("SELECT 1 FROM sqlite_schema WHERE name = 'sample_chunk'").get();
      const epoch = born === undefined ? undefined : readMeta(db, "epoch");
      if (epoch === undefined) {
        db.close();
        return undefined;
      }
      const audit = userVersion(db) >= schemaVersion ? new AuditTable(db) : undefined;
      this.#open = { db, log: new ChunkLog(db), audit, epoch, inode };
      return this.#open;
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
  return new RackwatchError("store/io", `the gateway is stopped; its rows wait in ${file}`, {
    where: file,
    todo: "Start the gateway (systemctl start rackwatch-gateway); its rows are sent from then on",
  });
}
