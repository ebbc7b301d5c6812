import { genesis } from "../../gateway/store/chain.ts";
import { packEvents, packSamples } from "../../gateway/store/packing.ts";
import { newestSamples } from "../../gateway/store/snapshot.ts";
import type {
  AgentOutbox,
  Ancestor,
  Chunk,
  GatewayEvent,
  StoreSnapshot,
} from "../../gateway/store/store.ts";
import { type Disk, type Entry, first, head } from "./gateway.ts";
import type { ClockMark, Correction, Lane, Row } from "./words.ts";

/** The model's tick 0, milliseconds since 1970; a tick is a second. */
const startMs = Date.UTC(2026, 10, 22);

export const atMs = (ticks: number): number => startMs + ticks * 1_000;

/** A disk of the model as the real agent reads one. What the row really is stands in its value. */
export class Card implements AgentOutbox {
  readonly #disk: () => Disk;

  constructor(disk: () => Disk) {
    this.#disk = disk;
  }

  get epoch(): string {
    return this.#disk().epoch;
  }

  read(lane: Lane, afterSeq: number, rowsMax: number): readonly Chunk[] {
    const found: Chunk[] = [];
    let rows = 0;
    for (const chunk of lane === "events" ? this.#events() : this.#samples()) {
      if (chunk.lastSeq <= afterSeq) continue;
      if (found.length > 0 && rows >= rowsMax) break;
      found.push(chunk);
      rows += chunk.lastSeq - chunk.firstSeq + 1;
    }
    return found;
  }

  head(lane: Lane): number {
    return head(this.#disk(), lane);
  }

  first(lane: Lane): number {
    return first(this.#disk(), lane);
  }

  ancestors(): readonly Ancestor[] {
    return this.#disk().ancestors;
  }

  auditHead(): undefined {
    return undefined;
  }

  machine(): string {
    return `machine-${this.#disk().machine}`;
  }

  aliveAt(): undefined {
    return undefined;
  }

  snapshot(afterSeq: number): StoreSnapshot {
    const heads = { events: this.head("events"), samples: this.head("samples") };
    const read = (seq: number, rowsMax: number) => this.read("samples", seq, rowsMax);
    return { ...newestSamples(read, afterSeq, heads.samples), heads, alarms: new Map() };
  }

  #events(): readonly Chunk[] {
    let chain = genesis;
    const chunks: Chunk[] = [];
    for (const { row, state } of this.#disk().log.events) {
      for (const chunk of packEvents([eventOf(row)], clockOf(row.clock), row.seq, chain)) {
        chain = chunk.chainAfter;
        if (state !== "gone") chunks.push(damagedIf(state, { lane: "events", ...chunk }));
      }
    }
    return chunks;
  }

  /** One chunk a row; numbers that were thinned out behind it are its own. */
  #samples(): readonly Chunk[] {
    const chunks: Chunk[] = [];
    for (const { row, state } of this.#disk().log.samples) {
      if (state === "gone") continue;
      const last = chunks.at(-1);
      if (state === "thinned" && last?.lastSeq === row.seq - 1) {
        chunks[chunks.length - 1] = { ...last, lastSeq: row.seq, kept: [0] };
        continue;
      }
      if (state === "thinned") continue;
      for (const chunk of packSamples([sampleOf(row)], clockOf(row.clock), row.seq, 1)) {
        chunks.push(damagedIf(state, { lane: "samples", ...chunk }));
      }
    }
    return chunks;
  }
}

function damagedIf(state: Entry["state"], chunk: Chunk): Chunk {
  if (state !== "damaged") return chunk;
  const payload = Uint8Array.from(chunk.payload);
  payload[payload.length >> 1] = (payload[payload.length >> 1] ?? 0) ^ 1;
  return { ...chunk, payload };
}

const clockOf = ({ boot, offset, synchronized }: ClockMark) => ({
  boot: `boot-${boot}`,
  offsetMs: atMs(offset),
  quality: synchronized ? ("synchronized" as const) : ("unsynchronized" as const),
});

const sampleOf = ({ content, at }: Row) => ({
  point: "room-1/temperature" as const,
  sampledAt: atMs(at),
  quality: "good" as const,
  value: content,
});

function eventOf({ content, seq, at, clock, corrects }: Row): GatewayEvent {
  const body = { value: content, ...(corrects && { correction: correctionOf(corrects, seq) }) };
  const mono = (at - clock.offset) * 1_000;
  return { kind: corrects === undefined ? "audit" : "clock", at: atMs(at), mono, body };
}

const correctionOf = ({ boot, offset, samples }: Correction, seq: number) => ({
  ...{ boot: `boot-${boot}`, offsetMs: atMs(offset) },
  rows: { events: [1, seq - 1], samples: [1, samples] },
});
