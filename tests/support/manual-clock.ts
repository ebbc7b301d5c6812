import type { Clock } from "../../drivers/contract.ts";

interface Sleeper {
  readonly at: number;
  readonly wake: () => void;
}

/** A clock that moves only when a test moves it. Wall and monotonic time move together unless `setWall` is called. */
export class ManualClock implements Clock {
  #monotonic: number;
  #wall: number;
  #sleepers: Sleeper[] = [];

  constructor(wall = Date.UTC(2026, 0, 1), monotonic = 1_000_000) {
    this.#wall = wall;
    this.#monotonic = monotonic;
  }

  now(): number {
    return this.#wall;
  }

  monotonicMs(): number {
    return this.#monotonic;
  }

  setWall(epochMs: number): void {
    this.#wall = epochMs;
  }

  sleep(ms: number, signal?: AbortSignal): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason as Error);
      const abort = () => {
        this.#sleepers = this.#sleepers.filter((s) => s !== sleeper);
        reject(signal?.reason as Error);
      };
      const sleeper: Sleeper = {
        at: this.#monotonic + ms,
        wake: () => {
          signal?.removeEventListener("abort", abort);
          resolve();
        },
      };
      signal?.addEventListener("abort", abort, { once: true });
      this.#sleepers.push(sleeper);
    });
  }

  /** How many sleeps are under way. */
  get sleeping(): number {
    return this.#sleepers.length;
  }

  /** Moves time on, waking sleepers in their order and letting what they started run in between. */
  async advance(ms: number): Promise<void> {
    const until = this.#monotonic + ms;
    for (;;) {
      await settle();
      const next = this.#sleepers.filter((s) => s.at <= until).sort((a, b) => a.at - b.at)[0];
      if (next === undefined) break;
      this.#sleepers = this.#sleepers.filter((s) => s !== next);
      this.#move(Math.max(next.at, this.#monotonic));
      next.wake();
    }
    this.#move(until);
    await settle();
  }

  #move(to: number): void {
    this.#wall += to - this.#monotonic;
    this.#monotonic = to;
  }
}

/** Lets promises that are ready run. */
async function settle(): Promise<void> {
  for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
  await new Promise((resolve) => setImmediate(resolve));
}

/** A log that keeps what it was told. */
export function memoryLog() {
  const entries: { level: string; event: string; fields: Readonly<Record<string, unknown>> }[] = [];
  const make = (
    base: Readonly<Record<string, unknown>>,
  ): import("../../drivers/contract.ts").Log => {
    const at =
      (level: string) =>
      (event: string, fields: Readonly<Record<string, unknown>> = {}) => {
        entries.push({ level, event, fields: { ...base, ...fields } });
      };
    return {
      child: (fields) => make({ ...base, ...fields }),
      debug: at("debug"),
      info: at("info"),
      warn: at("warn"),
      error: at("error"),
    };
  };
  return { log: make({}), entries };
}
