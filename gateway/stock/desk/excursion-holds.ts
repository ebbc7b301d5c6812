import { z } from "zod";
import type { Excursion } from "../../cold-chain/excursion.ts";
import { type Follow, nothingFollows } from "../../follow.ts";
import type { Instant } from "../../rules/rule.ts";
import type { Ledger, LedgerFollow } from "../ledger/ledger.ts";

const toldSchema = z.object({
  do: z.enum(["opened", "updated", "closed", "disposed", "withdrawn"]),
  excursion: z.object({
    id: z.string(),
    state: z.enum(["open", "closed"]).optional(),
    affected: z.object({ locations: z.array(z.string()) }).optional(),
  }),
});

const nothingHeld: LedgerFollow = { ...nothingFollows, touched: new Set() };

/** Goods that stand where an excursion goes on are held from its first moment, with what arrives until its end. */
export class ExcursionHolds {
  readonly #ledger: Ledger;

  constructor(ledger: Ledger) {
    this.#ledger = ledger;
  }

  /** Those that are open at a start, with goods that were not yet held when the process ended. */
  resume(excursions: readonly Excursion[], instant: Instant): LedgerFollow {
    const open = excursions.filter(({ state }) => state === "open");
    return joined(open.map(({ id, affected }) => this.#hold(id, affected.locations, instant)));
  }

  /** @param events What a step told; of other kinds than `excursion` too. */
  follow(events: Follow["events"], instant: Instant): LedgerFollow {
    const told = events.flatMap(({ kind, body }) =>
      kind === "excursion" ? (toldSchema.safeParse(body).data ?? []) : [],
    );
    if (told.length === 0) return nothingHeld;
    return joined(
      told.map(({ do: what, excursion }) => {
        const { id, state, affected } = excursion;
        if (what === "closed" || what === "withdrawn") this.#ledger.endHold(id);
        if (what !== "opened" || affected === undefined) return nothingHeld;
        const held = this.#hold(id, affected.locations, instant);
        // One that was found in late samples is over already.
        if (state === "closed") this.#ledger.endHold(id);
        return held;
      }),
    );
  }

  #hold(id: string, locations: readonly string[], instant: Instant): LedgerFollow {
    return this.#ledger.hold(id, locations, instant);
  }
}

function joined(follows: readonly LedgerFollow[]): LedgerFollow {
  return {
    events: follows.flatMap(({ events }) => events),
    state: new Map(follows.flatMap(({ state }) => [...state])),
    touched: new Set(follows.flatMap(({ touched }) => [...touched])),
  };
}
