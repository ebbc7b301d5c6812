import { hear } from "../../gateway/down/said.ts";
import type { Inbox } from "../protocol-down.ts";
import type { Received } from "./inbox-book.ts";
import type { Keys } from "./trust.ts";

export interface Taken {
  /** What is kept, in order; it goes on from what is held. */
  readonly messages: readonly Received[];
  /** Why the rest was not taken; absent: there is no rest. */
  readonly refused?: Refused;
}

export type Refused =
  | "unknown-key"
  | "forged"
  | "unreadable"
  | "other-gateway"
  | "other-number"
  /** Messages between are missing, and nothing says that they never come. */
  | "hole";

/**
 * What of an answer may be kept: what central signed for this gateway, in order, each once. `held`: the highest number that
 * is kept already. An answer that came late, twice, or to an older question adds what is new in it.
 */
export function take(inbox: Inbox, gatewayId: string, held: number, keys: Keys): Taken {
  const { messages, after } = inbox;
  const taken: Received[] = [];
  let last = held;
  // Without it nothing is known about numbers that are missing.
  let before = after ?? Math.max(0, (messages[0]?.number ?? 1) - 1);
  if (before > held) return { messages: [], refused: "hole" };
  for (const message of messages) {
    const { number } = message;
    if (number <= before) return { messages: taken, refused: "other-number" };
    if (after === undefined && number !== before + 1) return { messages: taken, refused: "hole" };
    if (number > last) {
      const heard = hear({ ...message, receivedAt: 0 }, gatewayId, keys);
      if (!heard.ok) return { messages: taken, refused: heard.why };
      taken.push({ ...message, follows: Math.max(before, last) });
      last = number;
    }
    before = number;
  }
  return { messages: taken };
}
