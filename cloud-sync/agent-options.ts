import type { SyncText } from "../config/language/sync.ts";
import type { Clock, Log } from "../drivers/contract.ts";
import type { AgentOutbox } from "../gateway/store/store.ts";
import type { Progress } from "./progress.ts";
import type { Uplink } from "./uplinks/uplink.ts";

/** What an agent works with. */
export interface AgentOptions {
  readonly gatewayId: string;
  readonly outbox: AgentOutbox;
  readonly uplink: Uplink;
  readonly progress: Progress;
  readonly clock: Clock;
  readonly log: Log;
  readonly text: SyncText;
  /** 0 <= random < 1; spreads retries. */
  readonly random: () => number;
  /** Whether the gateway was enrolled anew since the last call: whoever was refused then tries again. */
  readonly enrolledAnew?: () => boolean;
}
