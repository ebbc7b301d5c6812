import type { MonotonicMs } from "../../drivers/contract.ts";

interface Loop {
  readonly allowanceMs: number;
  tickedAt: MonotonicMs;
}

/**
 * Whether every loop that the gateway cannot be without is alive. The watchdog is pinged only then: a process whose
 * panel still answers while its alarms stand still must be restarted.
 */
export class Heartbeat {
  readonly #loops = new Map<string, Loop>();

  /** Registering counts as a tick. `allowanceMs`: the longest time between two ticks of a loop that is well. */
  register(name: string, allowanceMs: number, now: MonotonicMs): void {
    this.#loops.set(name, { allowanceMs, tickedAt: now });
  }

  /** A name that was never registered is a programming error. */
  tick(name: string, now: MonotonicMs): void {
    const loop = this.#loops.get(name);
    if (loop === undefined) throw new Error(`no loop ${name} is registered`);
    loop.tickedAt = now;
  }

  /** A loop that ended as it should is not waited for. */
  retire(name: string): void {
    this.#loops.delete(name);
  }

  /** Loops that have not ticked within their allowance. */
  late(now: MonotonicMs): readonly string[] {
    return [...this.#loops]
      .filter(([, { allowanceMs, tickedAt }]) => now - tickedAt > allowanceMs)
      .map(([name]) => name);
  }

  /** With no loop registered nothing shows that the gateway works, so nothing is said. */
  mayPing(now: MonotonicMs): boolean {
    return this.#loops.size > 0 && this.late(now).length === 0;
  }
}
