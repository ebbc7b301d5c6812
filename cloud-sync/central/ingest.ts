import { RackwatchError } from "../../drivers/errors.ts";
import type { Batch } from "../protocol.ts";
import { ingestEvents } from "./ingest-events.ts";
import { ingestSamples } from "./ingest-samples.ts";
import type { Origin } from "./ledger.ts";
import { type Outcome, refused, type Tables } from "./outcome.ts";

/**
 * Stores the rows of a batch that follow the lane's mark and moves the mark, in one transaction: whatever comes twice,
 * late, overlapping or at once over two connections has its effect once. `now`: milliseconds since 1970.
 */
export async function ingest(
  tables: Tables,
  batch: Batch,
  now: number,
  origin: Origin = {},
): Promise<Outcome> {
  try {
    return batch.lane === "samples"
      ? await ingestSamples(tables, batch, now, origin)
      : await ingestEvents(tables, batch, origin);
  } catch (error) {
    if (error instanceof RackwatchError && error.code === "store/corrupt") {
      return refused(400, { code: "bad-batch", message: error.message });
    }
    throw error;
  }
}
