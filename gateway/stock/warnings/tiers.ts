import type { LotLine, StockLine } from "../line.ts";
import { dayMs, nearlyNothing } from "./bands.ts";
import { expiredTier, type JudgedAt, type Tier } from "./standing.ts";

/** A clock that is set back over midnight, or a date that moves by a day, does not bring the same tier again. */
const bandDays = 1;

/** Whole days of the tiers that stand before the last day of use; the tier of zero is `expired`. */
export function tierDays(tiersMs: readonly number[]): readonly Tier[] {
  return tiersMs.filter((ms) => ms > 0).map((ms) => Math.floor(ms / dayMs));
}

/** The tier that a lot has reached, given the one that is in force; undefined: none. */
export function tierOf(
  lot: LotLine,
  line: StockLine,
  before: Tier | undefined,
  { dated }: JudgedAt,
): Tier | undefined {
  if (lot.quantity <= nearlyNothing || lot.expires === undefined) return undefined;
  const { daysLeft } = lot;
  // The clock is not set: nothing is known of today.
  if (!dated || daysLeft === undefined) return before;
  const reached = reachedTier(daysLeft, line.stocked.policy.expiryTiersMs);
  if (before === undefined || (reached !== undefined && reached < before)) return reached;
  return daysLeft <= before + bandDays && isTier(before, line) ? before : reached;
}

function reachedTier(daysLeft: number, tiersMs: readonly number[]): Tier | undefined {
  if (daysLeft < 0) return expiredTier;
  let reached: Tier | undefined;
  for (const ms of tiersMs) {
    const days = Math.floor(ms / dayMs);
    if (ms > 0 && daysLeft <= days && (reached === undefined || days < reached)) reached = days;
  }
  return reached;
}

function isTier(tier: Tier, line: StockLine): boolean {
  return tier === expiredTier || tierDays(line.stocked.policy.expiryTiersMs).includes(tier);
}
