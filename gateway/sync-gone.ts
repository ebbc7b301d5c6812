import { z } from "zod";
import type { EpochMs, MonotonicMs } from "../drivers/contract.ts";
import type { SyncStatus } from "./store/sync-status.ts";

/** Key of the state that survives a restart. */
export const goneKey = "sync/gone";

/** An outage is written this often: a restart loses no more of it, and the card takes a row in five minutes. */
const saveEveryMs = 300_000;

/** The agent writes its figures every 10 s; one that is silent for longer hangs or is not there. */
export const agentSilentMsMax = 180_000;

const savedSchema = z.object({
  contactAt: z.number().optional(),
  goneMs: z.number(),
  boot: z.string(),
  mono: z.number(),
});
export type SavedGone = z.infer<typeof savedSchema>;

export interface GoneNow {
  /** How long central did not answer. */
  readonly goneMs: number;
  /** How long the agent itself wrote nothing. */
  readonly agentSilentMs: number;
  /** Last contact, by the clock of then. */
  readonly contactAt: EpochMs | undefined;
  /** What is to be kept now: undefined nothing, null that the outage is over. */
  readonly save: SavedGone | null | undefined;
}

/**
 * Measures how long central has not answered, by the monotonic clock: contacts are compared for being another, never
 * for being old. A restart in the same boot counts what passed meanwhile; time in which the machine was off does not count.
 */
export class SyncGone {
  readonly #boot: string;
  #contactAt: EpochMs | undefined;
  #goneSince: MonotonicMs;
  #written: string | undefined;
  #writtenAt: MonotonicMs;
  #savedAt: MonotonicMs | undefined;
  /** Whether the state holds an outage. */
  #kept: boolean;

  /** `saved`: what the state holds under `goneKey`; anything else than such an object counts as nothing. */
  constructor(saved: unknown, boot: string, now: MonotonicMs) {
    this.#boot = boot;
    const known = savedSchema.safeParse(saved).data;
    const offMs = known?.boot === boot ? Math.max(0, now - known.mono) : 0;
    this.#contactAt = known?.contactAt;
    this.#goneSince = now - (known === undefined ? 0 : known.goneMs + offMs);
    this.#kept = known !== undefined;
    this.#writtenAt = now;
  }

  step(status: SyncStatus | undefined, now: MonotonicMs): GoneNow {
    const contactAt = status?.lastContactAt;
    const written = status === undefined ? undefined : `${status.figures?.at} ${contactAt}`;
    if (written !== this.#written) {
      this.#written = written;
      this.#writtenAt = now;
    }
    const heard = contactAt !== undefined && contactAt !== this.#contactAt;
    if (heard) {
      this.#contactAt = contactAt;
      this.#goneSince = now;
    }
    const goneMs = now - this.#goneSince;
    return {
      goneMs,
      agentSilentMs: now - this.#writtenAt,
      contactAt: this.#contactAt,
      save: this.#save(goneMs, now),
    };
  }

  #save(goneMs: number, now: MonotonicMs): SavedGone | null | undefined {
    if (goneMs < saveEveryMs) {
      if (!this.#kept) return undefined;
      this.#kept = false;
      this.#savedAt = undefined;
      return null;
    }
    if (this.#savedAt !== undefined && now - this.#savedAt < saveEveryMs) return undefined;
    this.#savedAt = now;
    this.#kept = true;
    const at = this.#contactAt === undefined ? {} : { contactAt: this.#contactAt };
    return { ...at, goneMs, boot: this.#boot, mono: now };
  }
}
