import { isRecord } from "../../../gateway/panel/web/merge.ts";
import type { ConflictRecord, EpochRecord, GapRecord, RejectRecord } from "../records.ts";

/** What is on record of one gateway: each list newest first, and only its first page. */
export interface GatewayRecord {
  readonly gaps: readonly GapRecord[];
  readonly rejects: readonly RejectRecord[];
  readonly conflicts: readonly ConflictRecord[];
  readonly epochs: readonly EpochRecord[];
}

/** The lists of an answer that have the form; what has not is left out. */
export function recordOf(bodies: Readonly<Record<keyof GatewayRecord, unknown>>): GatewayRecord {
  return {
    gaps: listOf(bodies.gaps, isGap),
    rejects: listOf(bodies.rejects, isReject),
    conflicts: listOf(bodies.conflicts, isConflict),
    epochs: listOf(bodies.epochs, isEpoch),
  };
}

function listOf<T>(body: unknown, is: (row: unknown) => row is T): readonly T[] {
  const records = isRecord(body) ? body["records"] : undefined;
  return Array.isArray(records) ? records.filter(is) : [];
}

function isGap(row: unknown): row is GapRecord {
  return hasForm(row, ["epoch", "lane", "reason"], ["firstSeq", "lastSeq", "missing", "at"]);
}

function isReject(row: unknown): row is RejectRecord {
  return hasForm(row, ["epoch", "lane", "reason", "content"], ["seq", "at"]);
}

function isConflict(row: unknown): row is ConflictRecord {
  return hasForm(row, ["epoch", "lane", "ours", "theirs"], ["seq", "times", "firstAt", "at"]);
}

function isEpoch(row: unknown): row is EpochRecord {
  return hasForm(row, ["epoch"], ["number", "at"]) && isRecord(Object(row)["marks"]);
}

function hasForm(row: unknown, texts: readonly string[], numbers: readonly string[]): boolean {
  if (!isRecord(row)) return false;
  const is = (type: string) => (key: string) => typeof row[key] === type;
  return texts.every(is("string")) && numbers.every(is("number"));
}
