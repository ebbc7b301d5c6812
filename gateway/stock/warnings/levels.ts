import type { StockLine } from "../line.ts";
import {
  dayMs,
  nearlyNothing,
  overAbove,
  overBelow,
  overDays,
  stockOutAheadFactor,
  stockOutProbabilityRaise,
  stockOutProbabilityReturn,
} from "./bands.ts";
import type { JudgedAt, LevelKind } from "./standing.ts";

/** Whether a warning is in force, given that it was or was not. What is not known neither raises nor returns. */
export type Level = (line: StockLine, now: JudgedAt, isOn: boolean) => boolean;

/** Nobody has ever counted or moved anything: nothing is known, and an empty list of stock is no alarm. */
function isUnknown({ movedAt }: StockLine): boolean {
  return movedAt === undefined;
}

/** What is available at least, as far as the scale can tell. */
export function lowestAvailable({ available, onHand, interval }: StockLine): number {
  return available - Math.max(0, onHand - interval[0]);
}

/** The inventory position at least: a reorder point is not missed because a count was too high. */
export function lowestPosition({ position, onHand, interval }: StockLine): number {
  return position - Math.max(0, onHand - interval[0]);
}

/** All that is there or will come: lots that are locked take room as well. */
export function wholePosition({ onHand, onOrder, reserved }: StockLine): number {
  return onHand + onOrder - reserved;
}

/** Lead time and the time until somebody looks again, in days; undefined: the lead time is not known. */
export function neededDays({ stocked: { policy } }: StockLine): number | undefined {
  const { leadTimeMs, reviewMs } = policy;
  return leadTimeMs === undefined ? undefined : (leadTimeMs + reviewMs) / dayMs;
}

/** How far ahead a stock-out is warned of, in days. */
export function aheadDays(line: StockLine): number {
  const horizonDays = line.stocked.policy.horizonMs / dayMs;
  const needed = neededDays(line);
  return needed === undefined ? horizonDays : Math.min(horizonDays, needed * stockOutAheadFactor);
}

/** Days that the inventory position lasts: what is ordered is on its way; undefined: not known. */
export function positionCoverDays(line: StockLine): number | undefined {
  const { outlook, position, coverDays } = line;
  if (outlook === undefined || outlook.perDay <= 0) return coverDays;
  return Math.max(0, position) / outlook.perDay;
}

/** The last demand, or where there was none the last movement; undefined: nothing ever moved. */
export function idleSince({ takenAt, movedAt }: StockLine): number | undefined {
  return takenAt ?? movedAt;
}

function isIdle(line: StockLine, { at, dated }: JudgedAt, forMs: number): boolean {
  const since = idleSince(line);
  return dated && since !== undefined && at - since >= forMs;
}

/** An item that nobody takes any more needs no delivery: what the forecast says of it is the past. */
function hasNoDemand(line: StockLine, now: JudgedAt): boolean {
  const { outlook } = line;
  if (outlook !== undefined && (outlook.class === "none" || outlook.perDay <= 0)) return true;
  return isIdle(line, now, line.stocked.policy.deadAfterMs);
}

/** Raised while less than `limit` is there, until it is more than the band above. */
function isShort(quantity: number, limit: number, line: StockLine, isOn: boolean): boolean {
  return quantity < (isOn ? overAbove(limit, line) : limit) - nearlyNothing;
}

/** When it will run out though all that is ordered comes; undefined: not known. */
function runsOutAt(line: StockLine, now: JudgedAt): number | undefined {
  const { stockOutAt, deliveryAt, onOrder } = line;
  if (stockOutAt === undefined || onOrder <= nearlyNothing) return stockOutAt;
  if (deliveryAt !== undefined && stockOutAt < deliveryAt) return stockOutAt;
  const coverDays = positionCoverDays(line);
  return coverDays === undefined ? stockOutAt : Math.max(stockOutAt, now.at + coverDays * dayMs);
}

export const levels: Readonly<Record<LevelKind, Level>> = {
  out(line, _now, isOn) {
    if (isUnknown(line)) return false;
    const quantity = isOn ? Math.min(line.available, lowestAvailable(line)) : line.available;
    return quantity <= nearlyNothing;
  },
  "below-minimum"(line, _now, isOn) {
    const { min = 0 } = line.stocked.policy;
    if (min <= 0 || isUnknown(line)) return false;
    return isShort(lowestAvailable(line), min, line, isOn);
  },
  "below-reorder"(line, now, isOn) {
    const { reorderPoint, outlook, stocked } = line;
    if (isUnknown(line)) return false;
    if (reorderPoint === undefined) {
      return isOn && outlook === undefined && stocked.policy.leadTimeMs !== undefined;
    }
    const { value, by } = reorderPoint;
    if (by === "forecast" && (value <= 0 || hasNoDemand(line, now))) return false;
    const over = isOn ? overAbove(value, line) : value;
    return lowestPosition(line) <= over + nearlyNothing;
  },
  "above-maximum"(line, _now, isOn) {
    const { max } = line.stocked.policy;
    if (max === undefined || isUnknown(line)) return false;
    return wholePosition(line) > (isOn ? overBelow(max, line) : max) + nearlyNothing;
  },
  "short-cover"(line, now, isOn) {
    const needed = neededDays(line);
    if (needed === undefined || isUnknown(line) || hasNoDemand(line, now)) return false;
    const coverDays = positionCoverDays(line);
    if (coverDays === undefined) return isOn && line.outlook === undefined;
    return coverDays < (isOn ? overDays(needed) : needed);
  },
  "stock-out-ahead"(line, now, isOn) {
    if (isUnknown(line) || hasNoDemand(line, now)) return false;
    if (!now.dated) return isOn;
    const runsOut = runsOutAt(line, now);
    if (runsOut === undefined) return isOn && line.outlook === undefined;
    const { stockOutProbability = 1 } = line;
    const days = aheadDays(line);
    const within = isOn ? overDays(days) : days;
    const least = isOn ? stockOutProbabilityReturn : stockOutProbabilityRaise;
    return runsOut - now.at < within * dayMs && stockOutProbability >= least;
  },
  "dead-stock"(line, now, isOn) {
    if (line.onHand <= nearlyNothing) return false;
    if (!now.dated) return isOn;
    // A clock that is set back by a moment does not bring the same warning again.
    const { deadAfterMs } = line.stocked.policy;
    return isIdle(line, now, isOn ? deadAfterMs - dayMs : deadAfterMs);
  },
};
