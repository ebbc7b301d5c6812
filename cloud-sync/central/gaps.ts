import type { Gap, GapDeclaration } from "../protocol.ts";
import type { Queries } from "./database/database.ts";
import { moveMark, type Origin, recordGaps } from "./ledger.ts";
import { type Outcome, refused, stored, type Tables } from "./outcome.ts";
import { standingFor } from "./standing.ts";

/** Moves the mark over rows that will never come, and keeps why. */
export function declareGaps(
  tables: Tables,
  declaration: GapDeclaration,
  origin: Origin = {},
): Promise<Outcome> {
  const { gateway, epoch, lane, gaps, schemaVersion } = declaration;
  const firstSeq = gaps[0]?.firstSeq ?? 1;
  return tables.database.transaction(async (queries) => {
    const claim = { gateway, epoch, lane, firstSeq, schemaVersion };
    const standing = await standingFor(queries, claim, origin);
    if ("obstacle" in standing) return standing.obstacle;
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
  const from = Math.max(gap.firstSeq, mark + 1);
  const row = {
    first_seq: from,
    last_seq: gap.lastSeq,
    reason: gap.reason,
    missing: gap.lastSeq - from + 1,
  };
  await queries.query(`WITH ${moveMark}, ${recordGaps("$6")} SELECT 1`, [
    gateway,
    epochNumber,
    lane,
    gap.lastSeq,
    null,
    JSON.stringify([row]),
  ]);
}
