/**
 * Loaded into a receiver by `--import`: appends its memory and how late its timers are, one JSON line a second, to the file
 * that RECEIVER_LOOK_FILE names. `heapLeastMb` is the least of a second, four looks: shortly after a collection the heap in use
 * is what lives; `majorMs` the time of its full collections.
 */
import { appendFileSync } from "node:fs";
import { constants, monitorEventLoopDelay, PerformanceObserver } from "node:perf_hooks";
import { z } from "zod";

const resolutionMs = 10;
const lookMs = 250;
const looksOfLine = 4;

const gcSchema = z.object({ kind: z.number() });
const mb = (bytes: number) => Number((bytes / 1_048_576).toFixed(1));

const file = process.env["RECEIVER_LOOK_FILE"];
if (file !== undefined) {
  const delay = monitorEventLoopDelay({ resolution: resolutionMs });
  delay.enable();
  let majorMs = 0;
  new PerformanceObserver((list) => {
    for (const entry of list.getEntries()) {
      const kind = gcSchema.safeParse(Reflect.get(entry, "detail")).data?.kind;
      if (kind === constants.NODE_PERFORMANCE_GC_MAJOR) majorMs += entry.duration;
    }
  }).observe({ entryTypes: ["gc"] });
  let looks = 0;
  let least = Number.POSITIVE_INFINITY;
  setInterval(() => {
    const { heapUsed, external, rss } = process.memoryUsage();
    least = Math.min(least, heapUsed);
    looks += 1;
    if (looks % looksOfLine !== 0) return;
    const late = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolutionMs);
    const line = {
      ...{ at: Date.now(), heapLeastMb: mb(least), externalMb: mb(external), rssMb: mb(rss) },
      ...{ majorMs, lateP99Ms: late(delay.percentile(99)), lateMaxMs: late(delay.max) },
    };
    appendFileSync(file, `${JSON.stringify(line)}\n`);
    delay.reset();
    majorMs = 0;
    least = Number.POSITIVE_INFINITY;
  }, lookMs).unref();
}
