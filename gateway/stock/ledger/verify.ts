import type { Balance, Movement, MovementDraft } from "../movement.ts";
import { exact } from "./quantity.ts";

/** Differences that are named; the rest is counted. */
export const differencesMax = 100;

type Sum = Pick<Balance, "location" | "item" | "lot" | "quantity">;

export type LedgerDifference =
  /** Stock is not the sum of its movements. */
  | (Omit<Sum, "quantity"> & {
      readonly is: "balance";
      readonly stock: number;
      readonly movements: number;
    })
  /** A movement's identity is not the hash of what it says. */
  | { readonly is: "altered" | "unreadable"; readonly seq: number };

export interface LedgerVerdict {
  readonly ok: boolean;
  readonly balances: number;
  readonly movements: number;
  readonly differences: readonly LedgerDifference[];
  /** More than are named. */
  readonly differencesMore: number;
}

type Row =
  | (Movement & { readonly seq: number })
  | { readonly seq: number; readonly unreadable: true };

/** Whether stock is what its movements come to, and each movement what its identity says. */
export function verifyLedger(
  balances: readonly Sum[],
  sums: readonly Sum[],
  rows: Iterable<Row>,
  identify: (draft: MovementDraft) => string,
): LedgerVerdict {
  const all = [...balanceDifferences(balances, sums)];
  let movements = 0;
  for (const row of rows) {
    movements += 1;
    if ("unreadable" in row) {
      all.push({ is: "unreadable", seq: row.seq });
      continue;
    }
    const { seq, id, ...draft } = row;
    if (identify(draft) !== id) all.push({ is: "altered", seq });
  }
  return {
    ok: all.length === 0,
    balances: balances.length,
    movements,
    differences: all.slice(0, differencesMax),
    differencesMore: Math.max(0, all.length - differencesMax),
  };
}

function* balanceDifferences(
  balances: readonly Sum[],
  sums: readonly Sum[],
): Generator<LedgerDifference> {
  const stock = new Map(balances.map((sum) => [keyOf(sum), sum]));
  const moved = new Map(sums.map((sum) => [keyOf(sum), sum]));
  for (const sum of [...balances, ...sums.filter((one) => !stock.has(keyOf(one)))]) {
    const found = stock.get(keyOf(sum))?.quantity ?? 0;
    const movements = moved.get(keyOf(sum))?.quantity ?? 0;
    if (exact(found - movements) === 0) continue;
    const { location, item, lot } = sum;
    yield {
      is: "balance",
      ...{ location, item, ...(lot !== undefined && { lot }) },
      ...{ stock: found, movements },
    };
  }
}

function keyOf({ location, item, lot = "" }: Sum): string {
  return `${location}/${item}/${lot}`;
}
