import { randomBytes } from "node:crypto";
import {
  chmodSync,
  chownSync,
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
  renameSync,
  rmSync,
  statSync,
  writeSync,
} from "node:fs";
import { dirname, join } from "node:path";

/** Undefined: there is none, or it cannot be read. */
export function readText(file: string): string | undefined {
  try {
    return readFileSync(file, "utf8");
  } catch {
    return undefined;
  }
}

/** Of a file that nobody else writes: its mode, whoever wrote it before, and the owner of its folder. */
interface Own {
  readonly mode: number;
}

/**
 * Whole or not at all, also when the power goes. Behind a link the file that it names is replaced. Mode and owner stay as they
 * were as far as this process may give them; a file that was not there gets the owner of its folder. @throws the system's error: nothing has changed then.
 */
export function replaceFile(file: string, text: string, own?: Own): void {
  const known = own === undefined ? statSync(file, { throwIfNoEntry: false }) : undefined;
  const real = known === undefined ? file : realpathSync(file);
  const mode = own?.mode ?? (known === undefined ? 0o640 : known.mode & 0o777);
  const fresh = join(dirname(real), `.rackwatch-${randomBytes(6).toString("hex")}`);
  try {
    writeNew(fresh, text, mode);
    giveTo(fresh, known ?? statSync(dirname(real)));
    renameSync(fresh, real);
  } catch (error) {
    rmSync(fresh, { force: true });
    throw error;
  }
  syncFolder(dirname(real));
}

/** A folder that belongs to whom the one around it does, also when root makes it. */
export function makeFolder(folder: string): void {
  if (mkdirSync(folder, { recursive: true, mode: 0o750 }) === undefined) return;
  giveTo(folder, statSync(dirname(folder)));
}

/** Gone for good, also after the power went. */
export function removeFile(file: string): void {
  rmSync(file, { force: true });
  syncFolder(dirname(file));
}

/** A file that is not there, on the disk when this returns; its name is not, before `syncFolder`. @throws the system's error. */
export function writeNew(file: string, content: string | Uint8Array, mode: number): void {
  const fd = openSync(file, "wx", mode);
  try {
    const bytes = typeof content === "string" ? Buffer.from(content) : content;
    for (let at = 0; at < bytes.length; ) at += writeSync(fd, bytes, at);
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
  chmodSync(file, mode);
}

function giveTo(file: string, { uid, gid }: { readonly uid: number; readonly gid: number }): void {
  const own = statSync(file);
  if (own.uid === uid && own.gid === gid) return;
  try {
    chownSync(file, uid, gid);
  } catch {
    // Only root gives files away; who may read it is said by group and mode.
  }
}

/** Names in a folder are on the disk from then on. @throws the system's error. */
export function syncFolder(folder: string): void {
  const fd = openSync(folder, "r");
  try {
    fsyncSync(fd);
  } finally {
    closeSync(fd);
  }
}
