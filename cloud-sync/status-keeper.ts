import type { Clock, EpochMs, Log } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import type { SyncFigures, SyncStatus } from "../gateway/store/sync-status.ts";
import type { Progress } from "./progress.ts";

/** The last contact is written this often: each write wears the card, and the cursors say more. */
const contactSaveMs = 60_000;

/** While a backlog drains somebody watches how far it is. */
const drainSaveMs = 10_000;

/** Says each change once, in the log and in the agent's file, not each retry. */
export class StatusKeeper {
  readonly #progress: Progress;
  readonly #clock: Clock;
  readonly #log: Log;
  #problem: SyncStatus["problem"];
  #lastContactAt: EpochMs | undefined;
  readonly #figures: () => SyncFigures;
  #savedAt = Number.NEGATIVE_INFINITY;

  /** @param heardAt Last contact of an earlier process, where it is known. */
  constructor(
    progress: Progress,
    clock: Clock,
    log: Log,
    figures: () => SyncFigures,
    heardAt?: EpochMs,
  ) {
    this.#lastContactAt = heardAt;
    this.#figures = figures;
    this.#progress = progress;
    this.#clock = clock;
    this.#log = log;
  }

  /** Central answered; whether as it should in all, is another question. */
  contact(drains: boolean): void {
    this.#lastContactAt = this.#clock.now();
    const now = this.#clock.monotonicMs();
    const everyMs = drains ? drainSaveMs : contactSaveMs;
    if (now >= this.#savedAt + everyMs) this.#save();
  }

  /** Nothing was heard, but who listens lives. */
  alive(): void {
    this.#save();
  }

  /** Central answered as it should: nothing stands in the way any more. */
  well(): void {
    const was = this.#problem;
    if (was === undefined) return;
    this.#lastContactAt = this.#clock.now();
    this.#problem = undefined;
    this.#log.info("central answers again", { after: was.code });
    this.#save();
  }

  report(error: RackwatchError): void {
    const { code, message, where, todo } = error;
    if (this.#problem?.code === code && this.#problem.message === message) return;
    this.#problem = {
      code,
      message,
      ...(where === undefined ? {} : { where }),
      ...(todo === undefined ? {} : { todo }),
      since: this.#clock.now(),
    };
    const reason = error.cause instanceof Error ? error.cause.message : undefined;
    this.#log.error("sync problem", { code, message, where, todo, reason });
    this.#save();
  }

  /** The log has what the file cannot take. */
  #save(): void {
    const status = {
      ...(this.#lastContactAt === undefined ? {} : { lastContactAt: this.#lastContactAt }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
    try {
      this.#progress.saveStatus({ ...status, figures: this.#figures() });
      this.#savedAt = this.#clock.monotonicMs();
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      this.#log.debug("status not saved", { code: error.code });
    }
  }
}
