import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";

/** What central finds out by itself: nobody speaks for the gateway; its agent does, and says that the gateway stands still. */
export const centralRules = ["central/silent", "central/stopped"] as const;
export type CentralRule = (typeof centralRules)[number];

/** An agent that has nothing to send says hello as often. */
export const heartbeatMs = 60_000;

/** One missed heartbeat is a lost packet, two are a restart; from the third on somebody should look. */
const heartbeatsMissedMax = 3;

export const silentAfterMs = heartbeatsMissedMax * heartbeatMs;

/** A room without a network is visited every week; a day late is no fault. */
export const carriedSilentAfterMs = 8 * 86_400_000;

/** A gateway commits every minute at the latest (`store.flushEvery`), its own health if nothing else. */
export const stoppedAfterMs = 180_000;

/** Central did not look for so long: it was down, its database was, or its machine slept. Silence then proves nothing. */
const blindAfterMs = 30_000;

/** What the database knows of one gateway. */
export interface Contact {
  readonly gateway: string;
  /** By the database's clock; it is compared for being another, never for being old. */
  readonly contactAt: EpochMs | undefined;
  /** How long the gateway had not committed at the last hello, by the agent's clock. */
  readonly aliveAgeMs: number | undefined;
  /** Its contacts come as bundles only: so long ago was the last, by the database's clock, which is good enough for days. */
  readonly carriedAgeMs?: number | undefined;
  /** Alarms of this gateway that are open, with their `since`. */
  readonly open: ReadonlyMap<CentralRule, EpochMs>;
}

export interface Verdicts {
  readonly begin: readonly Finding[];
  readonly end: readonly Omit<Finding, "since">[];
}

export interface Finding {
  readonly gateway: string;
  readonly rule: CentralRule;
  /** Since when it is so, by the database's clock. */
  readonly since: EpochMs;
}

interface Heard {
  readonly contactAt: EpochMs;
  /** When central saw that the contact is another one. */
  readonly seenAt: MonotonicMs;
}

/**
 * Decides who is silent. Only central's monotonic clock measures the silence, and only while central looks: a clock that
 * is set, a restart or an outage of central or of its database calls nobody silent before a whole silence has passed.
 */
export class Silence {
  readonly #heard = new Map<string, Heard>();
  readonly #carriedAfterMs: number;
  #lookedAt: MonotonicMs | undefined;

  /** @param carriedAfterMs without a bundle of a gateway that has no line. */
  constructor(carriedAfterMs: number = carriedSilentAfterMs) {
    this.#carriedAfterMs = carriedAfterMs;
  }

  /** All gateways as they are now. Those that never spoke are new, not silent. */
  judge(contacts: readonly Contact[], now: MonotonicMs): Verdicts {
    const blind = this.#lookedAt === undefined || now - this.#lookedAt > blindAfterMs;
    if (blind) this.#heard.clear();
    this.#lookedAt = now;
    const begin: Finding[] = [];
    const end: Omit<Finding, "since">[] = [];
    for (const contact of contacts) {
      const { gateway, contactAt, open } = contact;
      if (contactAt === undefined) continue;
      const silent = this.#isSilent(contact, contactAt, now);
      const is = (rule: CentralRule, holds: boolean, since: EpochMs) => {
        if (holds && !open.has(rule)) begin.push({ gateway, rule, since });
        if (!holds && open.has(rule)) end.push({ gateway, rule });
      };
      is("central/silent", silent, contactAt);
      // Of a gateway that nobody speaks for, nothing newer is known.
      const aliveAgeMs = contact.aliveAgeMs ?? 0;
      if (!silent) is("central/stopped", aliveAgeMs > stoppedAfterMs, contactAt - aliveAgeMs);
    }
    this.#forget(contacts);
    return { begin, end };
  }

  #isSilent(contact: Contact, contactAt: EpochMs, now: MonotonicMs): boolean {
    const { gateway, carriedAgeMs, open } = contact;
    const since = open.get("central/silent");
    const heard = this.#heard.get(gateway);
    if (heard?.contactAt !== contactAt) this.#heard.set(gateway, { contactAt, seenAt: now });
    if (since !== undefined) return since === contactAt;
    if (carriedAgeMs !== undefined) return carriedAgeMs >= this.#carriedAfterMs;
    return heard?.contactAt === contactAt && now - heard.seenAt >= silentAfterMs;
  }

  #forget(contacts: readonly Contact[]): void {
    if (this.#heard.size <= contacts.length) return;
    const known = new Set(contacts.map(({ gateway }) => gateway));
    for (const gateway of this.#heard.keys()) {
      if (!known.has(gateway)) this.#heard.delete(gateway);
    }
  }
}
