import type { Follow } from "../../follow.ts";
import type { Store } from "../../store/store.ts";
import { type Balance, stockKeys } from "../movement.ts";
import { balanceKey, isBalance } from "./stock-book.ts";

/** Balances that a start names on record; the others are rebuilt as well. */
export const rebuiltNamedMax = 100;

export interface WholeBalances {
  readonly saved: ReadonlyMap<string, unknown>;
  /** What is to be written and told, when some had to be rebuilt. */
  readonly rebuilt?: Follow;
}

/** The balances of the state; those that cannot be read come from the movements, whose sums they are. */
export function wholeBalances(
  saved: ReadonlyMap<string, unknown>,
  store: Pick<Store, "movementSums" | "movements">,
): WholeBalances {
  const damaged = [...saved].flatMap(([key, value]) =>
    key.startsWith(stockKeys.balance) && !isBalance(value) ? [key] : [],
  );
  if (damaged.length === 0) return { saved };
  const state = new Map<string, unknown>(damaged.map((key) => [key, undefined]));
  const isDamaged = new Set(damaged);
  for (const { location, item, lot, quantity } of store.movementSums()) {
    const key = balanceKey(location, item, lot);
    if (!isDamaged.has(key)) continue;
    const place = { location, item, ...(lot !== undefined && { lot }) };
    state.set(key, { ...place, quantity, ...timesOf(place, store) } satisfies Balance);
  }
  const whole = new Map([...saved, ...state]);
  for (const [key, value] of whole) if (value === undefined) whole.delete(key);
  const keys = damaged.slice(0, rebuiltNamedMax);
  const body = { do: "balances-rebuilt", count: damaged.length, keys };
  return { saved: whole, rebuilt: { events: [{ kind: "stock", body }], state } };
}

/** When something last moved there; 0 where age let go of it. */
function timesOf(
  { location, item, lot }: Pick<Balance, "location" | "item" | "lot">,
  store: Pick<Store, "movements">,
): Pick<Balance, "movedAt" | "takenAt"> {
  const { movements } = store.movements({ location, item, limit: 1_000 });
  const own = movements.filter((movement) => movement.lot === lot);
  const takenAt = own.find(({ kind }) => kind === "pick" || kind === "issue")?.at;
  return { movedAt: own[0]?.at ?? 0, ...(takenAt !== undefined && { takenAt }) };
}
