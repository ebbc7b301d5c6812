import { join } from "node:path";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Agent } from "../../cloud-sync/agent.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion, pack } from "../../cloud-sync/portion.ts";
import { Progress } from "../../cloud-sync/progress.ts";
import { HttpUplink } from "../../cloud-sync/uplinks/http.ts";
import type { Uplink } from "../../cloud-sync/uplinks/uplink.ts";
import { syncText } from "../../config/language/sync.ts";
import type { Clock } from "../../drivers/contract.ts";
import { Secret } from "../../drivers/secret.ts";
import { type Lane, lanes } from "../../gateway/store/store.ts";
import { type Fault, faultyAdapter, jsonOf, type Network } from "./faulty-central.ts";
import { memoryLog } from "./manual-clock.ts";
import { MemoryOutbox } from "./memory-outbox.ts";

/** A clock that stands until a step asks to wait. */
export class StepClock implements Clock {
  ms = Date.UTC(2026, 10, 22);
  now = () => this.ms;
  monotonicMs = () => this.ms;
  sleep = async (ms: number) => {
    this.ms += ms;
  };
}

/** Rows of so long before are history, which goes behind a snapshot. */
const historyMs = 3_600_000;

const token = "a-token-of-this-test";

export type Command = Readonly<{ do: string; n: number }>;

/** The central that all worlds of a test report to. */
export interface Site {
  readonly database: Database;
  readonly app: FastifyInstance;
  /** For the agents' files. */
  readonly dir: string;
  /** Another road than HTTP. */
  readonly uplinkOf?: (gateway: string, token: string, network: Network) => Uplink;
}

/** One gateway, its agent, and what central must have in the end. */
export class World {
  readonly #site: Site;
  readonly id: string;
  readonly outbox = new MemoryOutbox("epoch-1");
  readonly #clock = new StepClock();
  readonly #queue: Fault[];
  readonly #mutant: Partial<Network>;
  /** Rows that may be gaps: pruned or damaged while central did not have them for good. */
  readonly #excused = new Set<string>();
  readonly #confirmed = new Map<string, number>();
  #epochs = 1;
  /** The cursors at the last look. */
  #standing = "0,0";
  /** Counts the databases; numbers, and the values that are made of them, are unique within one. */
  #life = 1;
  readonly #lives = new Map([["epoch-1", 1]]);
  #files = 0;
  #progress: Progress;
  #agent: Agent;

  constructor(site: Site, id: string, drawn: readonly Fault[], mutant: Partial<Network>) {
    this.#site = site;
    this.id = id;
    this.#queue = [...drawn];
    this.#mutant = mutant;
    this.#progress = this.#newProgress();
    this.#agent = this.#newAgent();
  }

