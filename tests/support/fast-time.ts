import { writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";
import { fakeTimeLibrary } from "./fake-time.ts";

export interface FastTime {
  /** Of the processes whose time it is. */
  readonly env: Readonly<Record<string, string>>;
  /** So much time passes at once, on the wall clock and on the monotonic one. */
  skip(ms: number): void;
}

/** Clocks of processes that begin as real ones. Skips the test where libfaketime is missing; in CI that is a failure. */
export function fastTime(context: TestContext, folder: string): FastTime {
  const path = fakeTimeLibrary(context);
  const file = join(folder, "time");
  let skippedMs = 0;
  const skip = (ms: number) => {
    skippedMs += ms;
    writeFileSync(file, `+${skippedMs / 1_000}\n`);
  };
  skip(0);
  const env = {
    LD_PRELOAD: path,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    NO_FAKE_STAT: "1",
  };
  return { env, skip };
}
