import fc from "fast-check";
import { expect, test } from "vitest";
import { draft, noon, LedgerWorld as World } from "../../../tests/support/ledger-world.ts";
import type { MovementDraft } from "../movement.ts";
import { balancesIn } from "./stock-book.ts";

const anyDraft = fc.record({
  kind: fc.constantFrom("pick", "put", "receipt", "issue", "transfer", "count", "adjust"),
  pieces: fc.integer({ min: 1, max: 9 }),
  lot: fc.constantFrom(undefined, "A", "B", "C"),
  location: fc.constantFrom("shelf-1", "shelf-2"),
  by: fc.constantFrom("weight", "tags", "person"),
});
const out = new Set(["pick", "issue", "transfer"]);

function drafts(list: readonly (typeof anyDraft extends fc.Arbitrary<infer T> ? T : never)[]) {
  return list.map(({ kind, pieces, lot, location, by }, index): MovementDraft => {
    const quantity = out.has(kind) || (kind === "adjust" && pieces % 2 === 0) ? -pieces : pieces;
    const partner =
      kind === "transfer" ? { partner: `shelf-${location === "shelf-1" ? 2 : 1}` } : {};
    const evidence = { by, ...(kind === "count" && { counted: pieces }) } as const;
    const more = { ...partner, location, evidence, at: noon + index };
    return draft(kind, quantity, { ...more, ...(lot !== undefined && { lot }) });
  });
}

/** Books each for itself; what is refused is left out. */
function run(world: World, list: readonly MovementDraft[]) {
  return list.flatMap((one) => {
    try {
      return world.book(one).movements;
    } catch {
      return [];
    }
  });
}

function sums(movements: readonly MovementDraft[]) {
  const found = new Map<string, number>();
  for (const { location, lot = "", quantity } of movements) {
    const at = `stock/${location}/bolt/${lot}`;
    found.set(at, (found.get(at) ?? 0) + quantity);
  }
  return Object.fromEntries([...found].filter(([, quantity]) => quantity !== 0).sort());
}

function balances({ state }: World) {
  const rows = balancesIn(state).filter(({ quantity }) => quantity !== 0);
  return Object.fromEntries(
    rows
      .map(
        ({ location, lot = "", quantity }) => [`stock/${location}/bolt/${lot}`, quantity] as const,
      )
      .sort(),
  );
}

test("after any bookings stock is the sum of the movements, a restart changes nothing, nor does a repeat", () => {
  fc.assert(
    fc.property(fc.array(anyDraft, { maxLength: 30 }), fc.nat(), (list, cut) => {
      const given = drafts(list);
      const whole = new World();
      const movements = run(whole, given);
      expect(balances(whole)).toEqual(sums(movements));
      const split = new World();
      const at = cut % (given.length + 1);
      run(split, given.slice(0, at));
      split.restart();
      run(split, given.slice(at));
      expect(split.state).toEqual(whole.state);
      const before = new Map(whole.state);
      const booked = new Set(movements.flatMap(({ id, asked }) => asked ?? id));
      whole.restart();
      for (const one of given) {
        const known = run(whole, [one]).filter(({ id, asked = id }) => booked.has(asked));
        expect(known).toEqual([]);
        whole.state = new Map(before);
        whole.restart();
      }
    }),
    { numRuns: 60 },
  );
});

test("lots never fall below zero, and transfers conserve the total", () => {
  fc.assert(
    fc.property(fc.array(anyDraft, { maxLength: 30 }), (list) => {
      const world = new World();
      for (const one of drafts(list)) {
        const moved = run(world, [one]);
        if (one.kind === "transfer") {
          expect(moved.reduce((sum, { quantity }) => sum + quantity, 0)).toBe(0);
        }
        for (const [at, quantity] of Object.entries(balances(world))) {
          if (!at.endsWith("/")) expect(quantity).toBeGreaterThan(0);
        }
      }
    }),
    { numRuns: 60 },
  );
});
