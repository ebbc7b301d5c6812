import type { EpochMs } from "../../drivers/contract.ts";
import { lanes, type Outbox } from "./store.ts";

/** The newest wall time on record; undefined before the first row. */
export function lastRecordAt(outbox: Outbox): EpochMs | undefined {
  const times = lanes.flatMap((lane) => {
    const head = outbox.head(lane);
    const [last] = head === 0 ? [] : outbox.read(lane, head - 1, 1);
    return last === undefined ? [] : [last.lastAt];
  });
  return times.length === 0 ? undefined : Math.max(...times);
}
