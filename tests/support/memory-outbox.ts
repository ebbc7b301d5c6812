import type { Sample } from "../../drivers/contract.ts";
import type { AuditHead } from "../../gateway/audit/entry.ts";
import { genesis } from "../../gateway/store/chain.ts";
import { readSamples } from "../../gateway/store/chunk.ts";
import { packEvents, packSamples } from "../../gateway/store/packing.ts";
import { newestSamples } from "../../gateway/store/snapshot.ts";
import type {
  AgentOutbox,
  Ancestor,
  Chunk,
  ClockMark,
  GatewayEvent,
  Lane,
  StoreSnapshot,
} from "../../gateway/store/store.ts";

export const testClock: ClockMark = { boot: "boot-1", offsetMs: 1_000, quality: "synchronized" };

/** A log without a disk, packed by the store's own code. It can be pruned, damaged and born anew. */
export class MemoryOutbox implements AgentOutbox {
  epoch: string;
  #chunks: Chunk[] = [];
  #head: Record<Lane, number> = { events: 0, samples: 0 };
  #chain = genesis;

  constructor(epoch = "epoch-1") {
    this.epoch = epoch;
  }

  addSamples(samples: readonly Sample[], clock = testClock): void {
    for (const chunk of packSamples(samples, clock, this.#head.samples + 1, 5_000)) {
      this.#chunks.push({ lane: "samples", ...chunk });
      this.#head.samples = chunk.lastSeq;
    }
  }

  addEvents(events: readonly GatewayEvent[], clock = testClock): void {
    for (const chunk of packEvents(events, clock, this.#head.events + 1, this.#chain)) {
      this.#chunks.push({ lane: "events", ...chunk });
      this.#head.events = chunk.lastSeq;
      this.#chain = chunk.chainAfter;
    }
  }

  read(lane: Lane, afterSeq: number, rowsMax: number): readonly Chunk[] {
    const found: Chunk[] = [];
    let rows = 0;
    for (const chunk of this.#chunks) {
      if (chunk.lane !== lane || chunk.lastSeq <= afterSeq) continue;
      if (found.length > 0 && rows >= rowsMax) break;
      found.push(chunk);
      rows += chunk.lastSeq - chunk.firstSeq + 1;
    }
    return found;
  }

  head(lane: Lane): number {
    return this.#head[lane];
  }

  first(lane: Lane): number {
    return this.#chunks.find((it) => it.lane === lane)?.firstSeq ?? this.#head[lane] + 1;
  }

  #ancestors: readonly Ancestor[] = [];

  ancestors(): readonly Ancestor[] {
    return this.#ancestors;
  }

  /** The same rows go on under another epoch, as after a restore or on another machine. */
  renew(epoch: string): void {
    this.#ancestors = [{ epoch: this.epoch, ...this.#head }, ...this.#ancestors];
    this.epoch = epoch;
  }

  /** What the gateway saved of its alarms, by rule. */
  readonly alarms = new Map<string, unknown>();

  snapshot(afterSeq: number): StoreSnapshot {
    const heads = { ...this.#head };
    const read = (seq: number, rowsMax: number) => this.read("samples", seq, rowsMax);
    return {
      ...newestSamples(read, afterSeq, heads.samples),
      heads,
      alarms: new Map(this.alarms),
    };
  }

  fingerprint: string | undefined;
  wroteAt: number | undefined;

  machine(): string | undefined {
    return this.fingerprint;
  }

  aliveAt(): number | undefined {
    return this.wroteAt;
  }

  /** What the next batches say of the audit trail. */
  audit: AuditHead | undefined;

  auditHead(): AuditHead | undefined {
    return this.audit;
  }

  /** Whole chunks up to a row, as retention deletes them. */
  prune(lane: Lane, throughSeq: number): void {
    this.#chunks = this.#chunks.filter((it) => it.lane !== lane || it.lastSeq > throughSeq);
  }

  /** Leaves of a chunk only every so manieth row, the first among them, as the store thins. */
  thin(seq: number, every: number): void {
    this.#chunks = this.#chunks.map((chunk) => {
      const { firstSeq, lastSeq, clock, lane } = chunk;
      const isIt = lane === "samples" && seq >= firstSeq && seq <= lastSeq;
      if (!isIt || chunk.kept !== undefined) return chunk;
      const samples = readSamples(chunk);
      const kept = samples.flatMap((_, place) => (place % every === 0 ? [place] : []));
      const left = samples.filter((_, place) => place % every === 0);
      const [packed] = packSamples(left, clock, firstSeq, 5_000);
      return packed === undefined ? chunk : { ...chunk, ...packed, lane, lastSeq, kept };
    });
  }

  /** Flips one bit of the chunk that holds a row. */
  damage(lane: Lane, seq: number): void {
    this.#chunks = this.#chunks.map((chunk) => {
      if (chunk.lane !== lane || seq < chunk.firstSeq || seq > chunk.lastSeq) return chunk;
      const payload = Uint8Array.from(chunk.payload);
      payload[payload.length >> 1] = (payload[payload.length >> 1] ?? 0) ^ 1;
      return { ...chunk, payload };
    });
  }

  /** A new database: numbers start again. */
  reborn(epoch: string): void {
    this.epoch = epoch;
    // A database that goes on from none: with ancestors it would say that it begins with their rows.
    this.#ancestors = [];
    this.#chunks = [];
    this.#head = { events: 0, samples: 0 };
    this.#chain = genesis;
  }
}

/** Samples of some points every 10 s, with values that go up by 0.01. */
export function someSamples(count: number, at = Date.UTC(2026, 10, 20), points = 4): Sample[] {
  return Array.from({ length: count }, (_, index) => ({
    point: `room-${index % points}/temperature` as const,
    sampledAt: at + Math.floor(index / points) * 10_000,
    quality: "good" as const,
    value: Math.round(2_000 + index) / 100,
  }));
}

export function someEvents(count: number, at = Date.UTC(2026, 10, 20)): GatewayEvent[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: "audit" as const,
    at: at + index,
    mono: index,
    body: { action: "test", index },
  }));
}

export function alarmEvent(
  rule: string,
  to: string,
  at = Date.UTC(2026, 10, 20),
  more: Readonly<Record<string, unknown>> = {},
): GatewayEvent {
  const body = {
    alarm: `${rule}#1`,
    rule,
    from: "normal",
    to,
    at,
    cause: "violated",
    priority: "high",
    message: `${rule} is too warm`,
    point: "room-1/temperature",
    value: 9.5,
    ...more,
  };
  return { kind: "alarm", at, mono: at % 1_000_000, body };
}
