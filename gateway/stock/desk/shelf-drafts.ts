import type { ClockQuality } from "../../store/store.ts";
import type { MovementDraft } from "../movement.ts";
import type { Item } from "../stocked.ts";
import type { Fact } from "../warnings/fact.ts";
import type { LocatedEvent } from "./shelves.ts";

/** What follows from what a shelf or a reader told. */
export interface Drafts {
  readonly drafts: readonly MovementDraft[];
  readonly facts: readonly Fact[];
}

/** A refill brings more than people take at once; the ledger keeps it as what it is: pieces put on the shelf. */
const refillNote = "refill";

/** The wrong item is gone again, or what was missing is back. */
function asBefore(location: string): readonly Fact[] {
  const over = { location, active: false, figures: {} } as const;
  return [
    { ...over, kind: "wrong-item" },
    { ...over, kind: "unexplained-loss" },
  ];
}

/** What a shelf told, as movements and as facts for the warnings. Pure. */
export function shelfDrafts(
  { location, event }: LocatedEvent,
  clock: ClockQuality,
  itemOf: (id: string) => Item | undefined,
): Drafts {
  switch (event.is) {
    case "moved": {
      const item = itemOf(event.item);
      if (item === undefined || event.pieces === 0) return { drafts: [], facts: [] };
      const draft: MovementDraft = {
        kind: event.pieces < 0 ? "pick" : "put",
        item: item.id,
        location,
        quantity: event.pieces,
        unit: item.unit,
        at: event.at,
        ...(event.unwatched ? { since: event.since } : {}),
        clock,
        evidence: {
          by: "weight",
          weightBefore: event.weightBeforeKg,
          weightAfter: event.weightAfterKg,
          residual: event.residualKg,
          interval: [event.interval[0], event.interval[1]],
          ...(event.refill ? { note: refillNote } : {}),
        },
      };
      return { drafts: [draft], facts: [] };
    }
    case "unexplained":
    case "ambiguous": {
      const { changeKg, residualKg, candidates } = event;
      if (event.returned === true) return { drafts: [], facts: asBefore(location) };
      const [only] = candidates;
      const figures = {
        changeKg,
        residualKg,
        weightBeforeKg: event.weightBeforeKg,
        weightAfterKg: event.weightAfterKg,
        ...(candidates.length === 0
          ? {}
          : { candidates: candidates.map(({ item, pieces }) => `${pieces} ${item}`).join(", ") }),
      };
      const about = candidates.length === 1 && only !== undefined ? { item: only.item } : {};
      // What came and fits nothing is foreign; what went and fits nothing is missing.
      const kind = changeKg > 0 ? "wrong-item" : "unexplained-loss";
      return { drafts: [], facts: [{ kind, location, ...about, active: true, figures }] };
    }
    case "seepage": {
      const figures = { lostKg: event.lostKg, sinceAt: new Date(event.since).toISOString() };
      return {
        drafts: [],
        facts: [{ kind: "unexplained-loss", location, active: true, figures }],
      };
    }
    case "overload":
    case "load-ok": {
      const active = event.is === "overload";
      const figures = { grossKg: event.grossKg };
      return { drafts: [], facts: [{ kind: "overload", location, active, figures }] };
    }
  }
}
