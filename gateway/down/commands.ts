import { z } from "zod";
import { downText } from "../../config/language/down.ts";
import type { Config } from "../../config/schema/config.ts";
import type { PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { silenceMsMax } from "../alarms/annunciator.ts";
import { slotsOf } from "../alarms/annunciator-slots.ts";
import type { Annunciation } from "../annunciation.ts";
import type { Channels } from "../channels.ts";
import type { Follow } from "../follow.ts";
import type { Intake } from "../intake.ts";
import { isFileName, type LogsParts, writeLogs } from "./logs.ts";
import type { Command, Message } from "./message.ts";
import type { CommandEvent } from "./outcome.ts";

/** State: outcomes of commands by their ids. */
export const commandKeyPrefix = "down/command/";

/** State: a bundle that is being written. */
export const logsKey = "down/logs";

/** Commands that are remembered, so that one that comes again under another number is not done again. */
export const commandsMax = 200;

const rememberedSchema = z.object({
  number: z.number(),
  outcome: z.enum(["done", "refused", "expired", "failed"]),
  reason: z.string().optional(),
});
type Remembered = z.infer<typeof rememberedSchema>;

const pendingSchema = z.object({ id: z.string(), by: z.string(), number: z.number() });

export interface Ending {
  readonly outcome: CommandEvent["outcome"];
  readonly reason?: string | undefined;
}

export interface CommandsParts extends LogsParts {
  readonly now: () => {
    readonly config: Pick<Config, "annunciators" | "gateway">;
    readonly outputs: ReadonlyMap<PointKey, unknown>;
    readonly intake: Pick<Intake, "act" | "follow">;
  };
  readonly annunciation: Pick<Annunciation, "silence" | "test">;
  readonly channels: Pick<Channels, "restart">;
  readonly readState: (prefix: string) => ReadonlyMap<string, unknown>;
}

/** What a person at central has this gateway do, each once. */
export class Commands {
  readonly #parts: CommandsParts;
  readonly #remembered: Map<string, Remembered>;

  constructor(parts: CommandsParts) {
    this.#parts = parts;
    const saved = [...parts.readState(commandKeyPrefix)].flatMap(([key, value]) => {
      const { data } = rememberedSchema.safeParse(value);
      return data === undefined ? [] : [[key.slice(commandKeyPrefix.length), data] as const];
    });
    this.#remembered = new Map(saved.toSorted((a, b) => a[1].number - b[1].number));
    const pending = pendingSchema.safeParse(parts.readState(logsKey).get(logsKey));
    if (pending.success) void this.#writeLogs(pending.data);
  }

  /**
   * Carries a command out and commits its outcome with `done`. What is only in the store is done in that very commit; what a
   * lamp or a channel does comes before it, and again after a kill in between.
   */
  async take({ number, by }: Message, command: Command, done: Follow["state"]): Promise<void> {
    const { id } = command;
    const before = this.#remembered.get(id);
    const finish = (ending: Ending) => this.#follow(number, by, command, ending, done);
    if (before !== undefined) return this.#commit(finish(before));
    try {
      if (command.action === "acknowledge") return this.#acknowledge(by, command, finish);
      if (command.action === "send-logs") return this.#sendLogs({ number, by, id }, finish, done);
      const refused = await this.#perform(by, command);
      this.#commit(finish(refused === undefined ? { outcome: "done" } : refusal(refused)));
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      this.#commit(finish(refusal(error.message)));
    }
  }

  /** One that is not carried out at all, and may come again under its id. */
  end({ by }: Pick<Message, "by">, command: Command, ending: Ending, done: Follow["state"]): void {
    this.#commit({ events: [eventOf(by, command, ending)], state: done });
  }

  #acknowledge(by: string, { target, comment }: Command, finish: (it: Ending) => Follow): void {
    if (target === undefined) {
      this.#commit(finish(refusal(this.#text.targetMissing)));
      return;
    }
    const action = { do: "acknowledge", by, comment } as const;
    this.#parts.now().intake.act(target, action, () => finish({ outcome: "done" }));
  }

  /** Undefined: it is done; else why not. */
  async #perform(by: string, { action, target }: Command): Promise<string | undefined> {
    const { annunciation, channels } = this.#parts;
    if (action === "silence") {
      if (target !== undefined && target !== "all") return this.#text.silenceAll;
      annunciation.silence(silenceMsMax / 60_000, by);
      return undefined;
    }
    if (target === undefined) return this.#text.targetMissing;
    if (action === "restart-channel") {
      return (await channels.restart(target)) ? undefined : this.#text.noChannel(target);
    }
    const outputs = this.#outputsOf(target);
    if (outputs.length === 0) return this.#text.noOutput(target);
    await Promise.all(outputs.map((output) => annunciation.test(output, by)));
    return undefined;
  }

  /** Those of an annunciator, or the one of that name. */
  #outputsOf(target: string): readonly PointKey[] {
    const { annunciators } = this.#parts.now().config;
    const slots = slotsOf(annunciators).filter(({ annunciator }) => annunciator === target);
    const named = new Set<PointKey>(slots.map(({ output }) => output));
    const alone = [...this.#parts.now().outputs.keys()].filter((key) => key === target);
    return [...named, ...alone];
  }

  #sendLogs(
    pending: z.infer<typeof pendingSchema>,
    finish: (it: Ending) => Follow,
    done: Follow["state"],
  ): void {
    if (!isFileName(pending.id)) {
      this.#commit(finish(refusal(this.#text.badId)));
      return;
    }
    this.#commit({ events: [], state: new Map([...done, [logsKey, pending]]) });
    void this.#writeLogs(pending);
  }

  async #writeLogs({ id, by, number }: z.infer<typeof pendingSchema>): Promise<void> {
    const problem = await writeLogs(id, this.#parts, this.#text);
    const command = { kind: "command", id, action: "send-logs" } as const;
    const ending: Ending =
      problem === undefined ? { outcome: "done" } : { outcome: "failed", reason: problem };
    this.#commit(this.#follow(number, by, command, ending, new Map([[logsKey, undefined]])));
  }

  #follow(
    number: number,
    by: string,
    command: Command,
    { outcome, reason }: Ending,
    more: Follow["state"],
  ): Follow {
    const { id } = command;
    const remembered = { number, outcome, ...(reason === undefined ? {} : { reason }) };
    this.#remembered.delete(id);
    this.#remembered.set(id, remembered);
    const state = new Map<string, unknown>([...more, [commandKeyPrefix + id, remembered]]);
    for (const old of this.#remembered.keys()) {
      if (this.#remembered.size <= commandsMax) break;
      this.#remembered.delete(old);
      state.set(commandKeyPrefix + old, undefined);
    }
    return { events: [eventOf(by, command, { outcome, reason })], state };
  }

  #commit(follow: Follow): void {
    this.#parts.now().intake.follow(() => follow);
  }

  get #text() {
    return downText[this.#parts.now().config.gateway.language];
  }
}

function eventOf(by: string, { id, action, target }: Command, { outcome, reason }: Ending) {
  const why = reason === undefined ? {} : { reason: reason.slice(0, 2_000).toWellFormed() };
  const body = { id, action, by, outcome, ...why, ...(target === undefined ? {} : { target }) };
  return { kind: "command" as const, body };
}

function refusal(reason: string): Ending {
  return { outcome: "refused", reason };
}
