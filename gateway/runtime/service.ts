import type { Clock } from "../../drivers/contract.ts";
import type { Health, Part } from "../health/health.ts";
import { problemOf } from "../health/health-book.ts";
import { aborted } from "./stop.ts";

/** Pause before a service whose address is taken is tried again. */
const reopenMs = 10_000;

/** A part that listens on the network: tried for ever, said so when it cannot, never in the way of the alarms. */
export class Service<T extends AsyncDisposable> {
  readonly #part: Part;
  readonly #enabled: boolean;
  readonly #open: () => Promise<T>;
  #current: T | undefined;

  constructor(part: Part, enabled: boolean, open: () => Promise<T>) {
    this.#part = part;
    this.#enabled = enabled;
    this.#open = open;
  }

  /** The open service; undefined while it cannot be had. */
  get current(): T | undefined {
    return this.#current;
  }

  /** Until the signal is aborted; then the service is closed. */
  async run(clock: Clock, health: Health, signal: AbortSignal): Promise<void> {
    while (this.#enabled && !signal.aborted && this.#current === undefined) {
      try {
        this.#current = await this.#open();
        health.report(this.#part, undefined);
      } catch (error) {
        health.report(this.#part, problemOf(error, "panel/listen"));
        await clock.sleep(reopenMs, signal).catch(() => undefined);
      }
    }
    await aborted(signal);
    await this.#current?.[Symbol.asyncDispose]();
    this.#current = undefined;
  }
}
