import { isIPv6 } from "node:net";
import type { MonotonicMs } from "../../drivers/contract.ts";
import { TokenBucket } from "../broker/token-bucket.ts";
import {
  backoffMsMax,
  backoffMsMin,
  freeTriesMax,
  triersMax,
  triesPerMinuteMax,
} from "./limits.ts";

interface Failures {
  readonly count: number;
  readonly blockedUntil: MonotonicMs;
}

const rate = { perSecond: triesPerMinuteMax / 60, burst: triesPerMinuteMax };

/**
 * Makes guessing slow: so many tries an address and minute, and a waiting time for a user from an address that
 * doubles with each wrong one. Another address is never kept out by it, nor is anyone from what needs no login.
 */
export class Tries {
  readonly #addresses = new Map<string, TokenBucket>();
  readonly #pairs = new Map<string, Failures>();

  /** Milliseconds to wait before this try may be made; 0: it may, and is counted. */
  begin(user: string, address: string, now: MonotonicMs): number {
    const network = networkOf(address);
    const blockedUntil = this.#pairs.get(pairOf(user, network))?.blockedUntil ?? 0;
    if (blockedUntil > now) return blockedUntil - now;
    const bucket = this.#addresses.get(network) ?? new TokenBucket(rate, now);
    remember(this.#addresses, network, bucket);
    if (!bucket.has(1, now)) return Math.ceil(1_000 / rate.perSecond);
    bucket.take(1, now);
    return 0;
  }

  failed(user: string, address: string, now: MonotonicMs): void {
    const pair = pairOf(user, networkOf(address));
    const count = (this.#pairs.get(pair)?.count ?? 0) + 1;
    const waitMs =
      count <= freeTriesMax
        ? 0
        : Math.min(backoffMsMax, backoffMsMin * 2 ** Math.min(20, count - freeTriesMax - 1));
    remember(this.#pairs, pair, { count, blockedUntil: now + waitMs });
  }

  succeeded(user: string, address: string): void {
    this.#pairs.delete(pairOf(user, networkOf(address)));
  }
}

function pairOf(user: string, network: string): string {
  return `${network} ${user}`;
}

/** One machine owns a whole /64 of IPv6 addresses, so those count as one. */
export function networkOf(address: string): string {
  const plain = address.replace(/^::ffff:(?=\d+\.)/, "").replace(/%.*$/, "");
  if (!isIPv6(plain)) return plain;
  const [head = "", tail] = plain.split("::");
  const first = head === "" ? [] : head.split(":");
  const last = tail === undefined || tail === "" ? [] : tail.split(":");
  const missing = tail === undefined ? 0 : 8 - first.length - last.length;
  const groups = [...first, ...Array.from({ length: missing }, () => "0"), ...last];
  return `${groups
    .slice(0, 4)
    .map((group) => Number.parseInt(group, 16).toString(16))
    .join(":")}::/64`;
}

/** Keeps the newest `triersMax` entries. */
function remember<T>(map: Map<string, T>, key: string, value: T): void {
  map.delete(key);
  map.set(key, value);
  const [oldest] = map.keys();
  if (map.size > triersMax && oldest !== undefined) map.delete(oldest);
}
