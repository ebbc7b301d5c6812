import type { EpochMs } from "../../drivers/contract.ts";
import type { ChannelTraits, Sending, Verdict } from "./channel.ts";

export interface Sent {
  readonly verdict: Verdict;
  /** What time it is, as the server said. */
  readonly heard?: { readonly host: string; readonly date: EpochMs };
}

/** One address of one receiver, ready to be sent to. */
export interface Outlet extends ChannelTraits {
  /** What limits are counted by, without any secret in it. */
  readonly robot: string;
  readonly signed: boolean;
  /** Throws only when the signal was aborted. */
  send(sending: Sending, signal: AbortSignal): Promise<Sent>;
}
