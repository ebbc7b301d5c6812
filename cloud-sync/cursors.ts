import type { Lane } from "../gateway/store/store.ts";
import type { AgentOptions } from "./agent-options.ts";
import { UplinkError } from "./uplinks/uplink.ts";

/** How far central is: it follows central's marks and nothing else. */
export class Cursors {
  readonly #with: AgentOptions;

  constructor(parts: AgentOptions) {
    this.#with = parts;
  }

  at(lane: Lane, epoch: string): number {
    return this.#with.progress.cursor(lane, epoch);
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
    if (mark < cursor) log.warn("central is behind, rows are sent again", { lane, mark, cursor });
    if (mark !== cursor) progress.moveCursor(lane, epoch, mark, clock.now());
  }
}
