import { createHash, type Hash } from "node:crypto";
import { z } from "zod";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { canonicalJson, chainEvent, genesis } from "../../gateway/store/chain.ts";
import { readEvents, readSamples } from "../../gateway/store/chunk.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import type { Chunk, Lane } from "../../gateway/store/store.ts";

/** What one side holds of the two lanes. Equal on both sides, or something was lost, doubled or changed. */
interface Holding {
  readonly epoch: string;
  readonly samples: LaneHolding;
  readonly events: LaneHolding;
}

interface LaneHolding {
  readonly rows: number;
  /** Over number and content of each row, in order. */
  readonly checksum: string;
  /** Numbers that do not follow the one before: a hole, a repetition. */
  readonly breaks: readonly number[];
}

export interface GatewayHolding extends Holding {
  /** Transitions of alarms: `alarm state`, and by rule how often it was raised and returned. */
  readonly transitions: ReadonlySet<string>;
  readonly raised: ReadonlyMap<string, number>;
  readonly returned: ReadonlyMap<string, number>;
  /** Readings of the device that are on record twice or in another order than they were made. */
  readonly repeatedReadings: number;
}

class LaneCheck {
  readonly #hash: Hash = createHash("sha256");
  readonly #breaks: number[] = [];
  #rows = 0;
  #last = 0;

  add(seq: number, content: readonly unknown[]): void {
    if (seq !== this.#last + 1) this.#breaks.push(seq);
    this.#last = seq;
    this.#rows += 1;
    this.#hash.update(`${seq} ${canonicalJson(content)}\n`);
  }

  result(): LaneHolding {
    return { rows: this.#rows, checksum: this.#hash.digest("hex"), breaks: this.#breaks };
  }
}

/** Chunks are read in portions of about so many rows. */
const portionRows = 20_000;

/** What the gateway committed, as its log says. */
export function holdingOfGateway(dataDir: string): GatewayHolding {
  using outbox = openOutbox(dataDir);
  const { epoch } = outbox;
  const samples = new LaneCheck();
  const newest = new Map<string, number>();
  let repeatedReadings = 0;
  for (const chunk of chunksOf(outbox, "samples")) {
    for (const [index, sample] of readSamples(chunk).entries()) {
      const value = sample.quality === "bad" ? null : sample.value;
      const reason = sample.quality === "good" ? null : (sample.reason ?? null);
      const seq = chunk.firstSeq + (chunk.kept?.[index] ?? index);
      samples.add(seq, [sample.point, sample.sampledAt, sample.quality, value, reason]);
      if (typeof value !== "number" || !sample.point.startsWith("rack/n")) continue;
      if (value <= (newest.get(sample.point) ?? 0)) repeatedReadings += 1;
      newest.set(sample.point, value);
    }
  }
  const events = new LaneCheck();
  const transitions = new Set<string>();
  const raised = new Map<string, number>();
  const returned = new Map<string, number>();
  let chain = genesis;
  for (const chunk of chunksOf(outbox, "events")) {
    for (const [index, event] of readEvents(chunk).entries()) {
      const seq = chunk.firstSeq + index;
      chain = chainEvent(chain, seq, event);
      events.add(seq, [event.kind, event.at, event.mono, event.body, chain]);
      if (event.kind !== "alarm") continue;
      const { alarm, rule, to } = transitionSchema.parse(event.body);
      transitions.add(`${alarm} ${to}`);
      const counted = to === "normal" ? returned : raised;
      counted.set(rule, (counted.get(rule) ?? 0) + 1);
    }
  }
  return {
    ...{ epoch, samples: samples.result(), events: events.result() },
    ...{ transitions, raised, returned, repeatedReadings },
  };
}

function* chunksOf(outbox: ReturnType<typeof openOutbox>, lane: Lane): Generator<Chunk> {
  for (let after = 0; ; ) {
    const chunks = outbox.read(lane, after, portionRows);
    yield* chunks;
    const last = chunks.at(-1)?.lastSeq;
    if (last === undefined) return;
    after = last;
  }
}

const transitionSchema = z.object({ alarm: z.string(), rule: z.string(), to: z.string() });

const sampleSchema = z.object({
  seq: z.number(),
  point: z.string(),
  at: z.number(),
  quality: z.number(),
  kind: z.enum(["n", "b", "t"]).nullable(),
  value: z.number().nullable(),
  text_value: z.string().nullable(),
  reason: z.string().nullable(),
});
const eventSchema = z.object({
  seq: z.number(),
  kind: z.string(),
  at: z.number(),
  mono: z.number(),
  body: z.record(z.string(), z.unknown()),
  chain: z.string(),
});

const qualities = ["good", "uncertain", "bad"];

/** What central has of one gateway, whatever epoch it is of: there must be one. */
export async function holdingOfCentral(database: Database): Promise<Holding> {
  const epochs = await database.query("SELECT string_agg(epoch, ' ') AS epoch FROM epoch");
  const samples = new LaneCheck();
  for (const row of await database.query(
    `SELECT seq::float8 AS seq, point, (extract(epoch FROM sampled_at) * 1000)::float8 AS at,
       quality::int AS quality, kind, value, text_value, reason FROM sample ORDER BY epoch_number, sample.seq`,
  )) {
    const sample = sampleSchema.parse(row);
    const { seq, point, at, quality, reason } = sample;
    samples.add(seq, [point, at, qualities[quality], storedValue(sample), reason]);
  }
  const events = new LaneCheck();
  for (const row of await database.query(
    `SELECT seq::float8 AS seq, kind, (extract(epoch FROM at) * 1000)::float8 AS at,
       mono_ms::float8 AS mono, body, chain FROM event ORDER BY epoch_number, event.seq`,
  )) {
    const { seq, kind, at, mono, body, chain } = eventSchema.parse(row);
    events.add(seq, [kind, at, mono, body, chain]);
  }
  const epoch = String(epochs[0]?.["epoch"]);
  return { epoch, samples: samples.result(), events: events.result() };
}

function storedValue({ kind, value, text_value }: z.infer<typeof sampleSchema>) {
  if (kind === "t") return text_value;
  return kind === "b" ? value === 1 : value;
}

/** What central keeps where something went wrong: all of it must be empty. */
export async function complaintsOf(database: Database): Promise<readonly unknown[]> {
  const tables = ["gap", "reject", "conflict"];
  const found = await Promise.all(tables.map((table) => database.query(`SELECT * FROM ${table}`)));
  const open = await database.query("SELECT rule, state FROM alarm WHERE state <> 'normal'");
  return [...found.flat(), ...open];
}
