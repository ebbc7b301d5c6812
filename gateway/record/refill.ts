import type { MonotonicMs, PointKey } from "../../drivers/contract.ts";
import { gapIntervals } from "../cold-chain/mkt.ts";
import type { MktWatch } from "../cold-chain/mkt-watch.ts";
import type { Instant } from "../rules/rule.ts";
import type { PointRecord } from "./record.ts";
import type { RecordCadence } from "./record-plan.ts";

/**
 * After a start: what the record knows of a point goes into its rolling windows, which live in memory.
 * @param records Oldest first.
 * @param before From here on the windows know themselves.
 */
export function refill(
  watch: Pick<MktWatch, "fill">,
  point: PointKey,
  records: readonly PointRecord[],
  { everyMs }: Pick<RecordCadence, "everyMs">,
  { at, mono }: Instant,
  before: MonotonicMs = mono,
): void {
  for (const [index, { value, at: begin }] of records.entries()) {
    const end = records[index + 1]?.at;
    if (value === undefined || end === undefined || end > at) continue;
    if (end - begin > everyMs * gapIntervals) continue;
    const from = mono - (at - begin);
    const until = Math.min(mono - (at - end), before);
    if (from < until) watch.fill(point, value, from, until);
  }
}
