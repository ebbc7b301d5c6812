import type Database from "better-sqlite3";
import { RackwatchError } from "../../drivers/errors.ts";
import { chainEvents } from "./chain.ts";
import { isSound, readEvents, readSamples } from "./chunk.ts";
import { ChunkLog } from "./chunk-log.ts";
import { soundParts } from "./damage.ts";
import { type Row, rowAt, rowsByNumber } from "./damaged-file.ts";
import { inserter } from "./salvage-tables.ts";
import { type Ancestor, type Lane, lanes } from "./store.ts";

const tables: Readonly<Record<Lane, string>> = { events: "event_chunk", samples: "sample_chunk" };

/** Lost ranges that a gap event names; the count is of all. */
const rangesMax = 50;

/** Damaged chunks at the end of a lane that are passed over in search of its head. */
const headTriesMax = 200;

/** What of the log was saved, and what was not. */
export interface SavedLane {
  readonly rows: number;
  /** Numbers behind central's mark whose rows were not saved. */
  readonly lost: number;
  readonly ranges: readonly (readonly [number, number])[];
}

/**
 * Takes chunks of a damaged log over into a new database, under the numbers that they have: what central has of the old
 * epoch need not come again, and what it has not is sent under the new one. First the newest chunk of each lane, behind
 * which new rows are numbered; then the others, oldest first, in portions. Only what fits its hashes is taken.
 */
export class Salvage {
  readonly #from: Database.Database;
  readonly #log: ChunkLog;
  readonly #after: Readonly<Record<Lane, number>>;
  readonly #insert: Readonly<Record<Lane, (row: Row) => boolean>>;
  readonly #waiting: { readonly lane: Lane; readonly firstSeq: number }[] = [];
  #next = 0;

  /** @param after how far central confirmed the lanes of the damaged database. */
  constructor(
    from: Database.Database,
    to: Database.Database,
    after: Readonly<Record<Lane, number>>,
  ) {
    this.#from = from;
    this.#after = after;
    this.#log = new ChunkLog(to);
    this.#insert = { events: inserter(to, tables.events), samples: inserter(to, tables.samples) };
    for (const lane of lanes) {
      const first = this.#firstWanted(lane);
      const span = `(SELECT first_seq, last_seq FROM ${tables[lane]})`;
      for (const { first_seq: firstSeq } of rowsByNumber(from, span, "first_seq", first)) {
        if (typeof firstSeq === "number") this.#waiting.push({ lane, firstSeq });
      }
    }
  }

  /**
   * The newest sound chunk of each lane. @returns where the lanes stand, which central may have of the old epoch: 0
   * where nothing is left of a lane.
   */
  takeHeads(epoch: string): Ancestor {
    for (const lane of lanes) {
      const known = this.#waiting.filter((it) => it.lane === lane).map((it) => it.firstSeq);
      let before = this.#firstWanted(lane) + 1;
      for (let tries = 0; tries < headTriesMax; tries += 1) {
        const firstSeq = known.pop() ?? this.#older(lane, before);
        if (firstSeq === undefined || this.#take(lane, firstSeq)) break;
        before = Math.min(before, firstSeq);
      }
    }
    return { epoch, events: this.#log.head("events"), samples: this.#log.head("samples") };
  }

  /** Goes on until `isLate`. @returns whether there is more. */
  step(isLate: () => boolean): boolean {
    while (this.#next < this.#waiting.length) {
      const { lane, firstSeq } = this.#waiting[this.#next] ?? { lane: "events", firstSeq: 0 };
      this.#next += 1;
      if (this.#log.chunk(lane, firstSeq) === undefined) this.#take(lane, firstSeq);
      if (isLate()) break;
    }
    return this.#next < this.#waiting.length;
  }

  /** What is there now of the numbers behind central's mark up to `head`. */
  saved(lane: Lane, head: number): SavedLane {
    const after = this.#after[lane];
    const ranges: (readonly [number, number])[] = [];
    let [next, rows, lost] = [after + 1, 0, 0];
    let from = this.#firstWanted(lane);
    for (;;) {
      const spans = this.#log.spans(lane, from, 1_000).filter(({ lastSeq }) => lastSeq <= head);
      for (const { firstSeq, lastSeq } of spans) {
        from = firstSeq;
        if (lastSeq < next) continue;
        if (firstSeq > next) {
          lost += firstSeq - next;
          if (ranges.length < rangesMax) ranges.push([next, firstSeq - 1]);
        }
        rows += lastSeq - Math.max(next, firstSeq) + 1;
        next = lastSeq + 1;
      }
      if (spans.length < 1_000) return { rows, lost, ranges };
    }
  }

  /** Keys above this are wanted: those of chunks with a row behind central's mark. */
  #firstWanted(lane: Lane): number {
    const after = this.#after[lane];
    const covering = rowAt(
      this.#from,
      `SELECT first_seq, last_seq FROM ${tables[lane]} WHERE first_seq <= ? ORDER BY first_seq DESC LIMIT 1`,
      after,
    );
    const { first_seq: first, last_seq: last } = covering ?? {};
    return typeof first === "number" && typeof last === "number" && last > after
      ? first - 1
      : after;
  }

  #older(lane: Lane, before: number): number | undefined {
    const sql = `SELECT first_seq FROM ${tables[lane]} WHERE first_seq < ? ORDER BY first_seq DESC LIMIT 1`;
    const firstSeq = rowAt(this.#from, sql, before)?.["first_seq"];
    return typeof firstSeq === "number" ? firstSeq : undefined;
  }

  /** False: the chunk cannot be read, or nothing of it is what was once written. */
  #take(lane: Lane, firstSeq: number): boolean {
    const row = rowAt(this.#from, `SELECT * FROM ${tables[lane]} WHERE first_seq = ?`, firstSeq);
    if (row === undefined || !isSpan(row)) return false;
    if (!this.#insert[lane](row)) return false;
    if (this.#isSound(lane, firstSeq, row)) return true;
    const parts = lane === "samples" ? soundParts(this.#log, firstSeq) : [];
    this.#log.remove(lane, firstSeq);
    for (const part of parts) this.#log.addSamples(part, true);
    return parts.length > 0;
  }

  #isSound(lane: Lane, firstSeq: number, { chain_after: after }: Row): boolean {
    const chunk = this.#log.chunk(lane, firstSeq);
    if (chunk === undefined) return false;
    try {
      if (lane === "samples") {
        const parts = isSound(chunk) ? this.#log.parts(lane, firstSeq) : [];
        for (const part of parts) readSamples(part);
        return parts[0]?.firstSeq === firstSeq && parts.at(-1)?.lastSeq === chunk.lastSeq;
      }
      const chain = chainEvents(chunk.chainBefore ?? "", firstSeq, readEvents(chunk));
      return Buffer.isBuffer(after) && after.toString("hex") === chain;
    } catch (error) {
      if (
        error instanceof RackwatchError ||
        error instanceof SyntaxError ||
        error instanceof TypeError
      )
        return false;
      throw error;
    }
  }
}

function isSpan({ first_seq: first, last_seq: last }: Row): boolean {
  return typeof first === "number" && typeof last === "number" && first > 0 && last >= first;
}
