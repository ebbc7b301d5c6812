import type { EpochMs } from "../../../drivers/contract.ts";
import { exact } from "./quantity.ts";

/** A lot that pieces may be taken of. */
export interface LotChoice {
  /** Absent: pieces whose lot is not known. */
  readonly lot?: string;
  readonly quantity: number;
  /** yyyy-mm-dd. */
  readonly expires?: string;
  readonly receivedAt?: EpochMs;
  /** Expired or held. */
  readonly isLocked: boolean;
}

/** Pieces of one lot; `quantity` is positive. */
export interface Part {
  readonly lot?: string;
  readonly lotBy?: "fefo" | "only";
  readonly quantity: number;
}

/** `pick`: somebody took it, so the good lots go first. `loss`: it is not there, whatever it was. */
export type AllocationPurpose = "pick" | "loss";

/**
 * Deals out a quantity whose lot nobody saw: among good lots the one that expires first, of those the one that came
 * first; lots without a date after those with one. What no lot can give is taken from the pieces without a lot, which
 * may fall below zero.
 */
export function allocate(
  choices: readonly LotChoice[],
  quantity: number,
  purpose: AllocationPurpose,
): readonly Part[] {
  const there = choices.filter((choice) => choice.quantity > 0);
  const known = there.filter(({ lot }) => lot !== undefined);
  const lotBy = there.length === 1 && known.length === 1 ? "only" : "fefo";
  const taken = new Map<string | undefined, number>();
  let open = quantity;
  for (const choice of there.toSorted((a, b) => before(a, b, purpose))) {
    if (open <= 0) break;
    const some = Math.min(open, choice.quantity);
    taken.set(choice.lot, some);
    open = exact(open - some);
  }
  if (open > 0) taken.set(undefined, exact((taken.get(undefined) ?? 0) + open));
  return [...taken].map(([lot, some]) =>
    lot === undefined ? { quantity: some } : { lot, lotBy, quantity: some },
  );
}

function before(a: LotChoice, b: LotChoice, purpose: AllocationPurpose): number {
  return rank(a, purpose) - rank(b, purpose) || byExpiry(a, b);
}

/** Pieces without a lot: after the good lots when they were picked, first when they are not there. */
function rank({ lot, isLocked }: LotChoice, purpose: AllocationPurpose): number {
  if (lot === undefined && purpose === "loss") return 0;
  if (isLocked) return 3;
  return lot === undefined ? 2 : 1;
}

/** First expired, first out. */
export function byExpiry(a: LotChoice, b: LotChoice): number {
  const never = "9999-12-31";
  return (
    compare(a.expires ?? never, b.expires ?? never) ||
    (a.receivedAt ?? 0) - (b.receivedAt ?? 0) ||
    compare(a.lot ?? "", b.lot ?? "")
  );
}

function compare(a: string, b: string): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
