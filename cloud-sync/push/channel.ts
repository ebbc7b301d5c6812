import type { PushText } from "../../config/language/push.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import type { Push } from "../../gateway/push/push.ts";
import type { RateLimit } from "./rate-window.ts";

/** One attempt to deliver one push. */
export interface Sending {
  readonly push: Push;
  /** Id of the gateway. */
  readonly gateway: string;
  /** The same for each attempt, and no other's in the world: receivers that know it skip a repetition. */
  readonly key: string;
  readonly now: EpochMs;
}

export interface HttpRequest {
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string;
}

export interface HttpAnswer {
  readonly status: number;
  readonly body: string;
  /** From `Retry-After`. */
  readonly retryAfterMs?: number;
}

/** What became of an attempt. `why` is a sentence for people, without any secret. */
export type Verdict =
  | { readonly is: "delivered" }
  | {
      readonly is: "retry";
      readonly why: string;
      /** The receiver asked for so long a pause. */
      readonly afterMs?: number;
      /** Only a person can help: it is tried rarely. */
      readonly slow?: true;
    }
  | { readonly is: "dead"; readonly why: string };

/** What happens to pushes that a limit holds back: told together in one message, or one by one when there is room. */
export type Overflow = "digest" | "wait";

export interface ChannelTraits {
  /** All hold at once, per robot or address. */
  readonly limits: readonly RateLimit[];
  readonly overflow: Overflow;
}

/** A channel over HTTP: both halves are pure, one sender does the rest. */
export interface HttpChannel<Config> extends ChannelTraits {
  /** What a limit is counted by; receivers with the same share it. May hold secrets: only its hash is kept. */
  robot(config: Config): string;
  /** True when the request carries a signature over the time: a wrong clock makes it void. */
  signed(config: Config): boolean;
  /** What must not appear in a log, an error or a file. */
  secrets(config: Config): readonly string[];
  request(sending: Sending, config: Config): HttpRequest;
  verdict(answer: HttpAnswer, text: PushText): Verdict;
}
