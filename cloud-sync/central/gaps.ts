import type { Gap, GapDeclaration } from "../protocol.ts";
import type { Queries } from "./database/database.ts";
import { lockStanding, moveMark } from "./ledger.ts";
import { checkStanding, type Outcome, refused, stored, type Tables } from "./outcome.ts";

/** Moves the mark over rows that will never come, and keeps why. */
export function declareGaps(tables: Tables, declaration: GapDeclaration): Promise<Outcome> {
  const { gateway, epoch, lane, gaps } = declaration;
  return tables.database.transaction(async (queries) => {
    const standing = await lockStanding(queries, gateway, epoch, lane);
    const obstacle = checkStanding({ epoch, firstSeq: 0 }, standing);
    if (obstacle !== undefined || standing === undefined)
      return obstacle ?? stored(declaration, 0, undefined, [], 0);
    let mark = standing.seq;
    for (const gap of gaps) {
      const next = checkGap(gap, mark);
      if (typeof next !== "number") return next;
      if (next > mark) await writeGap(queries, declaration, standing.epochNumber, gap, mark);
      mark = Math.max(mark, next);
    }
    const chain = mark === standing.seq ? standing.chain : undefined;
    return stored(declaration, mark, chain, [], 0);
  });
}

function checkGap(gap: Gap, mark: number): number | Outcome {
  if (gap.lastSeq < gap.firstSeq) {
    return refused(400, { code: "bad-request", message: "a gap ends before it begins" });
  }
  if (gap.firstSeq > mark + 1) {
    const message = `rows ${mark + 1} to ${gap.firstSeq - 1} are missing`;
    return refused(409, { code: "gap", message, mark });
  }
  return gap.lastSeq;
}

async function writeGap(
  queries: Queries,
  { gateway, lane }: GapDeclaration,
  epochNumber: number,
  gap: Gap,
  mark: number,
): Promise<void> {
  await queries.query(
    `WITH ${moveMark}
     INSERT INTO gap (gateway, epoch_number, lane, first_seq, last_seq, reason)
     VALUES ($1, $2, $3, $6, $4, $7)`,
    [gateway, epochNumber, lane, gap.lastSeq, null, Math.max(gap.firstSeq, mark + 1), gap.reason],
  );
}
