import { RackwatchError } from "../drivers/errors.ts";
import type { Lane } from "../gateway/store/store.ts";
import type { AgentOptions } from "./agent-options.ts";
import { UplinkError } from "./uplinks/uplink.ts";

type CursorParts = Pick<AgentOptions, "outbox" | "progress" | "clock" | "log" | "text">;

/** How far central is: it follows central's marks and nothing else. */
export class Cursors {
  readonly #with: CursorParts;
  #problem: string | undefined;

  constructor(parts: CursorParts) {
    this.#with = parts;
  }

  at(lane: Lane, epoch: string): number {
    return this.#with.progress.cursor(lane, epoch) ?? 0;
  }

  /**
   * Forward, or back when central was restored from a backup. @throws UplinkError `sync/conflict` for a mark beyond what was
   * ever written: central's rows are not these.
   */
  follow(lane: Lane, epoch: string, mark: number): void {
    const { outbox, progress, clock, log, text } = this.#with;
    const head = outbox.head(lane);
    if (mark > head && outbox.epoch === epoch) {
      const { message, todo } = text.conflict("central", text.ahead(lane, mark, head));
      throw new UplinkError("sync/conflict", message, { todo });
    }
    const cursor = progress.cursor(lane, epoch);
    if (cursor !== undefined && mark < cursor) {
      log.warn("central is behind, rows are sent again", { lane, mark, cursor });
    }
    if (mark === cursor) return;
    this.#say(() => progress.moveCursor(lane, epoch, mark, clock.now()));
  }

  /** Writes what the file did not take before. */
  settle(): void {
    const { progress } = this.#with;
    if (!progress.written) this.#say(() => progress.write());
  }

  /** A mark that the file does not take holds in memory: rows go on, and each change of that is said once. */
  #say(write: () => void): void {
    const { log } = this.#with;
    try {
      write();
      if (this.#problem !== undefined) log.info("marks of central are written again");
      this.#problem = undefined;
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      const { code, message, where, todo, cause } = error;
      if (this.#problem === message) return;
      this.#problem = message;
      const reason = cause instanceof Error ? cause.message : undefined;
      log.error("marks of central in memory only", { code, message, where, todo, reason });
    }
  }
}
