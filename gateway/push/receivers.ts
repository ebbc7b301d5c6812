import type { Language } from "../../config/language/language.ts";
import { type ChannelKind, channelKinds, type ReceiverConfig } from "../../config/schema/notify.ts";
import type { Priority } from "../../config/schema/rule.ts";
import type { EpochMs } from "../../drivers/contract.ts";

export interface Address {
  readonly channel: ChannelKind;
  /** Which of the receiver's numbers or mail addresses; 0 for channels with one. */
  readonly address: number;
}

/** Every way to reach a receiver. Each gets its own push: that one of them works says nothing of the others. */
export function addressesOf(receiver: ReceiverConfig): readonly Address[] {
  return channelKinds.flatMap((channel): Address[] => {
    const given = receiver[channel];
    if (given === undefined) return [];
    const count = Array.isArray(given) ? given.length : 1;
    return Array.from({ length: count }, (_, address) => ({ channel, address }));
  });
}

/** Whether a schedule runs at a time; undefined where that cannot be said, as while the clock is not set. */
export type IsDuring = (schedule: string, at: EpochMs) => boolean | undefined;

/** What happens with a message of this priority: told now, kept for the end of quiet hours, or not for this receiver. */
export type Reception = "now" | "quiet" | "never";

/** The receivers of the configuration at one instant. */
export class Receivers {
  readonly #configs: Readonly<Record<string, ReceiverConfig>>;
  readonly #addresses: ReadonlyMap<string, readonly Address[]>;
  readonly #isDuring: IsDuring;
  readonly #language: Language;
  #quietAt: EpochMs | undefined;
  #quiet = new Map<string, boolean>();

  constructor(
    configs: Readonly<Record<string, ReceiverConfig>>,
    isDuring: IsDuring,
    language: Language,
  ) {
    this.#configs = configs;
    this.#addresses = new Map(
      Object.entries(configs).map(([id, receiver]) => [id, addressesOf(receiver)]),
    );
    this.#isDuring = isDuring;
    this.#language = language;
  }

  get ids(): readonly string[] {
    return [...this.#addresses.keys()];
  }

  addresses(receiver: string): readonly Address[] {
    return this.#addresses.get(receiver) ?? [];
  }

  languageOf(receiver: string): Language {
    return this.#configs[receiver]?.language ?? this.#language;
  }

  /** A receiver that is not configured, or has no address, is never told. */
  reception(receiver: string, priority: Priority, at: EpochMs): Reception {
    const config = this.#configs[receiver];
    if (config === undefined || this.addresses(receiver).length === 0) return "never";
    if (config.priorities !== undefined && !config.priorities.includes(priority)) return "never";
    if (config.quiet === undefined || config.quiet.except.includes(priority)) return "now";
    return this.#isQuiet(receiver, config.quiet.during, at) ? "quiet" : "now";
  }

  /** Schedules are dear to ask, and asked for every alarm of a flood. */
  #isQuiet(receiver: string, schedule: string, at: EpochMs): boolean {
    if (this.#quietAt !== at) {
      this.#quietAt = at;
      this.#quiet = new Map();
    }
    const known = this.#quiet.get(receiver);
    if (known !== undefined) return known;
    const quiet = this.#isDuring(schedule, at) === true;
    this.#quiet.set(receiver, quiet);
    return quiet;
  }
}
