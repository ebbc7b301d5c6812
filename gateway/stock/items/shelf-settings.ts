import { divisionDefaultKg } from "../../../config/checks/scales.ts";
import type { StockConfig } from "../../../config/schema/item.ts";
import type { LocationConfig } from "../../../config/schema/location.ts";
import type { Stocked } from "../stocked.ts";
import type { PieceWeight, ShelfSettings } from "../weighing/weigh.ts";

/** What the weighing must know of a shelf; undefined where there is no scale, or nothing is kept. */
export function shelfSettings(
  location: string,
  { weight, tare = 0, capacity, division = divisionDefaultKg }: LocationConfig,
  { settle, confirm }: StockConfig,
  stocked: readonly Stocked[],
): ShelfSettings | undefined {
  if (weight === undefined || stocked.length === 0) return undefined;
  return {
    location,
    items: stocked.map(pieceWeight),
    tareKg: tare,
    ...(capacity === undefined ? {} : { capacityKg: capacity }),
    divisionKg: division,
    settleMs: settle,
    confirmMs: confirm,
  };
}

function pieceWeight({ item }: Stocked): PieceWeight {
  const { id, unit, unitWeight, unitWeightSpread, sampledPieces, container } = item;
  return {
    item: id,
    // Of what is sold by weight it says nothing.
    kg: unitWeight ?? 1,
    spread: unitWeightSpread,
    sampled: sampledPieces,
    ...(container === undefined ? {} : { containerKg: container }),
    ...(unit === "kg" ? { unit } : {}),
  };
}
