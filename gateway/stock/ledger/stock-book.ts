import { z } from "zod";
import { type Balance, stockKeys } from "../movement.ts";
import { type StockedKey, stockedKey } from "../stocked.ts";
import { type Change, changed, type ItemStock, type LotStock } from "./item-stock.ts";
import { type Journal, put } from "./journal.ts";

const balanceSchema = z.strictObject({
  location: z.string(),
  item: z.string(),
  lot: z.string().optional(),
  quantity: z.number(),
  movedAt: z.number(),
  takenAt: z.number().optional(),
});

/** What is where: the sums of all movements, in memory. Locations and items are few words, shared by their rows. */
export class StockBook {
  readonly #stocks = new Map<StockedKey, ItemStock>();
  readonly #byLocation = new Map<string, Set<StockedKey>>();
  /** Keys whose saved balance cannot be read. */
  readonly unreadable: readonly string[];

  /** @param saved what the store kept under `stock/`. */
  constructor(saved: ReadonlyMap<string, unknown>) {
    const unreadable: string[] = [];
    for (const [key, value] of saved) {
      const { success, data } = balanceSchema.safeParse(value);
      if (!success) {
        unreadable.push(key);
        continue;
      }
      const { location, item, ...row } = data;
      const at = stockedKey(location, item);
      const before = this.#stocks.get(at) ?? { location, item, rows: [] };
      this.#stocks.set(at, { ...before, rows: [...before.rows, rowOf(row)] });
      this.#index(before.location, at);
    }
    this.unreadable = unreadable;
  }

  get(key: StockedKey): ItemStock | undefined {
    return this.#stocks.get(key);
  }

  keys(): Iterable<StockedKey> {
    return this.#stocks.keys();
  }

  *at(location: string): Generator<ItemStock> {
    for (const key of this.#byLocation.get(location) ?? []) {
      const stock = this.#stocks.get(key);
      if (stock !== undefined) yield stock;
    }
  }

  /** Whether anything of a lot is anywhere. It looks at all: to be asked when lots are too many. */
  hasLot(item: string, lot: string): boolean {
    return this.#stocks
      .values()
      .some((stock) => stock.item === item && stock.rows.some((row) => row.lot === lot));
  }

  change(location: string, item: string, change: Change, journal: Journal): void {
    const key = stockedKey(location, item);
    const before = this.#stocks.get(key) ?? { location, item, rows: [] };
    const after = changed(before, change);
    put(this.#stocks, key, after, journal);
    this.#index(location, key);
    for (const { lot } of before.rows) {
      if (!after.rows.some((row) => row.lot === lot)) {
        journal.write(balanceKey(location, item, lot), undefined);
      }
    }
    for (const row of after.rows) {
      if (before.rows.includes(row)) continue;
      journal.write(balanceKey(location, item, row.lot), { location, item, ...row });
    }
  }

  #index(location: string, key: StockedKey): void {
    const keys = this.#byLocation.get(location);
    if (keys === undefined) this.#byLocation.set(location, new Set([key]));
    else keys.add(key);
  }
}

export function balanceKey(location: string, item: string, lot: string | undefined): string {
  return `${stockKeys.balance}${location}/${item}/${encodeURIComponent(lot ?? "")}`;
}

export function isBalance(saved: unknown): boolean {
  return balanceSchema.safeParse(saved).success;
}

/** The balances that a state holds. */
export function balancesIn(state: ReadonlyMap<string, unknown>): readonly Balance[] {
  return [...state].flatMap(([key, value]) => {
    if (!key.startsWith(stockKeys.balance)) return [];
    const { data } = balanceSchema.safeParse(value);
    return data === undefined ? [] : [{ location: data.location, item: data.item, ...rowOf(data) }];
  });
}

function rowOf({ lot, quantity, movedAt, takenAt }: z.infer<typeof balanceSchema> | Row): LotStock {
  return {
    ...(lot !== undefined && { lot }),
    quantity,
    movedAt,
    ...(takenAt !== undefined && { takenAt }),
  };
}

type Row = Omit<z.infer<typeof balanceSchema>, "location" | "item">;
