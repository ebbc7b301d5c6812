import { createHmac, timingSafeEqual } from "node:crypto";
import { z } from "zod";
import type { EpochMs } from "../../drivers/contract.ts";
import type { Draft } from "./draft.ts";

/** A link that arrives with a delayed message must still work; one that lies in a mailbox for days must not. */
export const linkTtlMs = 24 * 3_600_000;

/** Used links that are remembered. Beyond it the oldest are forgotten, and all links of their time end with them. */
export const usedLinksMax = 2_000;

/** Longest token that is looked at: names in it have 63 characters at most. */
export const tokenCharsMax = 1_000;

const linkKeyKey = "link-key";
const usedLinkKeyPrefix = "link-used/";
const linkFloorKey = "link-floor";

const keySchema = z.strictObject({ version: z.literal(1), key: z.string().regex(/^[\da-f]{64}$/) });
const usedSchema = z.strictObject({ version: z.literal(1), madeAt: z.number() });
const floorSchema = z.strictObject({ version: z.literal(1), madeAt: z.number() });
const claimSchema = z.tuple([z.string(), z.string(), z.number(), z.string()]);

export interface LinkClaim {
  /** `rule#occurrence`. */
  readonly alarm: string;
  readonly receiver: string;
}

export type LinkVerdict =
  | LinkClaim
  | { readonly refused: "expired" | "used" | "forged" | "unknown" };

interface Opened extends LinkClaim {
  readonly madeAt: EpochMs;
  readonly nonce: string;
}

/**
 * Links by which a receiver acknowledges one alarm once: signed with HMAC-SHA256 (RFC 2104), so that nobody else can
 * make one. Looking at a link uses nothing up; only `use` does.
 */
export class AckLinks {
  readonly #random: (bytes: number) => Uint8Array;
  readonly #used = new Map<string, EpochMs>();
  #key: Buffer;
  #keyIsSaved: boolean;
  #floor = Number.NEGATIVE_INFINITY;

  /** @param random of cryptographic quality. */
  constructor(saved: ReadonlyMap<string, unknown>, random: (bytes: number) => Uint8Array) {
    this.#random = random;
    const key = keySchema.safeParse(saved.get(linkKeyKey));
    this.#keyIsSaved = key.success;
    this.#key = key.success ? Buffer.from(key.data.key, "hex") : Buffer.from(random(32));
    const floor = floorSchema.safeParse(saved.get(linkFloorKey));
    if (floor.success) this.#floor = floor.data.madeAt;
    const used = [...saved].flatMap(([name, json]): [string, EpochMs][] => {
      const parsed = usedSchema.safeParse(json);
      if (!name.startsWith(usedLinkKeyPrefix) || !parsed.success) return [];
      return [[name.slice(usedLinkKeyPrefix.length), parsed.data.madeAt]];
    });
    for (const [nonce, madeAt] of used.sort((a, b) => a[1] - b[1])) this.#used.set(nonce, madeAt);
  }

  /** A token for an address; letters, digits, `-`, `_` and `.` only. */
  make({ alarm, receiver }: LinkClaim, now: EpochMs, draft: Draft): string {
    if (!this.#keyIsSaved) {
      draft.set(linkKeyKey, { version: 1, key: this.#key.toString("hex") });
      this.#keyIsSaved = true;
    }
    const nonce = Buffer.from(this.#random(12)).toString("base64url");
    const claim = Buffer.from(JSON.stringify([alarm, receiver, now, nonce])).toString("base64url");
    return `${claim}.${this.#sign(claim).toString("base64url")}`;
  }

  /** What a link says, or why it counts no more. Changes nothing. */
  verify(token: string, now: EpochMs): LinkVerdict {
    const opened = this.#open(token, now);
    return "refused" in opened ? opened : { alarm: opened.alarm, receiver: opened.receiver };
  }

  /** As `verify`, and the link counts no more from now on. */
  use(token: string, now: EpochMs, draft: Draft): LinkVerdict {
    const opened = this.#open(token, now);
    if ("refused" in opened) return opened;
    this.#forget(now, draft);
    this.#used.set(opened.nonce, opened.madeAt);
    const entry = { version: 1, madeAt: opened.madeAt };
    draft.set(usedLinkKeyPrefix + opened.nonce, entry);
    return { alarm: opened.alarm, receiver: opened.receiver };
  }

  #open(token: string, now: EpochMs): Opened | Extract<LinkVerdict, { refused: string }> {
    const parts = token.length > tokenCharsMax ? [] : token.split(".");
    const [claim, signature] = parts;
    if (claim === undefined || signature === undefined || parts.length !== 2) {
      return { refused: "unknown" };
    }
    const given = Buffer.from(signature, "base64url");
    const right = this.#sign(claim);
    // Another spelling of the same bytes would be another token with the same signature.
    if (given.toString("base64url") !== signature || given.length !== right.length) {
      return { refused: "forged" };
    }
    if (!timingSafeEqual(given, right)) return { refused: "forged" };
    const parsed = claimSchema.safeParse(JSON.parse(Buffer.from(claim, "base64url").toString()));
    if (!parsed.success) return { refused: "unknown" };
    const [alarm, receiver, madeAt, nonce] = parsed.data;
    if (this.#used.has(nonce)) return { refused: "used" };
    const ageMs = now - madeAt;
    // From the future: the clock was set back since, and how old the link is cannot be known.
    const forgotten = madeAt <= this.#floor && this.#floor <= now + linkTtlMs;
    if (ageMs > linkTtlMs || ageMs < -linkTtlMs || forgotten) {
      return { refused: "expired" };
    }
    return { alarm, receiver, madeAt, nonce };
  }

  #sign(claim: string): Buffer {
    return createHmac("sha256", this.#key).update(claim).digest();
  }

  #forget(now: EpochMs, draft: Draft): void {
    for (const [nonce, madeAt] of this.#used) {
      const full = this.#used.size >= usedLinksMax;
      if (!full && now - madeAt <= 2 * linkTtlMs) continue;
      this.#used.delete(nonce);
      draft.set(usedLinkKeyPrefix + nonce, undefined);
      if (madeAt <= this.#floor) continue;
      this.#floor = madeAt;
      draft.set(linkFloorKey, { version: 1, madeAt });
    }
  }
}
