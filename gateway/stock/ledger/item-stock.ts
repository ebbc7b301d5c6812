import type { EpochMs } from "../../../drivers/contract.ts";
import type { Balance } from "../movement.ts";
import { exact } from "./quantity.ts";

/** Pieces of one lot at one place. */
export type LotStock = Omit<Balance, "location" | "item">;

/** Everything of one item at one location. */
export interface ItemStock {
  readonly location: string;
  readonly item: string;
  /** Lots with stock; besides them at most one row without a lot, which stays when it is empty. */
  readonly rows: readonly LotStock[];
}

/** A change of one row. */
export interface Change {
  readonly lot?: string;
  readonly quantity: number;
  readonly at: EpochMs;
  /** Whether it was demand: a pick or an issue. */
  readonly taken: boolean;
}

export function onHandOf({ rows }: ItemStock): number {
  return exact(rows.reduce((sum, { quantity }) => sum + quantity, 0));
}

export function quantityOf(stock: ItemStock | undefined, lot: string | undefined): number {
  return stock?.rows.find((row) => row.lot === lot)?.quantity ?? 0;
}

/** When something last moved here. */
export function movedAtOf({ rows }: ItemStock): EpochMs | undefined {
  return latest(rows.map(({ movedAt }) => movedAt));
}

/** When something was last taken here. */
export function takenAtOf({ rows }: ItemStock): EpochMs | undefined {
  return latest(rows.map(({ takenAt }) => takenAt));
}

/** The stock after a change. A lot that is used up leaves its times to the row without a lot. */
export function changed(stock: ItemStock, { lot, quantity, at, taken }: Change): ItemStock {
  const before = stock.rows.find((row) => row.lot === lot);
  const after = rowOf(lot, exact((before?.quantity ?? 0) + quantity), [
    before,
    { movedAt: at, ...(taken && { takenAt: at }) },
  ]);
  const others = stock.rows.filter((row) => row !== before);
  if (after.lot === undefined || after.quantity !== 0) {
    return { ...stock, rows: [...others, after] };
  }
  const unknown = others.find((row) => row.lot === undefined);
  const merged = rowOf(undefined, unknown?.quantity ?? 0, [unknown, after]);
  return { ...stock, rows: [...others.filter((row) => row !== unknown), merged] };
}

type Times = Pick<LotStock, "movedAt" | "takenAt">;

function rowOf(
  lot: string | undefined,
  quantity: number,
  of: readonly (Times | undefined)[],
): LotStock {
  const takenAt = latest(of.map((times) => times?.takenAt));
  return {
    ...(lot !== undefined && { lot }),
    quantity,
    movedAt: latest(of.map((times) => times?.movedAt)) ?? 0,
    ...(takenAt !== undefined && { takenAt }),
  };
}

function latest(times: readonly (EpochMs | undefined)[]): EpochMs | undefined {
  return times.reduce((last, at) => (at === undefined || (last ?? at) > at ? last : at), undefined);
}
