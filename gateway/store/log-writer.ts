import type Database from "better-sqlite3";
import { z } from "zod";
import { auditOf } from "../audit/audit-of.ts";
import { AuditTable } from "./audit-table.ts";
import { ChunkLog } from "./chunk-log.ts";
import { noteLosses } from "./losses.ts";
import { readMeta, writeMeta } from "./meta.ts";
import { MovementTable } from "./movement-table.ts";
import { packEvents, packSamples } from "./packing.ts";
import { atTimeOf, clearPending, instantOf, readPending } from "./pending-events.ts";
import { StateTable } from "./state-table.ts";
import type { Ancestor, ClockMark, Commit, Lane } from "./store.ts";
import { TimeBook } from "./time-book.ts";
import type { TimeCorrection } from "./time-shift.ts";

/** Where the lanes stand: what the next row continues. */
export interface Heads {
  readonly events: number;
  readonly samples: number;
  readonly chain: string;
}

/** The only place that writes: one transaction at a time, heads moved when it is on disk and not before. */
export class LogWriter {
  readonly log: ChunkLog;
  readonly state: StateTable;
  readonly audit: AuditTable;
  readonly movements: MovementTable;
  readonly #db: Database.Database;
  readonly #rowsMax: number;
  #heads: Heads;
  #clock: ClockMark | undefined;
  #pending: boolean;
  readonly #times: TimeBook;

  constructor(db: Database.Database, rowsMax: number) {
    this.#db = db;
    this.#rowsMax = rowsMax;
    this.log = new ChunkLog(db);
    this.state = new StateTable(db);
    this.audit = new AuditTable(db);
    this.movements = new MovementTable(db);
    this.#heads = this.#readHeads();
    this.#pending = readPending(db).length > 0;
    this.#times = new TimeBook(db);
  }

  get heads(): Heads {
    return this.#heads;
  }

  /** Clock mark of the last commit of this process. */
  get clock(): ClockMark | undefined {
    return this.#clock;
  }

  head(lane: Lane): number {
    return this.#heads[lane];
  }

  /**
   * Makes the commit, and what `within` does on the same connection, durable together.
   * @throws as the database throws: nothing of it was kept.
   */
  write(commit: Commit, within: () => void = () => {}): void {
    const pending = this.#pending ? readPending(this.#db) : [];
    const { mono } = instantOf(commit);
    const times = this.#times.next(commit, this.#heads, mono);
    const told = times.event === undefined ? [] : [times.event];
    const events = [...told, ...atTimeOf(pending, commit), ...commit.events];
    const samples = packSamples(
      commit.samples,
      commit.clock,
      this.#heads.samples + 1,
      this.#rowsMax,
    );
    const { chain } = this.#heads;
    const packed = packEvents(events, commit.clock, this.#heads.events + 1, chain);
    const written = this.#transaction(() => {
      within();
      for (const chunk of packed) this.log.addEvents(chunk);
      for (const chunk of samples) this.log.addSamples(chunk, false);
      noteLosses(this.#db, events);
      this.state.write(commit.state);
      this.audit.append([
        ...told.flatMap((event) => auditOf(event) ?? []),
        ...(commit.audit ?? []),
      ]);
      this.movements.append(commit.movements ?? []);
      if (pending.length > 0) clearPending(this.#db);
      return this.#times.write(times);
    });
    this.#times.wrote(written, commit.clock, mono);
    this.#pending = false;
    this.#clock = commit.clock;
    this.#heads = {
      events: packed.at(-1)?.lastSeq ?? this.#heads.events,
      samples: samples.at(-1)?.lastSeq ?? this.#heads.samples,
      chain: packed.at(-1)?.chainAfter ?? chain,
    };
  }

  /** Several commits and more in one transaction. The heads follow when it is over, whichever way it ends. */
  together(writes: () => void): void {
    try {
      this.#transaction(writes);
    } finally {
      this.#heads = this.#readHeads();
      this.#pending = readPending(this.#db).length > 0;
      this.#times.reread();
    }
  }

  /** What was found out of the clock of boots, oldest first. */
  get corrections(): readonly TimeCorrection[] {
    return this.#times.corrections;
  }

  /** Carries what is known of the times of a boot further into the chunks. False: there is nothing to do. */
  correct(): boolean {
    if (!this.#times.isBehind) return false;
    this.together(() => this.#times.step());
    return true;
  }

  #transaction<Result>(body: () => Result): Result {
    return this.#db.inTransaction ? body() : this.#db.transaction(body).immediate();
  }

  #readHeads(): Heads {
    const { log } = this;
    return { events: log.head("events"), samples: log.head("samples"), chain: log.chain() };
  }
}

const ancestorsKey = "ancestors";

const ancestorsSchema = z.array(z.object({ epoch: z.string(), events: z.int(), samples: z.int() }));

/** As `Outbox.ancestors`. */
export function readAncestors(db: Database.Database): readonly Ancestor[] {
  return ancestorsSchema.parse(JSON.parse(readMeta(db, ancestorsKey) ?? "[]"));
}

/** Epochs before this one that are remembered: a hello names no more. */
const ancestorsKept = 8;

/** Newest first. */
export function writeAncestors(db: Database.Database, ancestors: readonly Ancestor[]): void {
  writeMeta(db, ancestorsKey, JSON.stringify(ancestors.slice(0, ancestorsKept)));
}
