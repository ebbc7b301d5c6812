import type { Lane } from "../../gateway/store/store.ts";
import { type Ack, type Refusal, rejectsShownMax } from "../protocol.ts";
import type { Database } from "./database/database.ts";
import type { Partitions } from "./database/partitions.ts";
import type { Reject } from "./sample-rows.ts";

/** What became of a batch or a declaration. */
export type Outcome =
  | {
      readonly kind: "stored";
      readonly ack: Omit<Ack, "generation" | "serverTime">;
      readonly rows: number;
    }
  | Refused;

export interface Refused {
  readonly kind: "refused";
  readonly status: 400 | 409 | 413;
  readonly refusal: Refusal;
}

/** What receives: the database and its partitions. */
export interface Tables {
  readonly database: Database;
  readonly partitions: Partitions;
}

export const refused = (status: Refused["status"], refusal: Refusal): Refused => ({
  kind: "refused",
  status,
  refusal,
});

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
