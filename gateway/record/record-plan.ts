import { z } from "zod";
import type { EpochMs } from "../../drivers/contract.ts";

/** When a regulated point is recorded (GSP appendix 3, article 5). */
export interface RecordCadence {
  /** Longest time between two records while in range. */
  readonly everyMs: number;
  /** The same while out of range. */
  readonly everyOutsideMs: number;
  /** Time between two readings, where the last one was not longer. A record is early rather than late. */
  readonly readEveryMs?: number | undefined;
  readonly isOutside: (value: number) => boolean;
}

export const placeSchema = z.enum(["inside", "outside", "gap"]);
/** Where a reading stands: in range, out of it, or nowhere because the sample is bad. */
export type Place = z.infer<typeof placeSchema>;

export const planStateSchema = z.strictObject({
  /** Time of the last record. */
  recordedAt: z.number(),
  readAt: z.number(),
  place: placeSchema,
  /** The last place that was known: a gap keeps its cadence. */
  outside: z.boolean(),
});
/** What is kept of a point between two readings: plain JSON. */
export type PlanState = z.infer<typeof planStateSchema>;

export interface Planned {
  readonly record: boolean;
  readonly state: PlanState;
}

/**
 * Whether a reading becomes a record: the first one, each crossing of the range (into a gap and out of it too), and
 * else where the next reading would come too late. Time is the reading's own, so that the same readings give the same
 * records whenever they are read. One that is older than the last (a late sample, a clock that was set back) is
 * recorded, and the cadence goes on from it.
 *
 * @param value Undefined for a bad sample: the record is the gap.
 */
export function planRecord(
  state: PlanState | undefined,
  at: EpochMs,
  value: number | undefined,
  cadence: RecordCadence,
): Planned {
  const place = placeOf(value, cadence);
  const outside = place === "gap" ? (state?.outside ?? false) : place === "outside";
  const record = state === undefined || isDue(state, at, place, cadence);
  const recordedAt = record || state === undefined ? at : state.recordedAt;
  return { record, state: { recordedAt, readAt: at, place, outside } };
}

function placeOf(value: number | undefined, { isOutside }: RecordCadence): Place {
  if (value === undefined) return "gap";
  return isOutside(value) ? "outside" : "inside";
}

function isDue(state: PlanState, at: EpochMs, place: Place, cadence: RecordCadence): boolean {
  if (place !== state.place || at < state.readAt) return true;
  const longestMs = state.outside ? cadence.everyOutsideMs : cadence.everyMs;
  const nextMs = Math.max(cadence.readEveryMs ?? 0, at - state.readAt);
  return at + nextMs - state.recordedAt > longestMs;
}
