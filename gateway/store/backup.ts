import { existsSync, mkdirSync, readdirSync, renameSync, rmSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { syncFolder } from "../../config/durable-file.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  type BackupHeader,
  isBackup,
  type PartFile,
  readBackup,
  readBackupHeader,
  writeBackup,
} from "./backup-file.ts";
import { ChunkLog } from "./chunk-log.ts";
import { storeError } from "./failure.ts";
import { readMeta } from "./meta.ts";
import { noSuchFile } from "./opened-file.ts";
import { migrate, schemaVersion, userVersion } from "./schema.ts";
import type { Lane } from "./store.ts";
import { StoreError } from "./store-error.ts";

const databaseFile = "gateway.db";
const historyFile = "history.db";

/** Name of the backup that is made by itself: they sort by time. */
const dailyPattern = /^rackwatch-\d{8}T\d{6}Z\.backup$/;

/** Bytes of rows that are copied before the copy breathes. */
const breathBytes = 1_048_576;

export interface BackupAsked {
  readonly dataDir: string;
  readonly out: string;
  /** Everything, and history.db; else without samples that central confirmed. */
  readonly full: boolean;
  readonly now: number;
  /** How far central confirmed samples of an epoch. */
  readonly confirmed: (lane: Lane, epoch: string) => number;
  /** Called now and then: a place to leave disk and processor to others. */
  readonly breathe?: () => void;
}

/**
 * Copies the database of a gateway that may be running, as of one instant, checks the copy and packs it. It is written
 * under another name, synced and renamed: a file of the name `out` is whole.
 * @throws RackwatchError `store/...`; nothing is left behind then.
 */
export function makeBackup(asked: BackupAsked): BackupHeader {
  const { dataDir, out, full, now, breathe = () => {} } = asked;
  const copies = [`${out}.db`, `${out}.history`];
  const temporary = `${out}.tmp`;
  const clear = () => {
    for (const file of [...copies, temporary]) rmSync(file, { force: true });
  };
  makeRoomFor(out);
  try {
    clear();
    const [copy = "", history = ""] = copies;
    copyDatabase(asked, copy);
    const about = aboutOf(copy, full ? "full" : "essential", now);
    const files: PartFile[] = [{ name: databaseFile, file: copy }];
    if (full && copyHistory(dataDir, history)) files.push({ name: historyFile, file: history });
    const header = writeBackup(temporary, about, files, breathe);
    readBackup(temporary, breathe);
    renameSync(temporary, out);
    syncFolder(dirname(out));
    return header;
  } catch (error) {
    throw storeError(error, out);
  } finally {
    clear();
  }
}

/** The folder of a backup. What is there under its name must be a backup: a slip of the hand replaces nothing else. */
function makeRoomFor(out: string): void {
  try {
    mkdirSync(dirname(out), { recursive: true, mode: 0o750 });
    if (!existsSync(out)) return;
  } catch (error) {
    throw storeError(error, out);
  }
  if (isBackup(out)) return;
  throw new StoreError("store/backup", (text) => text.noBackup(out), { where: out });
}

export function dailyName(now: number): string {
  return `rackwatch-${new Date(now).toISOString().replace(/[-:]|\.\d+/g, "")}.backup`;
}

/** Backups of a folder that were made by themselves, newest first. */
export function dailyBackups(dir: string): readonly string[] {
  try {
    return readdirSync(dir)
      .filter((name) => dailyPattern.test(name))
      .sort()
      .reverse();
  } catch {
    return [];
  }
}

/** Deletes what is older than the newest `keep`. */
export function pruneBackups(dir: string, keep: number): void {
  for (const name of dailyBackups(dir).slice(keep)) rmSync(join(dir, name), { force: true });
}

/** The newest sound backup of this gateway that this program can read. */
export function newestBackup(dir: string, gateway: string): string | undefined {
  return dailyBackups(dir)
    .map((name) => join(dir, name))
    .find((file) => {
      try {
        const header = readBackupHeader(file);
        return header.gateway === gateway && header.schema <= schemaVersion;
      } catch (error) {
        if (error instanceof RackwatchError) return false;
        throw error;
      }
    });
}

