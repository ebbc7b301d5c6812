import type Database from "better-sqlite3";
import type { PointKey } from "../../drivers/contract.ts";
import { openedFile } from "../store/opened-file.ts";
import type { ChainedCorrection } from "./correction.ts";
import { readCorrections } from "./correction-table.ts";
import { historyName } from "./history-file.ts";
import type { ChainedSegment } from "./verify-segments.ts";

interface SegmentRow extends Omit<ChainedSegment, "point"> {
  readonly key: string;
}

export interface StoredSegments extends Disposable {
  /** Point by point, each in the order in which they were made. */
  readonly segments: Iterable<ChainedSegment>;
  /** Hashes of the last segment of each retirement. */
  readonly retired: ReadonlySet<string>;
  /** What was found out of clocks, in the order in which that went on record. */
  readonly corrections: readonly ChainedCorrection[];
}

/**
 * The packed records of a data folder, for whoever looks at them beside or without a running gateway; read-only.
 * @returns undefined where there is no history.db: nothing is regulated.
 * @throws RackwatchError `store/...` when it cannot be read; while the segments are walked, SQLite's own errors.
 */
export function readSegments(dataDir: string): StoredSegments | undefined {
  return openedFile(dataDir, historyName, (db) => {
    const rows = db.prepare<[], SegmentRow>(
      `SELECT key, from_at AS fromAt, to_at AS toAt, count, hash_before AS hashBefore, hash, payload
       FROM segment JOIN point ON point.id = segment.point ORDER BY segment.point, segment.id`,
    );
    const hashes = db.prepare<[], string>("SELECT hash FROM retirement").pluck().all();
    const corrections = readCorrections(db);
    return { segments: chained(rows), retired: new Set(hashes), corrections };
  });
}

function* chained(rows: Database.Statement<[], SegmentRow>): Generator<ChainedSegment> {
  for (const { key, ...row } of rows.iterate()) yield { ...row, point: pointOf(key) };
}

function pointOf(key: string): PointKey {
  const slash = key.indexOf("/");
  return `${key.slice(0, slash)}/${key.slice(slash + 1)}`;
}
