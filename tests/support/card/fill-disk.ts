import { closeSync, openSync, writeSync } from "node:fs";

/** Writes to a file until its disk takes not one byte more; may be repeated when somebody made room. */
export function fillDisk(file: string): void {
  const handle = openSync(file, "a");
  for (let size = 1_048_576; size >= 1; ) {
    try {
      writeSync(handle, Buffer.alloc(size));
    } catch {
      size = Math.floor(size / 2);
    }
  }
  closeSync(handle);
}
