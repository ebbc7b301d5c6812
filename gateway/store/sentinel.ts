import { closeSync, fsyncSync, openSync, readFileSync, renameSync, writeSync } from "node:fs";
import { join } from "node:path";

/** Says outside the database that there was one: an empty or missing file is then a loss, not a first start. */
const sentinelName = "gateway.born";

/** Epoch of the database that lived here last; undefined: none ever did. */
export function readSentinel(dir: string): string | undefined {
  try {
    return readFileSync(join(dir, sentinelName), "utf8").trim();
  } catch {
    return undefined;
  }
}

export function writeSentinel(dir: string, epoch: string): void {
  if (readSentinel(dir) === epoch) return;
  const file = join(dir, sentinelName);
  const handle = openSync(`${file}.tmp`, "w", 0o640);
  try {
    writeSync(handle, `${epoch}\n`);
    fsyncSync(handle);
  } finally {
    closeSync(handle);
  }
  renameSync(`${file}.tmp`, file);
}
