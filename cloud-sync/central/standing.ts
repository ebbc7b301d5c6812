import type { Lane } from "../../gateway/store/store.ts";
import type { Queries } from "./database/database.ts";
import { lockStanding, type Origin, recordFenced, type Standing } from "./ledger.ts";
import { type Outcome, type Refused, refused } from "./outcome.ts";

/** Rows that somebody sends. */
export interface Claim {
  readonly gateway: string;
  readonly epoch: string;
  readonly lane: Lane;
  readonly firstSeq: number;
  readonly schemaVersion: number;
}

/**
 * Where the lane stands, locked until the transaction ends, or why rows from `firstSeq` on cannot be taken there. From
 * version 2 on only the first row begins an epoch without a hello: a central that was restored and never heard of it would
 * else take the rows that it shares with an earlier one a second time.
 */
export async function standingFor(
  queries: Queries,
  claim: Claim,
  origin: Origin,
): Promise<Standing | { readonly obstacle: Outcome }> {
  const { gateway, epoch, lane, firstSeq } = claim;
  const mayBegin = claim.schemaVersion === 1 || firstSeq === 1;
  const found = await lockStanding(queries, gateway, epoch, lane, mayBegin);
  if (found === "fenced") {
    await recordFenced(queries, claim, origin);
    return { obstacle: fenced(epoch) };
  }
  if (found === "unknown") return { obstacle: unknownEpoch(epoch) };
  if (firstSeq <= found.seq + 1) return found;
  const message = `rows ${found.seq + 1} to ${firstSeq - 1} are missing`;
  return { obstacle: refused(409, { code: "gap", message, mark: found.seq }) };
}

export function fenced(epoch: string): Refused {
  return refused(409, {
    code: "epoch-fenced",
    message: `epoch ${epoch} is closed: this gateway has begun a later one`,
    todo: "look for a second machine with this gateway's id or a copy of its card",
  });
}

export function unknownEpoch(epoch: string): Refused {
  return refused(409, {
    code: "unknown-epoch",
    message: `central never heard of epoch ${epoch}: it may have been restored from a backup`,
    todo: "say hello, and go on from the marks of the answer",
  });
}
