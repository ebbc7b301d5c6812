import { readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { TestContext } from "vitest";

const library = "libfaketimeMT.so.1";

export interface FakeTime {
  /** Of the process that is to see the other time. */
  readonly env: Readonly<Record<string, string>>;
  /** Steps its wall clock, while it runs, to this far from the real one; its monotonic clock goes on undisturbed. */
  step(offsetMs: number): void;
}

/** Another wall clock for one process. Skips the test where libfaketime is missing; in CI that is a failure. */
export function fakeTime(context: TestContext, folder: string, offsetMs: number): FakeTime {
  const path = fakeTimeLibrary(context);
  const file = join(folder, "time");
  const step = (ms: number) =>
    writeFileSync(file, `${ms < 0 ? "-" : "+"}${Math.abs(ms) / 1_000}\n`);
  step(offsetMs);
  const env = {
    LD_PRELOAD: path,
    FAKETIME_TIMESTAMP_FILE: file,
    FAKETIME_NO_CACHE: "1",
    FAKETIME_DONT_FAKE_MONOTONIC: "1",
    NO_FAKE_STAT: "1",
  };
  return { env, step };
}

/** Where libfaketime is installed. */
export function fakeTimeLibrary(context: TestContext): string {
  const root = "/usr/lib";
  for (const name of readdirSync(root)) {
    const folder = join(root, name, "faketime");
    const found = readdirIfThere(folder).includes(library);
    if (found) return join(folder, library);
  }
  const message = "libfaketime is missing: run .ci/run";
  if (process.env["CI"] === "true") throw new Error(message);
  return context.skip(message);
}

function readdirIfThere(folder: string): readonly string[] {
  try {
    return readdirSync(folder);
  } catch {
    return [];
  }
}