  async run(commands: readonly Command[]): Promise<void> {
    await addGateway(this.#site.database, this.id, `${token}-${this.id}`);
    for (const it of commands) await this.#do(it);
    this.#queue.length = 0;
    await this.#settle();
    // Past the next greeting, by which an idle agent learns that central was restored.
    this.#clock.ms += 61_000;
    await this.#settle();
    for (const lane of lanes) await this.#check(lane);
    this.#progress[Symbol.dispose]();
  }

  async #do({ do: what, n }: Command): Promise<void> {
    const { outbox } = this;
    if (what === "samples") outbox.addSamples(this.#rows(n));
    if (what === "events") outbox.addEvents(this.#events(n));
    if (what === "steps") for (let step = 0; step < n; step += 1) await this.#step();
    if (what === "restart") this.#agent = this.#newAgent();
    if (what === "lose cursor.db") {
      this.#progress[Symbol.dispose]();
      this.#progress = this.#newProgress();
      this.#agent = this.#newAgent();
    }
    if (what === "prune") for (const lane of lanes) this.#prune(lane);
    if (what === "rebirth") {
      this.#life += 1;
      outbox.reborn(this.#nextEpoch());
    }
    if (what === "renew") outbox.renew(this.#nextEpoch());
    if (what === "thin") this.#thin(n);
    if (what === "history") outbox.addSamples(this.#rows(n, historyMs));
    if (what === "wait") this.#clock.ms += n * 1_000;
    if (what === "restore central") await this.#restore(n);
    if (what === "damage") this.#damage(n);
  }

  #nextEpoch(): string {
    this.#epochs += 1;
    const epoch = `epoch-${this.#epochs}`;
    this.#lives.set(epoch, this.#life);
    return epoch;
  }

  async #settle(): Promise<void> {
    await this.#step();
    for (let step = 0; step < 200 && !this.#agent.drained; step += 1) await this.#step();
  }

  async #step(): Promise<void> {
    await this.#clock.sleep(await this.#agent.step(new AbortController().signal));
    await this.#watchMarks();
  }

  /** The cursor never stands where central never was: what is below it may be pruned. */
  async #watchMarks(): Promise<void> {
    const standing = lanes.map((lane) => this.#progress.cursor(lane, this.outbox.epoch)).join();
    if (standing === this.#standing) return;
    this.#standing = standing;
    const rows = await this.#site.database.query(
      `SELECT e.epoch, m.lane, m.seq FROM mark m JOIN epoch e USING (gateway, epoch_number)
       WHERE gateway = $1`,
      [this.id],
    );
    for (const row of rows) {
      const { epoch, lane, seq } = standingRow.parse(row);
      const key = `${lane}/${epoch}`;
      this.#confirmed.set(key, Math.max(seq, this.#confirmed.get(key) ?? 0));
    }
    const { epoch } = this.outbox;
    for (const lane of lanes) {
      const confirmed = this.#confirmed.get(`${lane}/${epoch}`) ?? 0;
      const cursor = this.#progress.cursor(lane, epoch) ?? 0;
      if (cursor > confirmed) throw new Error(`cursor ${cursor} of ${lane}, central ${confirmed}`);
    }
  }

  #rows(n: number, ageMs = 0) {
    const head = this.outbox.head("samples");
    return Array.from({ length: n }, (_, index) => ({
      point: `device/p${index % 2}` as const,
      sampledAt: this.#clock.ms - ageMs + index,
      quality: "good" as const,
      value: this.#life * 1_000_000 + head + index + 1,
    }));
  }

  #events(n: number) {
    const head = this.outbox.head("events");
    return Array.from({ length: n }, (_, index) => ({
      kind: "audit" as const,
      at: this.#clock.ms + index,
      mono: index,
      body: { value: this.#life * 1_000_000 + head + index + 1 },
    }));
  }

  /** As the store does it: what central confirmed, by the agent's cursor. */
  #prune(lane: Lane): void {
    const cursor = this.#progress.cursor(lane, this.outbox.epoch) ?? 0;
    for (let seq = 1; seq <= cursor; seq += 1) this.#excuse(lane, seq);
    this.outbox.prune(lane, cursor);
  }

  #damage(seq: number): void {
    const [chunk] = this.outbox.read("samples", seq - 1, 1);
    if (chunk === undefined) return;
    for (let it = chunk.firstSeq; it <= chunk.lastSeq; it += 1) this.#excuse("samples", it);
    this.outbox.damage("samples", seq);
  }

