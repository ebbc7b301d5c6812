import type { Clock, Log, MonotonicMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { readContacts, recordVerdicts } from "./alarms-of-central.ts";
import type { AlarmWebhook } from "./alarms-of-central-webhook.ts";
import type { DatabaseLink } from "./database-link.ts";
import { Silence } from "./silence.ts";

/** A silence of three minutes is told within seconds; one small query for all gateways. */
const lookMs = 5_000;

export interface SilenceWatchParts {
  readonly link: DatabaseLink;
  readonly clock: Clock;
  readonly log: Log;
  /** Absent: nobody is told, alarms are on record and on the page. */
  readonly webhook?: AlarmWebhook | undefined;
  /** Without a bundle of a gateway that has no line; absent: `carriedSilentAfterMs`. */
  readonly carriedSilentMs?: number | undefined;
}

/** The dead-man's switch of all gateways. */
export class SilenceWatch {
  readonly #parts: SilenceWatchParts;
  readonly #silence: Silence;
  #steppedAt: MonotonicMs | undefined;

  constructor(parts: SilenceWatchParts) {
    this.#parts = parts;
    this.#silence = new Silence(parts.carriedSilentMs);
  }

  /** When it last came round, also without a database. */
  get steppedAt(): MonotonicMs | undefined {
    return this.#steppedAt;
  }

  async step(): Promise<void> {
    const { link, clock, log } = this.#parts;
    try {
      await link.use(async ({ database }) => {
        const found = this.#silence.judge(await readContacts(database), clock.monotonicMs());
        await recordVerdicts(database, found);
        for (const { gateway, rule, since } of found.begin) {
          log.warn("alarm of central begins", { gateway, rule, since });
        }
        for (const { gateway, rule } of found.end) {
          log.info("alarm of central ends", { gateway, rule });
        }
      });
    } catch (error) {
      // The link said so already; silence begins anew when the database is back.
      if (!(error instanceof RackwatchError)) throw error;
    }
    this.#steppedAt = clock.monotonicMs();
  }

  /** Tells the webhook what it has not taken yet. Apart from looking: a receiver that hangs makes nobody blind. */
  async tell(signal: AbortSignal): Promise<void> {
    const { link, webhook } = this.#parts;
    try {
      if (webhook !== undefined) await link.use(({ database }) => webhook.step(database, signal));
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
    }
  }

  async run(signal: AbortSignal): Promise<void> {
    await Promise.all([
      this.#repeat(() => this.step(), signal),
      this.#repeat(() => this.tell(signal), signal),
    ]);
  }

  async #repeat(work: () => Promise<void>, signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        await work();
        await this.#parts.clock.sleep(lookMs, signal);
      } catch (error) {
        if (!signal.aborted) throw error;
      }
    }
  }
}
