import { z } from "zod";
import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import type { Draft } from "./draft.ts";
import { type BootClock, markAt, monoOf, timeMarkSchema } from "./time-mark.ts";

export const digestKey = "digest";

/** How often receivers in quiet hours are looked at, while something waits for them. */
const quietCheckMs = 30_000;

const savedSchema = z.strictObject({
  version: z.literal(1),
  /** Since when messages wait for the next digest; absent: none do. */
  since: timeMarkSchema.optional(),
  noticed: z.array(z.string()),
});

/** When digests are due, and who was told that a flood is on. */
export class DigestClock {
  readonly #everyMs: number;
  readonly #clock: BootClock;
  #since: MonotonicMs | undefined;
  #noticed: ReadonlySet<string> = new Set();
  #quietSince: MonotonicMs | undefined;
  #dirty = false;

  /** What waits since another boot, without a clock to tell how long, is due at once. */
  constructor(everyMs: number, clock: BootClock, saved: unknown, instant: Instant) {
    this.#everyMs = everyMs;
    this.#clock = clock;
    const parsed = savedSchema.safeParse(saved);
    if (!parsed.success) return;
    const { since, noticed } = parsed.data;
    this.#noticed = new Set(noticed);
    if (since !== undefined) {
      this.#since = monoOf(since, instant, clock) ?? instant.mono - everyMs;
    }
  }

  get noticed(): ReadonlySet<string> {
    return this.#noticed;
  }

  notice(receiver: string): void {
    this.#noticed = new Set([...this.#noticed, receiver]);
    this.#dirty = true;
  }

  forgetNoticed(): void {
    if (this.#noticed.size === 0) return;
    this.#noticed = new Set();
    this.#dirty = true;
  }

  /** Something waits for the next digest. */
  waitDigest(mono: MonotonicMs): void {
    if (this.#since !== undefined) return;
    this.#since = mono;
    this.#dirty = true;
  }

  /** Something waits for the end of somebody's quiet hours. */
  waitQuiet(mono: MonotonicMs): void {
    this.#quietSince ??= mono;
  }

  digestDue(mono: MonotonicMs): boolean {
    return this.#since !== undefined && this.#since + this.#everyMs <= mono;
  }

  quietDue(mono: MonotonicMs): boolean {
    return this.#quietSince !== undefined && this.#quietSince + quietCheckMs <= mono;
  }

  /** Nothing waits for a digest any more. */
  digested(): void {
    if (this.#since === undefined) return;
    this.#since = undefined;
    this.#dirty = true;
  }

  quietChecked(mono: MonotonicMs, stillWaits: boolean): void {
    this.#quietSince = stillWaits ? mono : undefined;
  }

  nextDue(): MonotonicMs | undefined {
    const digest =
      this.#since === undefined ? Number.POSITIVE_INFINITY : this.#since + this.#everyMs;
    const quiet =
      this.#quietSince === undefined ? Number.POSITIVE_INFINITY : this.#quietSince + quietCheckMs;
    const due = Math.min(digest, quiet);
    return Number.isFinite(due) ? due : undefined;
  }

  save(instant: Instant, draft: Draft): void {
    if (!this.#dirty) return;
    this.#dirty = false;
    const since =
      this.#since === undefined ? {} : { since: markAt(this.#since, instant, this.#clock) };
    const empty = this.#since === undefined && this.#noticed.size === 0;
    draft.set(digestKey, empty ? undefined : { version: 1, ...since, noticed: [...this.#noticed] });
  }
}
