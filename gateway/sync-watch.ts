import type { Health } from "./health/health.ts";
import { readSyncStatus, type SyncStatus } from "./store/sync-status.ts";

/** Looks at what the agent wrote of itself; the gateway never asks the agent. */
export class SyncWatch {
  readonly #dir: string;
  readonly #health: Health;
  #status: SyncStatus | undefined;

  constructor(dir: string, health: Health) {
    this.#dir = dir;
    this.#health = health;
  }

  get status(): SyncStatus | undefined {
    return this.#status;
  }

  step(): void {
    this.#status = readSyncStatus(this.#dir) ?? this.#status;
    const problem = this.#status?.problem;
    if (problem === undefined) {
      this.#health.report("sync", undefined);
      return;
    }
    const { code, message, where, todo } = problem;
    this.#health.report("sync", {
      code,
      message,
      ...(where === undefined ? {} : { where }),
      ...(todo === undefined ? {} : { todo }),
    });
  }
}
