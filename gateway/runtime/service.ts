import type { Clock } from "../../drivers/contract.ts";
import type { Health, Part } from "../health/health.ts";
import { problemOf } from "../health/health-book.ts";
import { aborted } from "./stop.ts";

/** Pause before a service whose address is taken is tried again. */
const reopenMs = 10_000;

/** A part that listens on the network: tried for ever, said so when it cannot, never in the way of the alarms. */
export class Service<T extends AsyncDisposable> {
  readonly #part: Part;
  readonly #isEnabled: () => boolean;
  readonly #open: () => Promise<T>;
  #current: T | undefined;
  #life = new AbortController();

  /** @param isEnabled asked each time before it opens, as `open` looks its settings up each time. */
  constructor(part: Part, isEnabled: () => boolean, open: () => Promise<T>) {
    this.#part = part;
    this.#isEnabled = isEnabled;
    this.#open = open;
  }

  /** The open service; undefined while it cannot be had. */
  get current(): T | undefined {
    return this.#current;
  }

  /** Closes it and opens it again under the settings of now. */
  reopen(): void {
    this.#life.abort();
  }

  /** Until the signal is aborted; then the service is closed. */
  async run(clock: Clock, health: Health, signal: AbortSignal): Promise<void> {
    signal.addEventListener("abort", () => this.#life.abort(), { once: true });
    while (!signal.aborted) {
      this.#life = new AbortController();
      await this.#live(clock, health, this.#life.signal);
    }
  }

  /** From its opening to its end. */
  async #live(clock: Clock, health: Health, signal: AbortSignal): Promise<void> {
    if (!this.#isEnabled()) health.report(this.#part, undefined);
    while (this.#isEnabled() && !signal.aborted && this.#current === undefined) {
      try {
        this.#current = await this.#open();
        health.report(this.#part, undefined);
      } catch (error) {
        health.report(this.#part, problemOf(error, "panel/listen"));
        await clock.sleep(reopenMs, signal).catch(() => undefined);
      }
    }
    await aborted(signal);
    const current = this.#current;
    this.#current = undefined;
    await current?.[Symbol.asyncDispose]();
  }
}
