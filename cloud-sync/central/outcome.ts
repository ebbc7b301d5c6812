import type { Lane } from "../../gateway/store/store.ts";
import { type Ack, type Refusal, rejectsShownMax } from "../protocol.ts";
import type { Database } from "./database/database.ts";
import type { Partitions } from "./database/partitions.ts";
import type { Standing } from "./ledger.ts";
import type { Reject } from "./sample-rows.ts";

/** What became of a batch or a declaration. */
export type Outcome =
  | {
      readonly kind: "stored";
      readonly ack: Omit<Ack, "generation" | "serverTime">;
      readonly rows: number;
    }
  | { readonly kind: "refused"; readonly status: 400 | 409; readonly refusal: Refusal };

/** What receives: the database and its partitions. */
export interface Tables {
  readonly database: Database;
  readonly partitions: Partitions;
}

export const refused = (status: 400 | 409, refusal: Refusal): Outcome => ({
  kind: "refused",
  status,
  refusal,
});

/** Where a lane stands that central never heard of. */
export const nowhere: Standing = { epochNumber: 0, seq: 0, chain: undefined };

/** Why rows from `firstSeq` on cannot be taken where the lane stands, or undefined. */
export function checkStanding(
  batch: { readonly firstSeq: number; readonly epoch: string },
  standing: Standing | undefined,
): Outcome | undefined {
  if (standing === undefined) {
    const message = `epoch ${batch.epoch} is closed: this gateway has begun a later one`;
    const todo = "look for a second machine with this gateway's id or a copy of its card";
    return refused(409, { code: "epoch-fenced", message, todo });
  }
  if (batch.firstSeq > standing.seq + 1) {
    const message = `rows ${standing.seq + 1} to ${batch.firstSeq - 1} are missing`;
    return refused(409, { code: "gap", message, mark: standing.seq });
  }
  return undefined;
}

/** Central is at `mark`; `rows`: how many of them are new. */
export function stored(
  batch: { readonly epoch: string; readonly lane: Lane },
  mark: number,
  chain: string | undefined,
  rejects: readonly Reject[],
  rows: number,
): Outcome {
  const rejected = rejects.slice(0, rejectsShownMax).map(({ seq, reason }) => ({ seq, reason }));
  const { epoch, lane } = batch;
  return {
    kind: "stored",
    ack: { epoch, lane, mark, rejected, ...(chain === undefined ? {} : { chain }) },
    rows,
  };
}
