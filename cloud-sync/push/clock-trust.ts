import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import type { Moment } from "./delivery-row.ts";

/** DingTalk and Feishu refuse a signature whose time is further off than this. */
export const skewMsMax = 3_600_000;

/** How long a server's time counts. Then one message is tried again, and its answer says what time it is. */
export const evidenceMs = 3_600_000;

/** A usual quartz is a few seconds off after so long without a time server; a machine that nobody sets may be anywhere. */
export const unsynchronizedMsMax = 7 * 86_400_000;

/** Servers whose time is remembered: the providers in use. */
const hostsMax = 32;

/** Why signatures cannot be trusted to be taken. */
export type Doubt =
  | { readonly is: "unset" }
  | { readonly is: "off"; readonly ms: number }
  | { readonly is: "unsynchronized" };

interface Evidence {
  /** Wall time of the server when the monotonic clock stood at 0: a wall clock that is set changes nothing in it. */
  readonly zero: EpochMs;
  readonly mono: MonotonicMs;
}

/** Whether the clock is good enough to sign with, by its own quality and by what servers say in `Date`. */
export class ClockTrust {
  readonly #evidence = new Map<string, Evidence>();
  #unsynchronizedSince: MonotonicMs | undefined;
  #triedAt: MonotonicMs | undefined;

  heard(host: string, date: EpochMs, now: Moment): void {
    this.#evidence.delete(host);
    this.#evidence.set(host, { zero: date - now.mono, mono: now.mono });
    for (const oldest of this.#evidence.keys()) {
      if (this.#evidence.size <= hostsMax) break;
      this.#evidence.delete(oldest);
    }
  }

  /** A signed message leaves. */
  tried(now: Moment): void {
    this.#triedAt = now.mono;
  }

  /** Undefined while signed messages may leave. A single server with a wrong clock of its own decides only when alone. */
  doubt(now: Moment): Doubt | undefined {
    this.#watch(now);
    if (now.quality === "unset") return { is: "unset" };
    const fresh = [...this.#evidence.values()].filter(({ mono }) => now.mono - mono < evidenceMs);
    const skews = fresh.map(({ zero }) => now.at - (zero + now.mono));
    const off = skews.filter((skew) => Math.abs(skew) > skewMsMax).sort((a, b) => a - b);
    const middle = off[Math.floor(off.length / 2)];
    if (middle !== undefined && off.length * 2 > fresh.length) return { is: "off", ms: middle };
    if (fresh.length > 0 || this.#unsynchronizedSince === undefined) return undefined;
    if (now.mono - this.#unsynchronizedSince < unsynchronizedMsMax) return undefined;
    const isRecent = this.#triedAt !== undefined && now.mono - this.#triedAt < evidenceMs;
    return isRecent ? { is: "unsynchronized" } : undefined;
  }

  #watch({ quality, mono }: Moment): void {
    if (quality === "synchronized") this.#unsynchronizedSince = undefined;
    else this.#unsynchronizedSince ??= mono;
  }
}
