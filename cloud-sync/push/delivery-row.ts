import type { EpochMs, MonotonicMs } from "../../drivers/contract.ts";
import type { Delivery } from "../../gateway/push/push.ts";
import { clockFloor } from "../../gateway/runtime/machine.ts";
import type { ClockQuality } from "../../gateway/store/store.ts";

/** The time, and how far it can be believed. */
export interface Moment {
  readonly at: EpochMs;
  readonly mono: MonotonicMs;
  readonly boot: string;
  readonly quality: ClockQuality;
}

/** A delivery with how long it was tried: `triedMs` until `mono` of `boot`. */
export interface DeliveryRow extends Delivery {
  readonly triedMs: number;
  readonly boot: string;
  readonly mono: MonotonicMs;
}

export function firstRow(id: string, { at, mono, boot }: Moment): DeliveryRow {
  return { id, state: "waiting", attempts: 0, at, triedMs: 0, boot, mono };
}

/**
 * How long a push has been tried. Exact on the monotonic clock within one boot, whatever the wall clock does; over a
 * boot the wall clock fills in where it can be believed, and else the time between counts as none.
 */
export function triedFor(row: DeliveryRow, now: Moment): number {
  if (row.boot === now.boot) return row.triedMs + Math.max(0, now.mono - row.mono);
  const isBelieved = now.quality === "synchronized" && row.at >= clockFloor;
  const between = isBelieved ? Math.max(0, now.at - row.at) : 0;
  return row.triedMs + between;
}

/** The row carried to this moment, with what changed. */
export function changed(
  row: DeliveryRow,
  now: Moment,
  change: Partial<Pick<Delivery, "state" | "attempts" | "problem">>,
): DeliveryRow {
  const { at, mono, boot } = now;
  return { ...row, at, mono, boot, triedMs: triedFor(row, now), ...change };
}
