import { itemSchema, stockSchema } from "../../config/schema/item.ts";
import { dayOfDate, zoneOf } from "../../gateway/rules/zone.ts";
import type { Outlook } from "../../gateway/stock/forecast/outlook.ts";
import type { LotLine, StockLine } from "../../gateway/stock/line.ts";
import { type Item, policyOf } from "../../gateway/stock/stocked.ts";
import type { JudgedAt } from "../../gateway/stock/warnings/standing.ts";

export const dayMs = 86_400_000;

/** Monday, noon in UTC. */
export const noon = Date.UTC(2026, 10, 23, 12);

type ItemText = Parameters<typeof itemSchema.parse>[0];

/** An item as the configuration would write it. */
export function itemOf(id: string, written: ItemText = {}): Item {
  return { ...itemSchema.parse(written), id, from: "configuration" };
}

type Given = Partial<Omit<StockLine, "stocked" | "onHand">> & { readonly perDay?: number };

/** A line of stock that is exactly known; what is given replaces what follows from the quantity. */
export function lineOf(item: Item, onHand: number, { perDay, ...given }: Given = {}): StockLine {
  const location = item.location[0] ?? "shelf-1";
  const { available = onHand, onOrder = 0, reserved = 0, lots = [] } = given;
  return {
    stocked: { item, location, policy: policyOf(item, location, stockSchema.parse({})) },
    onHand,
    available,
    interval: [onHand, onHand],
    onOrder,
    reserved,
    position: available + onOrder - reserved,
    lots,
    movedAt: noon,
    takenAt: noon,
    ...given,
    ...(perDay === undefined ? {} : aheadOf(available - reserved, perDay)),
  };
}

/** A demand that is always the same, so that what is ahead can be said on paper. */
function aheadOf(left: number, perDay: number) {
  const outlook: Outlook = {
    version: 1,
    class: "smooth",
    method: "mean",
    perDay,
    model: { is: "normal", mean: perDay, sd: 0 },
    days: 60,
    reviewedAt: noon,
  };
  const coverDays = Math.max(0, left) / perDay;
  return { outlook, coverDays };
}

/** Formatters of a time zone are dear: UTC needs none. */
function dayIn(timezone: string, at: number): number {
  return timezone === "UTC" ? Math.floor(at / dayMs) : zoneOf(timezone).dayOf(at);
}

/** @param timezone IANA name. */
export function judgedAt(at: number, dated = true, timezone = "UTC"): JudgedAt {
  return {
    at,
    dated,
    dateOf: (when) => new Date(dayIn(timezone, when) * dayMs).toISOString().slice(0, 10),
  };
}

/** A lot as the ledger shows it at that instant. */
export function lotOf(
  lot: string,
  expires: string,
  quantity: number,
  { at, timezone = "UTC" }: { readonly at: number; readonly timezone?: string },
): LotLine {
  const daysLeft = dayOfDate(expires) - dayIn(timezone, at);
  return { lot, expires, quantity, daysLeft, state: daysLeft < 0 ? "expired" : "good" };
}
