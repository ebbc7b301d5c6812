import type { PushText } from "../../config/language/push.ts";
import type { EpochMs, Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { PushProblem } from "../../gateway/store/delivery-file.ts";
import type { Doubt } from "./clock-trust.ts";
import type { DeliveryBook } from "./delivery-book.ts";
import type { Moment } from "./delivery-row.ts";
import type { Queue } from "./line.ts";

/** Failures in a row of one address before it is a problem: one lost packet is none. */
const failuresMin = 2;

/** Shown at once; more than a screen of them says no more. */
const problemsMax = 50;

export interface PushProblemsOptions {
  readonly book: DeliveryBook;
  readonly log: Log;
  readonly text: PushText;
}

/** What stands in the way, told once per change: in the log, and in sync.db for the gateway's panel. */
export class PushProblems {
  readonly #with: PushProblemsOptions;
  #clock: { readonly is: Doubt["is"]; readonly since: EpochMs } | undefined;
  #saved: string | undefined;

  constructor(options: PushProblemsOptions) {
    this.#with = options;
  }

  save(queues: readonly Queue[], doubt: Doubt | undefined, now: Moment): void {
    const waitsForClock = queues.some(({ items, outlet }) => items.size > 0 && outlet.signed);
    const clock = doubt === undefined || !waitsForClock ? [] : [this.#clockProblem(doubt, now)];
    if (clock.length === 0) this.#clock = undefined;
    const problems = [...clock, ...queues.flatMap((queue) => this.#ofQueue(queue))];
    const body = JSON.stringify(problems.slice(0, problemsMax));
    if (body === this.#saved) return;
    try {
      this.#with.book.saveProblems(problems.slice(0, problemsMax));
      this.#saved = body;
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      this.#with.log.debug("push problems not saved", { code: error.code });
    }
  }

  #clockProblem(doubt: Doubt, { at }: Moment): PushProblem {
    const { text, log } = this.#with;
    const message =
      doubt.is === "off" ? text.clock.off((doubt.ms / 3_600_000).toFixed(1)) : text.clock[doubt.is];
    if (this.#clock?.is !== doubt.is) {
      log.error("push problem", { code: "push/clock", message, todo: text.clock.todo });
      this.#clock = { is: doubt.is, since: at };
    }
    return { code: "push/clock", message, todo: text.clock.todo, since: this.#clock.since };
  }

  #ofQueue({ key, items, failures, problem }: Queue): readonly PushProblem[] {
    if (problem === undefined || items.size === 0) return [];
    if (failures < failuresMin && !problem.slow) return [];
    const { text } = this.#with;
    const [receiver = "", channel = ""] = key.split("/");
    const { why, slow, since } = problem;
    return [
      {
        code: "push/undelivered",
        message: text.undelivered(receiver, channel, items.size, why),
        where: `notify.${receiver}.${channel}`,
        todo: slow ? text.todo.configuration(receiver, channel) : text.todo.network,
        since,
      },
    ];
  }
}
