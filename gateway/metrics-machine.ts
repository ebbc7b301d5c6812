import { readFileSync } from "node:fs";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type { Clock } from "../drivers/contract.ts";

/** The loop's delay is looked at this often: finer costs more than it tells. */
const delayResolutionMs = 50;

/** What is measured of this process. */
export interface MachineFigures {
  readonly rssBytes: number;
  readonly cpuSeconds: number;
  readonly writtenBytes: number | undefined;
  readonly startedAt: number;
  readonly loopDelaySeconds: number | undefined;
}

/** Figures of this process; the loop's delay is that since the last question. */
export class MachineMeter implements Disposable {
  readonly #clock: Clock;
  readonly #delay: ReturnType<typeof monitorEventLoopDelay>;

  constructor(clock: Clock) {
    this.#clock = clock;
    this.#delay = monitorEventLoopDelay({ resolution: delayResolutionMs });
    this.#delay.enable();
  }

  [Symbol.dispose](): void {
    this.#delay.disable();
  }

  read(): MachineFigures {
    const { user, system } = process.cpuUsage();
    // What is measured is the time between two looks, the pause that was asked for included.
    const delayMs = this.#delay.percentile(99) / 1e6 - delayResolutionMs;
    this.#delay.reset();
    return {
      rssBytes: process.memoryUsage.rss(),
      cpuSeconds: (user + system) / 1e6,
      writtenBytes: writtenBytes(),
      startedAt: this.#clock.now() - process.uptime() * 1_000,
      loopDelaySeconds: Number.isFinite(delayMs) ? Math.max(0, delayMs) / 1_000 : undefined,
    };
  }
}

/** Of the whole process, by the kernel: what really went to the card. */
function writtenBytes(): number | undefined {
  try {
    const bytes = /^write_bytes: (\d+)$/m.exec(readFileSync("/proc/self/io", "utf8"))?.[1];
    return bytes === undefined ? undefined : Number(bytes);
  } catch {
    return undefined;
  }
}
