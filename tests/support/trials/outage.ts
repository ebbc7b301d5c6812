import { join } from "node:path";
import Database from "better-sqlite3";
import type { Clock } from "../../../drivers/contract.ts";
import { readSamples } from "../../../gateway/store/chunk.ts";
import { type DurableStore, openStore } from "../../../gateway/store/open-store.ts";
import { memoryLog } from "../manual-clock.ts";
import { sensorWalk } from "./sensor-walk.ts";
import { gatewayId } from "./trial-site.ts";

const points = 200;
const everyMs = 10_000;

/** What the upkeep does now and then, in flushes. */
const upkeep = { merge: 5, prune: 30 };

/** Rows by number and value: another number, or another value, is another sum. */
export interface Checksum {
  rows: number;
  values: number;
  weighed: number;
}

/** By the hundredth of a value; the same in SQL is `checksumSql`. */
function add(sum: Checksum, seq: number, value: number): void {
  const hundredths = Math.round(value * 100);
  sum.rows += 1;
  sum.values += hundredths;
  sum.weighed += hundredths * (seq % 1_009);
}

export const checksumSql = `count(*)::float8 AS rows, coalesce(sum(round(value * 100)), 0)::float8 AS values,
  coalesce(sum(round(value * 100) * (seq % 1009)), 0)::float8 AS weighed`;

/** A gateway's store in which days pass as fast as it can write: 200 points every 10 s, one commit for each round. */
export class Outage implements Disposable {
  readonly #dir: string;
  #ms: number;
  readonly #next = sensorWalk(points);
  #store: DurableStore;
  readonly #clock: Clock;

  constructor(dir: string, startAt: number) {
    this.#dir = dir;
    this.#ms = startAt;
    const now = () => this.#ms;
    this.#clock = { now, monotonicMs: now, sleep: () => Promise.resolve() };
    this.#store = this.#open(Number.MAX_SAFE_INTEGER);
  }

  get store(): DurableStore {
    return this.#store;
  }

  #open(sizeBytesMax: number): DurableStore {
    const limits = { sizeBytesMax, ballastBytes: 65_536, freeBytesMin: 0 };
    const { log } = memoryLog();
    return openStore({ dir: this.#dir, gatewayId, clock: this.#clock, log, limits }).store;
  }

  /** Bytes of the database that hold something: what the size of a store is about. */
  usedBytes(): number {
    const db = new Database(join(this.#dir, "gateway.db"), { readonly: true });
    const read = (pragma: string) => Number(db.pragma(pragma, { simple: true }));
    const used = (read("page_count") - read("freelist_count")) * read("page_size");
    db.close();
    return used;
  }

  /** Another size of the store from now on, and what the upkeep does about it first. */
  limit(sizeBytesMax: number): void {
    this.#store[Symbol.dispose]();
    this.#store = this.#open(sizeBytesMax);
    this.#store.prune(this.#ms);
  }

  /** Lets time pass. What was written in it, of which the store may have lost something since. */
  pass(ms: number): Checksum {
    const written = { rows: 0, values: 0, weighed: 0 };
    const store = this.#store;
    for (let flush = 1; flush <= ms / everyMs; flush += 1) {
      this.#ms += everyMs;
      const samples = this.#next(this.#ms);
      const head = store.outbox.head("samples");
      const clock = { boot: "boot-1", offsetMs: 0, quality: "synchronized" } as const;
      store.commit({ clock, samples, events: [], state: new Map() });
      for (const [row, sample] of samples.entries()) {
        if (sample.quality === "good") add(written, head + row + 1, Number(sample.value));
      }
      if (flush % upkeep.merge === 0) store.merge();
      if (flush % upkeep.prune === 0) store.prune(this.#ms);
    }
    return written;
  }

  /** What the store has under higher numbers. */
  left(afterSeq: number): Checksum {
    const found = { rows: 0, values: 0, weighed: 0 };
    for (const chunk of this.#store.outbox.read("samples", afterSeq, 1e9)) {
      for (const [row, sample] of readSamples(chunk).entries()) {
        const seq = chunk.firstSeq + (chunk.kept?.[row] ?? row);
        if (seq > afterSeq && sample.quality === "good") add(found, seq, Number(sample.value));
      }
    }
    return found;
  }

  [Symbol.dispose](): void {
    this.#store[Symbol.dispose]();
  }
}
