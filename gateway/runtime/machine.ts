import { existsSync, readFileSync } from "node:fs";
import type { EpochMs } from "../../drivers/contract.ts";
import type { ClockQuality } from "../store/store.ts";

/** No clock that is right can show less than this: the program did not exist yet. */
export const clockFloor: EpochMs = Date.UTC(2026, 10, 1);

/** systemd-timesyncd keeps this file while the clock is synchronised (systemd-timesyncd.service(8)). */
const timesyncFile = "/run/systemd/timesync/synchronized";

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

/** How far the wall clock can be believed right now. */
export function clockQuality(now: EpochMs): ClockQuality {
  if (now < clockFloor) return "unset";
  return existsSync(timesyncFile) ? "synchronized" : "unsynchronized";
}
