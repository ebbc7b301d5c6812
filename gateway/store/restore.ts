import {
  chownSync,
  closeSync,
  existsSync,
  fsyncSync,
  openSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { StoreText } from "../../config/language/store.ts";
import { type BackupHeader, readBackup, readBackupHeader } from "./backup-file.ts";
import { storeError } from "./failure.ts";
import { lockFolder } from "./lock.ts";
import { writeAncestors } from "./log-writer.ts";
import { readMeta, writeMeta } from "./meta.ts";
import { setAside } from "./quarantine.ts";
import { renew } from "./renewal.ts";
import { migrate, schemaVersion } from "./schema.ts";
import { readSentinel, writeSentinel } from "./sentinel.ts";
import { StoreError } from "./store-error.ts";
import { type DatabaseVerdict, verifyDatabase } from "./verify-database.ts";

const databaseFile = "gateway.db";

/** What a backup may hold, and under which name it stands until all of it is sound. */
const partNames: readonly string[] = [databaseFile, "history.db"];
const staging = (name: string) => `${name}.restoring`;

export interface RestoreAsked {
  readonly backup: string;
  readonly dataDir: string;
  /** Whose it must be; undefined: that of the database which is there, or anybody's. */
  readonly gatewayId: string | undefined;
  /** Take another gateway's data as this one's. */
  readonly adopt: boolean;
  readonly now: number;
}

export interface Restored {
  readonly header: BackupHeader;
  readonly epoch: string;
  /** Names of the files that were set aside. */
  readonly setAside: readonly string[];
}

/** Unpacks a backup beside nothing else and looks at all of it. @throws RackwatchError `store/backup`. */
export function verifyBackup(file: string, folder: string, breathe?: () => void) {
  const header = unpack(file, folder);
  const unpacked = join(folder, staging(databaseFile));
  try {
    const verdict = verdictOf(unpacked, header, breathe);
    return { header, verdict };
  } finally {
    for (const name of partNames) remove(join(folder, staging(name)));
  }
}

/**
 * Puts a backup in place of what is there, which is set aside. The database goes on under a new epoch that names the old
 * one, so that central takes no row twice.
 * @throws RackwatchError `store/locked` while the gateway runs; `store/backup` for a file that is cut short, changed, of a
 * newer program or of another gateway: nothing was touched then.
 */
export function restoreBackup(asked: RestoreAsked): Restored {
  const { backup, dataDir, adopt, now } = asked;
  using _lock = lockFolder(dataDir);
  const present = presentGateway(dataDir);
  const expected = asked.gatewayId ?? present;
  const { gateway, schema } = readBackupHeader(backup);
  if (schema > schemaVersion) {
    throw refused(
      backup,
      (text) => text.schemaNewer(schema, schemaVersion),
      (text) => text.updateFirst,
    );
  }
  if (expected !== undefined && gateway !== expected && !adopt) {
    throw refused(
      backup,
      (text) => text.ofOther(gateway, expected),
      (text) => text.rightFile,
    );
  }
  const names: string[] = [];
  try {
    const header = unpack(backup, dataDir);
    const file = join(dataDir, staging(databaseFile));
    const { ok, findings } = verdictOf(file, header);
    if (!ok) {
      throw refused(
        backup,
        () => findings[0]?.where ?? "",
        (text) => text.takeOlder,
      );
    }
    const epoch = continued(file, gateway === (expected ?? gateway) ? undefined : expected, now);
    for (const { name } of header.parts) {
      // A log without its database would be taken for that of the one that comes.
      const isThere = ["", "-wal"].some((part) => existsSync(join(dataDir, name + part)));
      if (isThere) names.push(setAside(dataDir, "replaced", now, name));
      renameSync(join(dataDir, staging(name)), join(dataDir, name));
    }
    writeSentinel(dataDir, epoch);
    handOver(dataDir, [...header.parts.map(({ name }) => name), "gateway.born", "gateway.lock"]);
    return { header, epoch, setAside: names };
  } catch (error) {
    throw storeError(error, dataDir);
  } finally {
    for (const name of partNames) remove(join(dataDir, staging(name)));
  }
}

function unpack(backup: string, folder: string): BackupHeader {
  const handles = new Map<string, number>();
  try {
    const header = readBackup(backup, ({ name }, piece) => {
      if (!partNames.includes(name)) {
        throw refused(
          backup,
          (text) => text.holds(name),
          (text) => text.takeOther,
        );
      }
      let handle = handles.get(name);
      if (handle === undefined) {
        handle = openSync(join(folder, staging(name)), "w", 0o640);
        handles.set(name, handle);
      }
      for (let done = 0; done < piece.length; ) done += writeSync(handle, piece, done);
    });
    for (const handle of handles.values()) fsyncSync(handle);
    return header;
  } catch (error) {
    for (const name of handles.keys()) remove(join(folder, staging(name)));
    throw storeError(error, folder);
  } finally {
    for (const handle of handles.values()) closeSync(handle);
  }
}

function verdictOf(file: string, { bytes }: BackupHeader, breathe?: () => void): DatabaseVerdict {
  const db = new Database(file);
  try {
    migrate(db);
    return verifyDatabase(db, bytes, breathe);
  } finally {
    db.close();
  }
}

/** Under a new epoch; of an adopted one central knows nothing under this gateway's name. */
function continued(file: string, adoptedBy: string | undefined, now: number): string {
  const db = new Database(file);
  try {
    db.pragma("synchronous = FULL");
    const epoch = renew(db, readMeta(db, "epoch") ?? "", "restored", now);
    if (adoptedBy !== undefined) {
      writeMeta(db, "gateway", adoptedBy);
      writeAncestors(db, []);
    }
    return epoch;
  } finally {
    db.close();
  }
}

/** Root restores, and the gateway, another user, must be able to write. */
function handOver(dataDir: string, names: readonly string[]): void {
  if (process.getuid?.() !== 0) return;
  const { uid, gid } = statSync(dataDir);
  for (const name of names) chownSync(join(dataDir, name), uid, gid);
}

/** Whose database is there; undefined: none, or one that does not say. */
function presentGateway(dataDir: string): string | undefined {
  if (readSentinel(dataDir) === undefined) return undefined;
  let db: Database.Database | undefined;
  try {
    db = new Database(join(dataDir, databaseFile), { readonly: true, fileMustExist: true });
    return readMeta(db, "gateway");
  } catch (error) {
    if (error instanceof Database.SqliteError) return undefined;
    throw error;
  } finally {
    db?.close();
  }
}

function remove(file: string): void {
  for (const part of ["", "-wal", "-shm", "-journal"]) rmSync(file + part, { force: true });
}

function refused(
  where: string,
  why: (text: StoreText) => string,
  todo: (text: StoreText) => string,
): StoreError {
  const words = (text: StoreText) => text.notRestored(where, why(text), todo(text));
  return new StoreError("store/backup", words, { where });
}