function copyDatabase({ dataDir, full, confirmed, breathe }: BackupAsked, copy: string): void {
  const source = join(dataDir, databaseFile);
  if (!existsSync(source)) throw noSuchFile(dataDir, databaseFile);
  const from = new Database(source, { readonly: true, fileMustExist: true, timeout: 5_000 });
  try {
    const epoch = readMeta(from, "epoch");
    if (epoch === undefined) throw unfinished(source);
    if (full) from.prepare("VACUUM INTO ?").run(copy);
    else copyEssential(from, copy, confirmed("samples", epoch), breathe ?? (() => {}));
  } finally {
    from.close();
  }
  checkCopy(copy);
}

function copyEssential(
  from: Database.Database,
  copy: string,
  confirmed: number,
  breathe: () => void,
): void {
  const to = new Database(copy);
  try {
    // What is lost in a power cut is made again: nothing reads the copy before it is packed.
    to.pragma("journal_mode = OFF");
    to.pragma("synchronous = OFF");
    migrate(to);
    to.exec("BEGIN");
    // One view of everything, whatever the gateway writes meanwhile.
    from.exec("BEGIN");
    const kept = "last_seq > ? OR first_seq = (SELECT max(first_seq) FROM sample_chunk)";
    for (const table of tablesOf(from)) {
      const samples = table === "sample_chunk";
      const rows = from.prepare<unknown[], Record<string, unknown>>(
        `SELECT * FROM ${table}${samples ? ` WHERE ${kept}` : ""}`,
      );
      copyRows(to, table, rows.iterate(...(samples ? [confirmed] : [])), breathe);
    }
    to.exec("COMMIT");
  } finally {
    to.close();
  }
}

function copyRows(
  to: Database.Database,
  table: string,
  rows: Iterable<Record<string, unknown>>,
  breathe: () => void,
): void {
  let insert: Database.Statement<unknown[]> | undefined;
  let bytes = 0;
  for (const row of rows) {
    const columns = Object.keys(row);
    insert ??= to.prepare(
      `INSERT OR REPLACE INTO ${table} (${columns.join(", ")}) VALUES (${columns.map(() => "?").join(", ")})`,
    );
    insert.run(...Object.values(row));
    bytes += columns.reduce((sum, column) => sum + sizeOf(row[column]), 0);
    if (bytes < breathBytes) continue;
    breathe();
    bytes = 0;
  }
}

function tablesOf(db: Database.Database): readonly string[] {
  return db
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%' ORDER BY name",
    )
    .all()
    .map(({ name }) => name);
}

/** False: there is no history. */
function copyHistory(dataDir: string, copy: string): boolean {
  let from: Database.Database | undefined;
  try {
    from = new Database(join(dataDir, historyFile), { readonly: true, fileMustExist: true });
    from.prepare("VACUUM INTO ?").run(copy);
  } catch (error) {
    if (error instanceof Database.SqliteError && error.code === "SQLITE_CANTOPEN") return false;
    throw error;
  } finally {
    from?.close();
  }
  checkCopy(copy);
  return true;
}

function checkCopy(copy: string): void {
  const db = new Database(copy, { readonly: true });
  try {
    const result = db.pragma("integrity_check(1)", { simple: true });
    if (result !== "ok")
      throw new RackwatchError("store/corrupt", `the copy is damaged: ${result}`);
  } finally {
    db.close();
  }
}

function aboutOf(copy: string, kind: BackupHeader["kind"], now: number) {
  const db = new Database(copy, { readonly: true });
  try {
    const log = new ChunkLog(db);
    return {
      gateway: readMeta(db, "gateway") ?? "",
      epoch: readMeta(db, "epoch") ?? "",
      heads: { events: log.head("events"), samples: log.head("samples") },
      createdAt: new Date(now).toISOString(),
      schema: userVersion(db),
      kind,
    };
  } finally {
    db.close();
  }
}

function sizeOf(cell: unknown): number {
  return typeof cell === "string" || Buffer.isBuffer(cell) ? cell.length : 8;
}

function unfinished(where: string): RackwatchError {
  return new StoreError("store/backup", (text) => text.unfinished, { where });
}
