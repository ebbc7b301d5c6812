import { join } from "node:path";
import Database from "better-sqlite3";
import { readAncestors } from "./log-writer.ts";
import { type Losses, readLosses } from "./losses.ts";
import type { Ancestor } from "./store.ts";
import { isOpen, readCorrections } from "./time-book.ts";

/** A reader gives up after this and says that it knows nothing. */
const busyTimeoutMs = 50;

/** What a database says of itself besides its rows. */
export interface StoreInsight {
  readonly losses: Losses;
  /** Epochs that it had before, newest first. */
  readonly ancestors: readonly Ancestor[];
  /** Boots whose times were corrected, newest first. */
  readonly corrections: readonly CorrectedBoot[];
}

export interface CorrectedBoot {
  /** When that boot began, by the clock that was set later. */
  readonly bootAt: number;
  /** Most rows that it was about. */
  readonly rows: number;
  /** Some of its chunks still have the times of then. */
  readonly open: boolean;
}

/** Of gateway.db in this folder, beside its writer; undefined while it cannot be read. */
export function readInsight(dir: string): StoreInsight | undefined {
  let db: Database.Database | undefined;
  try {
    db = new Database(join(dir, "gateway.db"), { readonly: true, timeout: busyTimeoutMs });
    const corrections = readCorrections(db).map((correction) => {
      const { from, through, offsetMs } = correction;
      const rows = through.events - from.events + through.samples - from.samples + 2;
      return { bootAt: offsetMs, rows: Math.max(0, rows), open: isOpen(correction) };
    });
    return {
      losses: readLosses(db),
      ancestors: readAncestors(db),
      corrections: corrections.toReversed(),
    };
  } catch {
    return undefined;
  } finally {
    db?.close();
  }
}
