import type { MonotonicMs } from "../../drivers/contract.ts";
import type { PointSettings } from "../../drivers/point-settings.ts";

/** No point counts as stale sooner: a retry or a bus that is busy takes some seconds. */
const staleAfterMsMin = 10_000;

/**
 * Readings that may be missing before a value is too old: one lost frame is everyday, three in a
 * row are not.
 */
const missedReadings = 3;

/** A point's settings and how often its device is read. */
export type PipelineSettings = Readonly<PointSettings> & { readonly everyMs?: number | undefined };

/**
 * Age in milliseconds beyond which a value counts as stale; undefined where the device itself
 * decides when to speak (a door contact), so that its silence says nothing.
 */
export function staleAfterMs({ staleAfter, everyMs }: PipelineSettings): number | undefined {
  if (staleAfter !== undefined) return staleAfter;
  if (everyMs === undefined) return undefined;
  return Math.max(missedReadings * everyMs, staleAfterMsMin);
}

/** When a value that came at `cameAt` begins to count as stale. */
export function staleAt(cameAt: MonotonicMs, afterMs: number | undefined): MonotonicMs | undefined {
  return afterMs === undefined ? undefined : cameAt + afterMs;
}
