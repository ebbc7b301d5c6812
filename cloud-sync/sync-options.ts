import type { Language } from "../config/language/language.ts";
import type { Config } from "../config/schema/config.ts";
import type { Clock, Log } from "../drivers/contract.ts";
import type { PushConfig } from "./push/outlets.ts";

export type SyncSection = NonNullable<Config["sync"]>;

/** What the agent's process works with. */
export interface SyncOptions {
  readonly gatewayId: string;
  readonly language: Language;
  /** Absent: there is no central, only receivers of pushes. */
  readonly sync?: SyncSection;
  /** Who is told by pushes, and how. */
  readonly push: PushConfig;
  readonly boot: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** Folder of gateway.db, which is read, and of sync.db, which is written. */
  readonly dataDir: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Called while the loop turns, every 15 s at least: for a watchdog. */
  readonly ticked?: () => void;
  /** Asked every second: what shall run from now on; undefined: what runs. Absent: it stays. */
  readonly next?: () => SyncOptions | undefined;
  /** Of one request to central; a test shortens it. */
  readonly deadlineMs?: number;
}

/** What is begun again after it could not be opened. */
export interface Part {
  readonly name: string;
  /** Opens, and runs until the signal is aborted; what is under way then may end by itself until `cut` is. */
  run(signal: AbortSignal, ticked: () => void, cut: AbortSignal): Promise<void>;
}
