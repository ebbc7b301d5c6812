import type { Clock, Log, MonotonicMs } from "../../drivers/contract.ts";

export interface LoopParts {
  readonly clock: Clock;
  readonly log: Log;
  readonly step: () => void;
  /** Longest pause between two steps. */
  readonly everyMs: number;
  /** When the next step has something to do, if that is sooner. */
  readonly nextDue?: () => MonotonicMs | undefined;
}

/** Steps until the signal is aborted. A step that fails is logged, and the next one comes all the same. */
export async function runLoop(parts: LoopParts, signal: AbortSignal): Promise<void> {
  const { clock, log, step, everyMs, nextDue } = parts;
  while (!signal.aborted) {
    try {
      step();
    } catch (error) {
      log.error("step failed", { err: error });
    }
    const due = nextDue?.();
    const wait = due === undefined ? everyMs : Math.min(everyMs, due - clock.monotonicMs());
    await clock.sleep(Math.max(1, wait), signal).catch(() => undefined);
  }
}
