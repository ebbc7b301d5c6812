import type { EpochMs } from "../../../drivers/contract.ts";
import type { LotChoice } from "./allocation.ts";
import { type Calendar, daysLeft } from "./calendar.ts";
import type { HoldBook, LotPlace } from "./hold-book.ts";
import type { ItemStock } from "./item-stock.ts";
import type { LotBook } from "./lot-book.ts";

/** What decides whether a lot is locked. */
export interface LotLocks {
  readonly lots: LotBook;
  readonly holds: HoldBook;
  readonly calendar: Calendar;
}

/** The lots of a stock with their dates, and whether they are locked now. */
export function choicesOf(
  stock: ItemStock,
  { lots, holds, calendar }: LotLocks,
  at: EpochMs,
): readonly LotChoice[] {
  const today = calendar.today(at);
  return stock.rows.map(({ lot, quantity }) => {
    const { expires, receivedAt } =
      (lot === undefined ? undefined : lots.get(stock.item, lot)) ?? {};
    const isHeld = holds.inForce(lotPlace(stock, lot)) !== undefined;
    return {
      ...(lot !== undefined && { lot }),
      quantity,
      ...(expires !== undefined && { expires }),
      ...(receivedAt !== undefined && { receivedAt }),
      isLocked: isHeld || (daysLeft(expires, today) ?? 0) < 0,
    };
  });
}

export function lotPlace(
  { location, item }: Pick<ItemStock, "location" | "item">,
  lot: string | undefined,
): LotPlace {
  return lot === undefined ? { location, item } : { location, item, lot };
}
