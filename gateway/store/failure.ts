import { statfsSync } from "node:fs";
import { dirname } from "node:path";
import Database from "better-sqlite3";
import { type StoreText, storeText } from "../../config/language/store.ts";
import { type ErrorCode, RackwatchError } from "../../drivers/errors.ts";
import { StoreError } from "./store-error.ts";

/** SQLite's primary result code, as better-sqlite3 spells it with its extensions: `SQLITE_IOERR_FSYNC`. */
const sqliteCodes: readonly (readonly [RegExp, ErrorCode])[] = [
  [/^SQLITE_FULL/, "store/full"],
  [/^SQLITE_(READONLY|PERM|AUTH)/, "store/read-only"],
  [/^SQLITE_(CORRUPT|NOTADB|FORMAT)/, "store/corrupt"],
  [/^SQLITE_(BUSY|LOCKED|PROTOCOL)/, "store/locked"],
  [/^SQLITE_(IOERR|CANTOPEN|NOLFS|NOMEM)/, "store/io"],
];

const systemCodes: Readonly<Record<string, ErrorCode>> = {
  ENOSPC: "store/full",
  EDQUOT: "store/full",
  EROFS: "store/read-only",
  EACCES: "store/read-only",
  EPERM: "store/read-only",
  EIO: "store/io",
  ENOENT: "store/io",
  ENOTDIR: "store/io",
  EEXIST: "store/io",
  ENXIO: "store/io",
  ESTALE: "store/io",
  ENODEV: "store/io",
};

function codeOf(cause: unknown): ErrorCode | undefined {
  if (cause instanceof Database.SqliteError) {
    return sqliteCodes.find(([pattern]) => pattern.test(cause.code))?.[1];
  }
  if (cause instanceof Error && "code" in cause) return systemCodes[String(cause.code)];
  return undefined;
}

/** An operating error of SQLite or of the file system as `store/...`; anything else stays what it is. */
export function storeError(cause: unknown, where: string): unknown {
  const code = codeOf(cause);
  if (code === undefined) return cause;
  return refused(code === "store/io" && isOutOfFiles(where) ? "store/full" : code, where, cause);
}

export function isFull(error: unknown): boolean {
  return error instanceof RackwatchError && error.code === "store/full";
}

/** SQLite calls it an I/O error when no file can be made because the file system has no inode left. */
function isOutOfFiles(where: string): boolean {
  try {
    const { files, ffree } = statfsSync(dirname(where));
    return files > 0 && ffree === 0;
  } catch {
    return false;
  }
}

function refused(code: ErrorCode, where: string, cause?: unknown): RackwatchError {
  const reason = cause instanceof Error ? cause.message : undefined;
  const words = (text: StoreText) => {
    const { message, todo } = isFailure(code) ? text.failed[code] : text.failed["store/io"];
    return { message: text.at(message, where, reason), todo };
  };
  return new StoreError(code, words, { where, cause });
}

function isFailure(code: ErrorCode): code is keyof StoreText["failed"] {
  return Object.hasOwn(storeText.en.failed, code);
}
