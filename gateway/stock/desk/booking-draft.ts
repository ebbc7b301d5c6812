import type { Booking } from "../../panel/stock-api.ts";
import type { ClockQuality } from "../../store/store.ts";
import type { MovementDraft } from "../movement.ts";
import { StockRefusal } from "../stock-refusal.ts";
import type { Item } from "../stocked.ts";

export interface BookingWorld {
  readonly item: Item;
  readonly locations: ReadonlySet<string>;
  readonly person: string;
  readonly at: number;
  readonly clock: ClockQuality;
}

const outwards: ReadonlySet<Booking["kind"]> = new Set(["issue", "pick", "transfer"]);

/** What a person asks for as a movement. @throws RackwatchError `stock/refused`, `stock/unknown`. */
export function bookingDraft(booking: Booking, world: BookingWorld): MovementDraft {
  const { kind, location, lot, quantity, to, reason, document, note } = booking;
  const { item, locations, person, at, clock } = world;
  for (const place of to === undefined ? [location] : [location, to]) {
    if (!locations.has(place)) {
      throw new StockRefusal("noLocation", { location: place });
    }
  }
  if (kind === "transfer" && to === undefined) throw new StockRefusal("transferTo");
  if (kind !== "transfer" && to !== undefined) throw new StockRefusal("onlyTransfer");
  if (kind === "adjust" && reason === undefined) throw new StockRefusal("reason");
  if (kind !== "adjust" && quantity < 0) throw new StockRefusal("negative");
  const isCount = kind === "count";
  const signed = isCount ? 0 : outwards.has(kind) ? -quantity : quantity;
  return {
    kind,
    item: item.id,
    location,
    ...(lot === undefined ? {} : { lot, lotBy: "person" as const }),
    quantity: signed,
    unit: item.unit,
    at,
    clock,
    ...(reason === undefined ? {} : { reason }),
    ...(to === undefined ? {} : { partner: to }),
    evidence: {
      by: "person",
      person,
      ...(isCount ? { counted: quantity } : {}),
      ...(document === undefined ? {} : { document }),
      ...(note === undefined ? {} : { note }),
    },
  };
}
