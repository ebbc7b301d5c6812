import type Database from "better-sqlite3";
import { type AuditVerdict, verifyTrail } from "../audit/verify.ts";
import { AuditTable } from "./audit-table.ts";
import { chainEvents } from "./chain.ts";
import { isSound, readEvents } from "./chunk.ts";
import { ChunkLog } from "./chunk-log.ts";
import { type Lane, lanes } from "./store.ts";

/** Findings that are named; all are counted. */
const findingsMax = 50;

/** Chunks that one look takes: no read stays open longer, so that a gateway that runs can fold its log in. */
const chunksPerLook = 100;

/** A table that is larger is only read chunk by chunk: SQLite's check of it would hold the log for minutes. */
const wholeCheckBytesMax = 256 * 1_048_576;

/** `structure`: SQLite's own check. `chunk`: content and hash differ. `chain`: events do not follow one another. */
export interface Finding {
  readonly is: "structure" | "chunk" | "chain" | "audit";
  readonly where: string;
}

export interface DatabaseVerdict {
  readonly ok: boolean;
  readonly chunks: number;
  readonly events: number;
  readonly audit: number;
  readonly findings: readonly Finding[];
  /** All of them, also those that are not named. */
  readonly found: number;
}

/** Reads a whole database and compares everything that was hashed. @param breathe is called between two looks. */
export function verifyDatabase(
  db: Database.Database,
  bytes: number,
  breathe: () => void = () => {},
): DatabaseVerdict {
  const findings: Finding[] = [];
  for (const table of tablesOf(db)) {
    if (table === "sample_chunk" && bytes > wholeCheckBytesMax) continue;
    const result = db.pragma(`integrity_check('${table}')`, { simple: true });
    if (result !== "ok") findings.push({ is: "structure", where: `${table}: ${String(result)}` });
    breathe();
  }
  const counted = { chunks: 0, events: 0 };
  for (const lane of lanes) {
    for (const finding of verifyLane(new ChunkLog(db), lane, counted, breathe)) {
      findings.push(finding);
    }
  }
  const trail: AuditVerdict = verifyTrail(new AuditTable(db).entries());
  if (!trail.ok) findings.push({ is: "audit", where: `entry ${trail.seq}: ${trail.damage}` });
  return {
    ok: findings.length === 0,
    ...counted,
    audit: trail.ok ? trail.head.seq : trail.seq - 1,
    findings: findings.slice(0, findingsMax),
    found: findings.length,
  };
}

function* verifyLane(
  log: ChunkLog,
  lane: Lane,
  counted: { chunks: number; events: number },
  breathe: () => void,
): Generator<Finding> {
  let after = 0;
  let expected: { readonly seq: number; readonly chain: string } | undefined;
  for (;;) {
    const spans = log.spans(lane, after, chunksPerLook);
    for (const { firstSeq, lastSeq } of spans) {
      after = firstSeq;
      // Undefined: it was merged or deleted while this runs.
      const chunk = log.chunk(lane, firstSeq);
      if (chunk === undefined) continue;
      counted.chunks += 1;
      if (!isSound(chunk)) {
        yield { is: "chunk", where: `${lane} ${firstSeq} to ${lastSeq}` };
        expected = undefined;
      } else if (lane === "events") {
        const before = chunk.chainBefore ?? "";
        if (expected?.seq === firstSeq && expected.chain !== before) {
          yield { is: "chain", where: `event ${firstSeq}` };
        }
        expected = { seq: lastSeq + 1, chain: chainEvents(before, firstSeq, readEvents(chunk)) };
        counted.events += lastSeq - firstSeq + 1;
      }
    }
    breathe();
    if (spans.length < chunksPerLook) return;
  }
}

function tablesOf(db: Database.Database): readonly string[] {
  return db
    .prepare<[], { name: string }>(
      "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
    )
    .all()
    .map(({ name }) => name);
}