  #thin(seq: number): void {
    const [chunk] = this.outbox.read("samples", seq - 1, 1);
    if (chunk === undefined || chunk.kept !== undefined) return;
    for (let it = chunk.firstSeq; it <= chunk.lastSeq; it += 1) {
      if ((it - chunk.firstSeq) % 2 === 1) this.#excuse("samples", it);
    }
    try {
      this.outbox.thin(seq, 2);
    } catch {
      // A damaged chunk is not thinned.
    }
  }

  #excuse(lane: Lane, seq: number): void {
    this.#excused.add(`${lane}/${this.#life}/${seq}`);
  }

  /** Central as it was some rows ago. */
  async #restore(rows: number): Promise<void> {
    const marks = await this.#site.database.query(
      `SELECT m.epoch_number, m.lane, m.seq, e.begin_chain,
         CASE m.lane WHEN 'events' THEN e.begin_events ELSE e.begin_samples END::float8 AS begin
       FROM mark m JOIN epoch e USING (gateway, epoch_number) WHERE gateway = $1 AND e.fenced_at IS NULL`,
      [this.id],
    );
    for (const mark of marks) {
      const { epoch_number, lane, seq, begin, begin_chain } = markRow.parse(mark);
      const kept = Math.max(begin, seq - rows);
      const of = [this.id, epoch_number, kept];
      const table = lane === "events" ? "event" : "sample";
      await this.#site.database.query(
        `DELETE FROM ${table} WHERE gateway = $1 AND epoch_number = $2 AND seq > $3`,
        of,
      );
      const inLane = "gateway = $1 AND epoch_number = $2 AND lane = $4";
      await this.#site.database.query(`DELETE FROM gap WHERE ${inLane} AND last_seq > $3`, [
        ...of,
        lane,
      ]);
      await this.#site.database.query(`DELETE FROM block WHERE ${inLane} AND first_seq > $3`, [
        ...of,
        lane,
      ]);
      const [before] = await this.#site.database.query(
        "SELECT chain FROM event WHERE gateway = $1 AND epoch_number = $2 AND seq = $3",
        of,
      );
      const { chain } = chainRow.parse(before ?? { chain: begin_chain });
      await this.#site.database.query(`UPDATE mark SET seq = $3, chain = $5 WHERE ${inLane}`, [
        ...of,
        lane,
        lane === "events" ? chain : null,
      ]);
    }
  }

  /** Every number once or excused, none twice, each with its own content. */
  async #check(lane: Lane): Promise<void> {
    const rows = await this.#site.database.query(
      lane === "samples"
        ? `SELECT e.epoch, s.seq::int AS seq, s.value FROM sample s JOIN epoch e USING (gateway, epoch_number)
           WHERE gateway = $1 ORDER BY 1, 2`
        : `SELECT e.epoch, s.seq::int AS seq, (s.body->>'value')::float8 AS value
           FROM event s JOIN epoch e USING (gateway, epoch_number) WHERE gateway = $1 ORDER BY 1, 2`,
      [this.id],
    );
    const seen = new Set<string>();
    for (const row of rows) {
      const { epoch, seq, value } = storedRow.parse(row);
      const life = this.#lives.get(epoch) ?? 0;
      const key = `${lane}/${life}/${seq}`;
      if (seen.has(key)) throw new Error(`${key} is stored twice`);
      if (value !== life * 1_000_000 + seq) throw new Error(`${key} holds ${value}`);
      seen.add(key);
    }
    const { epoch } = this.outbox;
    for (let seq = 1; seq <= this.outbox.head(lane); seq += 1) {
      const key = `${lane}/${this.#life}/${seq}`;
      if (!seen.has(key) && !this.#excused.has(key)) throw new Error(`${key} is missing`);
    }
    const cursor = this.#progress.cursor(lane, epoch) ?? 0;
    if (cursor !== this.outbox.head(lane)) throw new Error(`${lane} stands at ${cursor}`);
  }

  #newProgress(): Progress {
    this.#files += 1;
    return new Progress(join(this.#site.dir, `${this.id}-${this.#files}`), syncText.en);
  }

  #newAgent(): Agent {
    const { outbox, id } = this;
    const network: Network = {
      nextFault: () => this.#queue.shift() ?? "ok",
      cut: (body) => this.#cut(body),
      ...this.#mutant,
    };
    const secret = `${token}-${id}`;
    const text = syncText.en;
    return new Agent({
      gatewayId: id,
      outbox,
      uplink: this.#site.uplinkOf?.(id, secret, network) ?? this.#overHttp(secret, network),
      progress: this.#progress,
      clock: this.#clock,
      log: memoryLog().log,
      text,
      random: () => 0.5,
    });
  }

  #overHttp(secret: string, network: Network): Uplink {
    return new HttpUplink({
      central: "http://central.test",
      gatewayId: this.id,
      credentials: new Secret(secret),
      text: syncText.en,
      adapter: faultyAdapter(this.#site.app, network),
    });
  }

  #cut(body: Buffer): Buffer {
    const batch = batchHead.safeParse(readJson(body)).data;
    if (batch === undefined) return body;
    const { epoch, lane, firstSeq, lastSeq } = batch;
    const rowsMax = Math.max(1, Math.floor((lastSeq - firstSeq + 1) / 2));
    const of = { gateway: this.id, epoch, lane, cursor: firstSeq - 1, rowsMax };
    const portion = nextPortion(this.outbox, of);
    return portion?.kind === "batch" ? Buffer.from(pack(portion.batch) ?? body) : body;
  }
}

const markRow = z.object({
  epoch_number: z.number(),
  lane: z.enum(lanes),
  seq: z.number(),
  begin: z.number(),
  begin_chain: z.string().nullable(),
});
const standingRow = z.object({ epoch: z.string(), lane: z.enum(lanes), seq: z.number() });
const chainRow = z.object({ chain: z.string().nullable() });
const storedRow = z.object({ epoch: z.string(), seq: z.number(), value: z.number() });
export const batchHead = z.object({
  epoch: z.string(),
  lane: z.enum(lanes),
  firstSeq: z.number(),
  lastSeq: z.number(),
});

export function readJson(body: Buffer): unknown {
  try {
    return jsonOf(body);
  } catch {
    return undefined;
  }
}
