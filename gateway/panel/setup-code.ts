import { createHash, timingSafeEqual } from "node:crypto";
import type { MonotonicMs } from "../../drivers/contract.ts";
import { setupCodeMs } from "./limits.ts";

/** Crockford's base 32: no letter that looks like a digit. */
const alphabet = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";

/** 16 characters of 5 bits: 80 bits. */
export const setupCodeBytes = 16;

/** The one-time code that makes the first user; whoever can read the gateway's log has it. */
export class SetupCode {
  /** Four groups of four, for reading out and typing. */
  readonly text: string;
  readonly #deadAt: MonotonicMs;

  /** `random`: `setupCodeBytes` random bytes, of which each gives one character. */
  constructor(random: Uint8Array, now: MonotonicMs) {
    const letters = [...random].slice(0, setupCodeBytes).map((byte) => alphabet[byte % 32] ?? "");
    this.text = letters.join("").replace(/(.{4})(?=.)/g, "$1-");
    this.#deadAt = now + setupCodeMs;
  }

  check(typed: string, now: MonotonicMs): "right" | "wrong" | "expired" {
    if (now >= this.#deadAt) return "expired";
    return timingSafeEqual(digest(typed), digest(this.text)) ? "right" : "wrong";
  }
}

/** Letters in either case, with or without dashes, O for 0 and I or L for 1. */
function digest(typed: string): Buffer {
  const letters = typed
    .toUpperCase()
    .replace(/[\s-]/g, "")
    .replace(/O/g, "0")
    .replace(/[IL]/g, "1");
  return createHash("sha256").update(letters).digest();
}
