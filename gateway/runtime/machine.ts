import { readFileSync } from "node:fs";
import type { EpochMs } from "../../drivers/contract.ts";

/** No clock that is right can show less than this: the program did not exist yet. */
export const clockFloor: EpochMs = Date.UTC(2026, 10, 1);

/** One id per boot of the machine: monotonic times of different boots cannot be compared. */
export function bootId(env: NodeJS.ProcessEnv): string {
  const given = env["RACKWATCH_BOOT_ID"];
  if (given !== undefined && given !== "") return given;
  try {
    return readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim();
  } catch {
    // Without /proc no boot can be told from another: each start counts as one.
    return `start-${process.pid}-${Date.now()}`;
  }
}
