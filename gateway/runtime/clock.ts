import { setTimeout as sleep } from "node:timers/promises";
import type { Clock } from "../../drivers/contract.ts";

/** The machine's clocks. Monotonic time is CLOCK_MONOTONIC, so it goes on through a restart of this process. */
export const systemClock: Clock = {
  now: () => Date.now(),
  monotonicMs: () => Number(process.hrtime.bigint() / 1_000_000n),
  sleep: (ms, signal) => sleep(ms, undefined, signal === undefined ? {} : { signal }),
};
