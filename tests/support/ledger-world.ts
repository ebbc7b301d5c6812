import { calendarOf } from "../../gateway/stock/ledger/calendar.ts";
import { type Booked, Ledger, type LedgerParts } from "../../gateway/stock/ledger/ledger.ts";
import type { MovementDraft } from "../../gateway/stock/movement.ts";
import { stockedKey } from "../../gateway/stock/stocked.ts";

const day = 86_400_000;
export const noon = Date.UTC(2026, 10, 23, 4);
const instant = { at: noon, mono: 5 };
const key = stockedKey("shelf-1", "bolt");

/** A ledger with its store: what it wrote, and the identities that are on record. */
export class LedgerWorld {
  state: Map<string, unknown>;
  ids = new Set<string>();
  ledger: Ledger;
  readonly #more: Partial<LedgerParts>;

  constructor(more: Partial<LedgerParts> = {}, state = new Map<string, unknown>()) {
    this.#more = more;
    this.state = state;
    this.ledger = this.#open();
  }

  #open(): Ledger {
    const calendar = calendarOf("Asia/Shanghai", () => true);
    return new Ledger({
      ...{ saved: this.state, items: [], calendar, keepForMs: 730 * day },
      ...this.#more,
    });
  }

  restart(): void {
    this.ledger = this.#open();
  }

  keep({ state }: { readonly state: ReadonlyMap<string, unknown> }): void {
    for (const [at, value] of state) {
      if (value === undefined) this.state.delete(at);
      else this.state.set(at, JSON.parse(JSON.stringify(value)));
    }
  }

  book(...drafts: MovementDraft[]): Booked {
    return this.receive([], ...drafts);
  }

  receive(
    lots: NonNullable<Parameters<Ledger["book"]>[1]["lots"]>,
    ...drafts: MovementDraft[]
  ): Booked {
    const booked = this.ledger.book(drafts, { instant, known: (id) => this.ids.has(id), lots });
    this.keep(booked);
    for (const { id, asked } of booked.movements) {
      this.ids.add(id);
      if (asked !== undefined) this.ids.add(asked);
    }
    return booked;
  }

  facts(at = noon, tiersMs: readonly number[] = []) {
    return this.ledger.facts(key, { at, tiersMs });
  }

  /** Lots and quantities, first those that expire first. */
  lots(at = noon) {
    return this.facts(at).lots.map(({ lot = "?", quantity, state }) => [lot, quantity, state]);
  }
}

let clock = noon - day;

/** Of bolts on shelf 1, each a millisecond after the last one. */
export function draft(
  kind: MovementDraft["kind"],
  quantity: number,
  more: Partial<MovementDraft> = {},
): MovementDraft {
  clock += 1;
  const basis = { item: "bolt", location: "shelf-1", unit: "pcs", at: clock } as const;
  return { ...basis, kind, quantity, clock: "synchronized", evidence: { by: "person" }, ...more };
}
