import type { LotLine, StockLine } from "../line.ts";
import type { Evidence } from "../movement.ts";
import { dayMs, nearlyNothing } from "./bands.ts";
import type { Figures } from "./finding.ts";
import { aheadDays, idleSince, neededDays, positionCoverDays, wholePosition } from "./levels.ts";
import type { JudgedAt } from "./standing.ts";

type Known = Readonly<Record<string, number | string | undefined>>;

/** Figures without what is not known, and without the rounding of sums. */
export function figuresOf(known: Known): Figures {
  const figures: Record<string, number | string> = {};
  for (const [name, value] of Object.entries(known)) {
    if (typeof value === "string") figures[name] = value;
    else if (value !== undefined && Number.isFinite(value)) figures[name] = rounded(value);
  }
  return figures;
}

function rounded(value: number): number {
  return Math.round(value * 1e6) / 1e6;
}

/** Everything that a warning of quantity or cover was decided by, under the same names whatever the kind. */
export function levelFigures(line: StockLine, now: JudgedAt, evidence?: Evidence): Figures {
  const { outlook, reorderPoint, stockOutAt, stocked } = line;
  const { policy } = stocked;
  const idle = idleSince(line);
  return figuresOf({
    ...quantityOf(line),
    min: policy.min,
    max: policy.max,
    reorderPoint: reorderPoint?.value,
    reorderPointBy: reorderPoint?.by,
    perDay: outlook?.perDay,
    demandClass: outlook?.class,
    forecastMethod: outlook?.method,
    safetyStock: outlook?.safetyStock,
    coverDays: positionCoverDays(line),
    leadTimeDays: policy.leadTimeMs === undefined ? undefined : policy.leadTimeMs / dayMs,
    reviewDays: policy.reviewMs / dayMs,
    neededDays: neededDays(line),
    aheadDays: aheadDays(line),
    horizonDays: policy.horizonMs / dayMs,
    serviceLevel: policy.serviceLevel,
    stockOutProbability: line.stockOutProbability,
    stockOutDate: dateOf(stockOutAt, now),
    deliveryDate: dateOf(line.deliveryAt, now),
    idleDays: now.dated && idle !== undefined ? Math.floor((now.at - idle) / dayMs) : undefined,
    deadAfterDays: policy.deadAfterMs / dayMs,
    ...weightsOf(evidence),
  });
}

/** Everything that a warning of a lot's expiry was decided by. */
export function lotFigures(
  line: StockLine,
  lot: LotLine,
  now: JudgedAt,
  evidence?: Evidence,
): Figures {
  return figuresOf({
    lotQuantity: lot.quantity,
    unit: line.stocked.item.unit,
    lot: lot.lot,
    expires: lot.expires,
    daysLeft: lot.daysLeft,
    onDate: now.dated ? now.dateOf(now.at) : undefined,
    quantity: line.onHand,
    available: line.available,
    perDay: line.outlook?.perDay,
    ...weightsOf(evidence),
  });
}

function quantityOf(line: StockLine): Known {
  const locked = line.onHand - line.available;
  return {
    quantity: line.onHand,
    quantityLow: line.interval[0],
    quantityHigh: line.interval[1],
    available: line.available,
    lockedQuantity: locked > nearlyNothing ? locked : undefined,
    onOrder: line.onOrder,
    reserved: line.reserved,
    position: line.position,
    wholePosition: wholePosition(line),
    unit: line.stocked.item.unit,
  };
}

function weightsOf(evidence: Evidence | undefined): Known {
  return {
    evidenceBy: evidence?.by,
    weightBeforeKg: evidence?.weightBefore,
    weightAfterKg: evidence?.weightAfter,
    residualKg: evidence?.residual,
    document: evidence?.document,
  };
}

function dateOf(at: number | undefined, now: JudgedAt): string | undefined {
  return at === undefined || !now.dated ? undefined : now.dateOf(at);
}
