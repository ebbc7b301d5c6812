/**
 * Loaded into a gateway by `--import`: writes how late its timers are, one JSON line a second, to the file that
 * LOOP_DELAY_FILE names. `maxMs` and `p99Ms` are of that second.
 */
import { appendFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";

const resolutionMs = 10;
const file = process.env["LOOP_DELAY_FILE"];
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  // The histogram holds the time between two looks.
  const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
  setInterval(() => {
    const line = { at: Date.now(), p99Ms: late(delay.percentile(99)), maxMs: late(delay.max) };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    delay.reset();
  }, 1_000).unref();
}
