import {
  accessSync,
  constants,
  existsSync,
  readFileSync,
  type Stats,
  statfsSync,
  statSync,
} from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import type { DoctorText } from "../../config/language/doctor.ts";
import { freeBytes } from "../store/ballast.ts";
import { codeOf, type Finding } from "./finding.ts";

/** With less the store deletes and thins. */
const freeBytesMin = 256 * 1_048_576;
const freeInodesMin = 1_000;

/** A whole check of a larger file would take seconds of the card. */
const quickCheckBytesMax = 32 * 1_048_576;

const databaseFile = "gateway.db";

/** The data folder, beside a gateway that runs: nothing is locked, made or written. */
export function checkFolder(dir: string, text: DoctorText): readonly Finding[] {
  let stats: Stats;
  try {
    stats = statSync(dir);
  } catch (error) {
    const found = text.noFolder(dir, codeOf(error));
    return [{ check: "data", grade: "fail", found, todo: text.noFolderTodo }];
  }
  const holder = lockHolder(join(dir, "gateway.lock"));
  return [
    folder(dir, stats, text),
    space(dir, text),
    holder === undefined
      ? { check: "data/lock", grade: "warn", found: text.notRunning, todo: text.notRunningTodo }
      : { check: "data/lock", grade: "ok", found: text.running(holder, commandOf(holder)) },
    database(dir, text),
    ballast(dir, text),
  ];
}

function folder(dir: string, { mode, uid, gid }: Stats, text: DoctorText): Finding {
  const rights = (mode & 0o777).toString(8).padStart(4, "0");
  const found = text.folder(dir, uid, gid, rights);
  const isReadOnly = mountOptions(dir).includes("ro");
  if (isReadOnly)
    return { check: "data", grade: "fail", found: text.readOnly(dir), todo: text.readOnlyTodo };
  if ((mode & 0o002) !== 0)
    return { check: "data", grade: "fail", found, todo: text.openTodo(dir) };
  try {
    accessSync(dir, constants.R_OK | constants.X_OK);
  } catch {
    return { check: "data", grade: "warn", found, todo: text.readTodo };
  }
  return { check: "data", grade: "ok", found };
}

function space(dir: string, text: DoctorText): Finding {
  const free = freeBytes(dir);
  const { ffree, files } = statfsSync(dir);
  const found = text.space(Math.round(free / 1_048_576), ffree);
  const isShort = free < freeBytesMin || (files > 0 && ffree < freeInodesMin);
  if (!isShort) return { check: "data/space", grade: "ok", found };
  return { check: "data/space", grade: "warn", found, todo: text.spaceTodo };
}

/** Options of the mount that holds the folder: the longest mount point that it begins with. */
function mountOptions(dir: string): readonly string[] {
  try {
    const mounts = readFileSync("/proc/self/mounts", "utf8")
      .split("\n")
      .map((line) => line.split(" "))
      .filter(([, point = ""]) => point !== "" && `${dir}/`.startsWith(point.replace(/\/?$/, "/")))
      .sort(([, a = ""], [, b = ""]) => b.length - a.length);
    return mounts[0]?.[3]?.split(",") ?? [];
  } catch {
    return [];
  }
}

/** The process that holds an fcntl lock on the file, as the kernel lists it. Nothing is tried. */
function lockHolder(file: string): number | undefined {
  const inode = statSync(file, { throwIfNoEntry: false })?.ino;
  if (inode === undefined) return undefined;
  try {
    for (const line of readFileSync("/proc/locks", "utf8").split("\n")) {
      const [, , , , pid, place] = line.trim().split(/\s+/);
      if (place?.split(":").at(-1) === String(inode)) return Number(pid);
    }
  } catch {
    return undefined;
  }
  return undefined;
}

function commandOf(pid: number): string {
  try {
    const words = readFileSync(`/proc/${pid}/cmdline`, "utf8").split("\0");
    return words.slice(0, 3).join(" ").trim().slice(0, 200);
  } catch {
    return "?";
  }
}

/**
 * A reader of a database whose gateway has stopped makes files beside it that belong to the reader, and lock the gateway
 * out: it is only opened by its owner, or while the gateway has it open.
 */
export function mayOpenDatabase(dir: string): boolean {
  const file = join(dir, databaseFile);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) return false;
  return existsSync(`${file}-shm`) || process.getuid?.() === stats.uid;
}

function database(dir: string, text: DoctorText): Finding {
  const check = "data/database";
  const file = join(dir, databaseFile);
  const stats = statSync(file, { throwIfNoEntry: false });
  if (stats === undefined) {
    return { check, grade: "warn", found: text.noDatabase, todo: text.notRunningTodo };
  }
  const bytes = Math.round(stats.size / 1_048_576);
  if (!mayOpenDatabase(dir)) return { check, grade: "skip", found: text.databaseClosed(bytes) };
  try {
    using db = disposable(new Database(file, { readonly: true, timeout: 2_000 }));
    const isWhole = stats.size > quickCheckBytesMax;
    const said = isWhole
      ? db.it.pragma("schema_version", { simple: true })
      : db.it.pragma("quick_check(1)", { simple: true });
    if (isWhole || said === "ok")
      return { check, grade: "ok", found: text.database(bytes, isWhole) };
    return { check, grade: "fail", found: text.databaseBad(String(said)), todo: text.databaseTodo };
  } catch (error) {
    return {
      check,
      grade: "fail",
      found: text.databaseBad(codeOf(error)),
      todo: text.databaseTodo,
    };
  }
}

function disposable(it: Database.Database) {
  return { it, [Symbol.dispose]: () => it.close() };
}

function ballast(dir: string, text: DoctorText): Finding {
  const bytes = statSync(join(dir, "gateway.ballast"), { throwIfNoEntry: false })?.size ?? 0;
  const check = "data/ballast";
  if (bytes > 0) return { check, grade: "ok", found: text.ballast(Math.round(bytes / 1_048_576)) };
  return { check, grade: "warn", found: text.noBallast, todo: text.spaceTodo };
}
