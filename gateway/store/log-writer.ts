import type Database from "better-sqlite3";
import { z } from "zod";
import { AuditTable } from "./audit-table.ts";
import { ChunkLog } from "./chunk-log.ts";
import { MovementTable } from "./movement-table.ts";
import { packEvents, packSamples } from "./packing.ts";
import { StateTable } from "./state-table.ts";
import type { Ancestor, ClockMark, Commit, GatewayEvent, Lane } from "./store.ts";

/** Where the lanes stand: what the next row continues. */
export interface Heads {
  readonly events: number;
  readonly samples: number;
  readonly chain: string;
}

/** Key of a gap that waits for the first commit, because only a commit brings the clock mark that an event needs. */
const pendingGapKey = "pending-gap";

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
  #pendingGap: boolean;

  constructor(db: Database.Database, rowsMax: number) {
    this.#db = db;
    this.#rowsMax = rowsMax;
    this.log = new ChunkLog(db);
    this.state = new StateTable(db);
    this.audit = new AuditTable(db);
    this.movements = new MovementTable(db);
    this.#heads = this.#readHeads();
    this.#pendingGap = readMeta(db, pendingGapKey) !== undefined;
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
    const gap = this.#pendingGap ? readMeta(this.#db, pendingGapKey) : undefined;
    const events = gap === undefined ? commit.events : [pendingGap(gap, commit), ...commit.events];
    const samples = packSamples(
      commit.samples,
      commit.clock,
      this.#heads.samples + 1,
      this.#rowsMax,
    );
    const { chain } = this.#heads;
    const packed = packEvents(events, commit.clock, this.#heads.events + 1, chain);
    this.#transaction(() => {
      within();
      for (const chunk of packed) this.log.addEvents(chunk);
      for (const chunk of samples) this.log.addSamples(chunk, false);
      this.state.write(commit.state);
      this.audit.append(commit.audit ?? []);
      this.movements.append(commit.movements ?? []);
      if (gap !== undefined) deleteMeta(this.#db, pendingGapKey);
    });
    this.#pendingGap = false;
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
      this.#pendingGap = readMeta(this.#db, pendingGapKey) !== undefined;
    }
  }

  #transaction(body: () => void): void {
    if (this.#db.inTransaction) body();
    else this.#db.transaction(body).immediate();
  }

  #readHeads(): Heads {
    const { log } = this;
    return { events: log.head("events"), samples: log.head("samples"), chain: log.chain() };
  }
}

/** Says in a database that was just born why it was; the first commit makes an event of it. */
export function leaveGap(db: Database.Database, body: Readonly<Record<string, unknown>>): void {
  writeMeta(db, pendingGapKey, JSON.stringify(body));
}

function pendingGap(text: string, commit: Commit): GatewayEvent {
  const { at, mono } = commit.events[0] ?? instantOf(commit);
  return { kind: "gap", at, mono, body: JSON.parse(text) };
}

/** A commit without events tells the time by its samples. */
function instantOf({ samples, clock }: Commit): { readonly at: number; readonly mono: number } {
  const at = samples.at(-1)?.sampledAt ?? 0;
  return { at, mono: at - clock.offsetMs };
}

export function readMeta(db: Database.Database, key: string): string | undefined {
  return db.prepare<[string], { value: string }>("SELECT value FROM meta WHERE key = ?").get(key)
    ?.value;
}

export function writeMeta(db: Database.Database, key: string, value: string): void {
  db.prepare<[string, string]>("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").run(
    key,
    value,
  );
}

const ancestorsKey = "ancestors";

const ancestorsSchema = z.array(z.object({ epoch: z.string(), events: z.int(), samples: z.int() }));

/** As `Outbox.ancestors`. */
export function readAncestors(db: Database.Database): readonly Ancestor[] {
  return ancestorsSchema.parse(JSON.parse(readMeta(db, ancestorsKey) ?? "[]"));
}

function deleteMeta(db: Database.Database, key: string): void {
  db.prepare<[string]>("DELETE FROM meta WHERE key = ?").run(key);
}
