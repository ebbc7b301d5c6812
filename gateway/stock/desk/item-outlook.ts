import type { ItemOutlook, StockView } from "../../panel/stock-api.ts";
import { type DayNumber, zoneOf } from "../../rules/zone.ts";
import type { MovementHour } from "../../store/movement-table.ts";
import { fan } from "../forecast/select/cover.ts";
import type { StockLine } from "../line.ts";
import type { Threshold } from "../thresholds/threshold.ts";

/** Past days that the page of an item shows, and days ahead. */
export const pastDays = 92;
export const aheadDays = 60;

const dayMs = 86_400_000;

export interface OutlookWorld {
  readonly threshold: Threshold | undefined;
  /** What moved since then, hour by hour. */
  readonly hours: (from: number) => readonly MovementHour[];
  readonly timezone: string;
  readonly now: number;
}

/** One item at one location with its past and its future, day by day of the gateway's time zone. */
export function itemOutlook(
  { line, view }: { readonly line: StockLine; readonly view: StockView },
  { threshold, hours, timezone, now }: OutlookWorld,
): ItemOutlook {
  const { outlook, available, reserved, onHand } = line;
  const zone = zoneOf(timezone);
  const today = zone.dayOf(now);
  const first = today - pastDays + 1;
  const moved = Map.groupBy(hours(zone.instantOf(first, 0, "first")), ({ from }) =>
    zone.dayOf(from),
  );
  const open = threshold?.open;
  return {
    stock: view,
    ...(outlook === undefined
      ? {}
      : {
          class: outlook.class,
          method: outlook.method,
          perDay: outlook.perDay,
          reviewedAt: outlook.reviewedAt,
        }),
    basis: basisOf(line),
    days: daysBack(onHand, moved, first, today),
    fan:
      outlook === undefined
        ? []
        : fan(outlook, available - reserved, aheadDays).map(({ day, low, median, high }) => ({
            day: nameOf(today + day),
            ...{ low, median, high },
          })),
    ...(open === undefined
      ? {}
      : {
          proposal: {
            id: open.id,
            ...(open.from === undefined ? {} : { from: open.from }),
            ...{ to: open.to, wanted: open.wanted, why: open.why, at: open.at },
          },
        }),
  };
}

function basisOf({ stocked: { policy }, outlook, deliveryAt }: StockLine): ItemOutlook["basis"] {
  const { leadTimeMs, leadTimeSpreadMs, reviewMs, horizonMs, serviceLevel } = policy;
  return {
    ...(leadTimeMs === undefined ? {} : { leadTimeDays: leadTimeMs / dayMs }),
    leadTimeSpreadDays: leadTimeSpreadMs / dayMs,
    reviewDays: reviewMs / dayMs,
    horizonDays: horizonMs / dayMs,
    serviceLevel,
    ...(outlook === undefined ? {} : { model: outlook.model.is, historyDays: outlook.days }),
    ...(outlook?.safetyStock === undefined ? {} : { safetyStock: outlook.safetyStock }),
    ...(outlook?.reorderPoint === undefined ? {} : { reorderPointWanted: outlook.reorderPoint }),
    ...(deliveryAt === undefined ? {} : { deliveryAt }),
  };
}

/** From what is there now back to what was there then. */
function daysBack(
  onHand: number,
  moved: ReadonlyMap<DayNumber, readonly MovementHour[]>,
  first: DayNumber,
  today: DayNumber,
): ItemOutlook["days"] {
  const days: ItemOutlook["days"] = [];
  let quantity = onHand;
  for (let day = today; day >= first; day -= 1) {
    const its = moved.get(day) ?? [];
    const taken = its.reduce((sum, hour) => sum + hour.taken, 0);
    days.push({ day: nameOf(day), quantity: rounded(quantity), demand: rounded(-taken) });
    quantity -= its.reduce((sum, hour) => sum + hour.change, 0);
  }
  return days.reverse();
}

function nameOf(day: DayNumber): string {
  return new Date(day * dayMs).toISOString().slice(0, 10);
}

function rounded(quantity: number): number {
  const exact = Math.round(quantity * 1e6) / 1e6;
  return exact === 0 ? 0 : exact;
}
