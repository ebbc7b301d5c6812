import type { LedgerFact } from "../ledger/ledger-fact.ts";
import type { Fact } from "../warnings/fact.ts";
import { figuresOf } from "../warnings/figures.ts";

/** What is measured in kg, L or m never agrees to the gram: a count may find so much less of it without a warning. */
const countedLossPart = 0.02;

/** What a booking showed, as a fact for the warnings; undefined: nothing to be warned of. Pure. */
export function factOfLedger(found: LedgerFact, unit: "pcs" | "kg" | "L" | "m"): Fact | undefined {
  const { location, item, lot, by, movement } = found;
  const base = { location, item, ...(lot === undefined ? {} : { lot }), active: true };
  const common = { unit, evidenceBy: by, movement };
  switch (found.is) {
    case "lockedPick": {
      const { quantity, why, expires, cause } = found;
      const known = why === "expired" ? { expires } : { cause };
      const figures = figuresOf({ ...common, taken: Math.abs(quantity), ...known });
      return { kind: "locked-pick", ...base, figures };
    }
    case "lotOrder": {
      const { quantity, expires, earlier } = found;
      const first = { earlierLot: earlier.lot, earlierExpires: earlier.expires };
      const figures = { ...common, taken: Math.abs(quantity), expires, ...first };
      return { kind: "lot-order", ...base, figures: figuresOf(figures) };
    }
    case "unexplained": {
      const { onHand, quantity, missing } = found;
      const taken = Math.abs(quantity);
      const figures = figuresOf({ ...common, missing, ledger: onHand, taken });
      return { kind: "unexplained-loss", ...base, figures };
    }
    case "counted": {
      const { expected, counted } = found;
      const lost = expected - counted;
      const tolerated = unit === "pcs" ? 0 : Math.abs(expected) * countedLossPart;
      if (lost <= tolerated) return undefined;
      const figures = figuresOf({ ...common, missing: lost, expected, counted });
      return { kind: "unexplained-loss", ...base, figures };
    }
  }
}
