import type { Clock, EpochMs, Log } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import type { SyncStatus } from "../gateway/store/sync-status.ts";
import type { Progress } from "./progress.ts";

/** The last contact is written this often: each write wears the card, and the cursors say more. */
const contactSaveMs = 60_000;

/** Says each change once, in the log and in the agent's file, not each retry. */
export class StatusKeeper {
  readonly #progress: Progress;
  readonly #clock: Clock;
  readonly #log: Log;
  #problem: SyncStatus["problem"];
  #lastContactAt: EpochMs | undefined;
  #saveAt = 0;

  constructor(progress: Progress, clock: Clock, log: Log) {
    this.#progress = progress;
    this.#clock = clock;
    this.#log = log;
  }

  /** Central answered as it should. */
  heard(): void {
    this.#lastContactAt = this.#clock.now();
    const was = this.#problem;
    this.#problem = undefined;
    if (was !== undefined) this.#log.info("central answers again", { after: was.code });
    if (was !== undefined || this.#clock.monotonicMs() >= this.#saveAt) this.#save();
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
    const status: SyncStatus = {
      ...(this.#lastContactAt === undefined ? {} : { lastContactAt: this.#lastContactAt }),
      ...(this.#problem === undefined ? {} : { problem: this.#problem }),
    };
    try {
      this.#progress.saveStatus(status);
      this.#saveAt = this.#clock.monotonicMs() + contactSaveMs;
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      this.#log.debug("status not saved", { code: error.code });
    }
  }
}
