import { isIPv6 } from "node:net";
import type { Clock, MonotonicMs } from "../../../drivers/contract.ts";
import { RefusalError } from "../refusals.ts";

/** Wrong codes of one address that cost no wait: people mistype. */
export const freeFailures = 5;

/** Wait after the first failure beyond, doubled with each further one. */
const firstWaitMs = 1_000;
const waitMsMax = 300_000;

/** An address that was quiet for so long begins anew. */
const forgetMs = 3_600_000;

/** Addresses that are remembered; beyond it the one that failed longest ago is forgotten. */
export const addressesMax = 10_000;

interface Record {
  readonly failures: number;
  readonly at: MonotonicMs;
}

/** Holds up who tries codes, by address: all of a network of IPv6 (/64) count as one. */
export class Attempts {
  readonly #clock: Clock;
  readonly #failed = new Map<string, Record>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  /** @throws RefusalError 429 while the address has to wait; what it asked is not looked at. */
  check(address: string): void {
    const known = this.#failed.get(networkOf(address));
    if (known === undefined) return;
    const retryAfterMs = known.at + waitOf(known.failures) - this.#clock.monotonicMs();
    if (retryAfterMs <= 0) return;
    const message = "too many wrong codes from this address";
    throw new RefusalError(429, { code: "busy", message, retryAfterMs });
  }

  failed(address: string): void {
    const network = networkOf(address);
    const now = this.#clock.monotonicMs();
    const known = this.#failed.get(network);
    const before = known === undefined || now - known.at > forgetMs ? 0 : known.failures;
    this.#failed.delete(network);
    this.#failed.set(network, { failures: before + 1, at: now });
    if (this.#failed.size <= addressesMax) return;
    for (const oldest of this.#failed.keys()) {
      this.#failed.delete(oldest);
      break;
    }
  }
}

function waitOf(failures: number): number {
  if (failures <= freeFailures) return 0;
  return Math.min(waitMsMax, firstWaitMs * 2 ** (failures - freeFailures - 1));
}

function networkOf(address: string): string {
  const bare = address.replace(/^::ffff:(?=\d+\.)/i, "");
  if (!isIPv6(bare)) return bare;
  const [head = "", tail] = bare.toLowerCase().split("::");
  const left = head.split(":").filter((it) => it !== "");
  const right = tail === undefined ? [] : tail.split(":").filter((it) => it !== "");
  const zeros = tail === undefined ? 0 : 8 - left.length - right.length;
  const groups = [...left, ...Array.from({ length: zeros }, () => "0"), ...right];
  return groups
    .slice(0, 4)
    .map((it) => it.replace(/^0+(?=.)/, ""))
    .join(":");
}
