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
import { type CommandEvent, commandOutcomes } from "./outcome.ts";

/** State: outcomes of commands by their ids. */
export const commandKeyPrefix = "down/command/";

/** State: the id of a command that is being carried out, and must not be a second time after a kill. */
export const begunKey = "down/begun";

/** State: a bundle that is being written. */
export const logsKey = "down/logs";

/** Commands that are remembered, so that one that comes again under another number is not done again. */
export const commandsMax = 200;

const rememberedSchema = z.object({
  number: z.number(),
  outcome: z.enum(commandOutcomes),
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
    readonly config: Pick<Config, "annunciators" | "channels" | "gateway">;
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
  #begun: string | undefined;

  constructor(parts: CommandsParts) {
    this.#parts = parts;
    const saved = [...parts.readState(commandKeyPrefix)].flatMap(([key, value]) => {
      const { data } = rememberedSchema.safeParse(value);
      return data === undefined ? [] : [[key.slice(commandKeyPrefix.length), data] as const];
    });
    this.#remembered = new Map(saved.toSorted((a, b) => a[1].number - b[1].number));
    this.#begun = z.string().safeParse(parts.readState(begunKey).get(begunKey)).data;
    const pending = pendingSchema.safeParse(parts.readState(logsKey).get(logsKey));
    if (pending.success) void this.#writeLogs(pending.data);
  }

  /** Whether a kill cut it off: it is not begun again, and its outcome is due at whatever age. */
  isCutOff({ id }: Command): boolean {
    return this.#begun === id;
  }

  /**
   * Carries a command out and commits its outcome with `done`. An acknowledgement is in that very commit. A silence comes before
   * it, and again after a kill in between: the restart had ended it. A test and a channel are marked as begun before: a
   * siren does not sound twice, and a channel was opened anew by the restart.
   */
  async take({ number, by }: Message, command: Command, done: Follow["state"]): Promise<void> {
    const { id } = command;
    const before = this.#remembered.get(id);
    const finish = (ending: Ending) => this.#follow(number, by, command, ending, done);
    if (before !== undefined) return this.#commit(finish(before));
    if (this.isCutOff(command)) return this.#commit(finish(this.#cutOff(command)));
    try {
      if (command.action === "acknowledge") return this.#acknowledge(by, command, finish);
      if (command.action === "send-logs") return this.#sendLogs({ number, by, id }, finish, done);
      const refused = await this.#perform(by, command);
      this.#commit(finish(refused === undefined ? isDone : refusal(refused)));
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
    this.#parts.now().intake.act(target, action, () => finish(isDone));
  }

  /** Undefined: it is done; else why not. */
  async #perform(by: string, { id, action, target }: Command): Promise<string | undefined> {
    const { annunciation, channels, now } = this.#parts;
    if (action === "silence") {
      if (target !== undefined && target !== "all") return this.#text.silenceAll;
      annunciation.silence(silenceMsMax / 60_000, by);
      return undefined;
    }
    if (target === undefined) return this.#text.targetMissing;
    if (action === "restart-channel") {
      if (!Object.hasOwn(now().config.channels, target)) return this.#text.noChannel(target);
      this.#begin(id);
      return (await channels.restart(target)) ? undefined : this.#text.noChannel(target);
    }
    const outputs = this.#outputsOf(target);
    if (outputs.length === 0) return this.#text.noOutput(target);
    this.#begin(id);
    await Promise.all(outputs.map((output) => annunciation.test(output, by)));
    return undefined;
  }

  #begin(id: string): void {
    this.#begun = id;
    this.#commit({ events: [], state: new Map([[begunKey, id]]) });
  }

  #cutOff({ action }: Command): Ending {
    if (action === "restart-channel") return isDone;
    return { outcome: "interrupted", reason: this.#text.interrupted };
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
    const ending: Ending = problem === undefined ? isDone : { outcome: "failed", reason: problem };
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
    if (this.#begun === id) {
      this.#begun = undefined;
      state.set(begunKey, undefined);
    }
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

const isDone: Ending = { outcome: "done" };

function eventOf(by: string, { id, action, target }: Command, { outcome, reason }: Ending) {
  const why = reason === undefined ? {} : { reason: reason.slice(0, 2_000).toWellFormed() };
  const body = { id, action, by, outcome, ...why, ...(target === undefined ? {} : { target }) };
  return { kind: "command" as const, body };
}

function refusal(reason: string): Ending {
  return { outcome: "refused", reason };
}
