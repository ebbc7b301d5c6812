import { join } from "node:path";
import { type AxiosAdapter, AxiosError, AxiosHeaders } from "axios";
import type { FastifyInstance } from "fastify";
import { z } from "zod";
import { Agent } from "../../cloud-sync/agent.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { Progress } from "../../cloud-sync/progress.ts";
import { HttpUplink } from "../../cloud-sync/uplinks/http.ts";
import { syncText } from "../../config/language/sync.ts";
import { Secret } from "../../drivers/secret.ts";
import type { Reply as HttpReply, Question } from "../support/faulty-central.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { StepClock } from "../support/sync-world.ts";
import { cursor, giveUp, receive } from "./agent.ts";
import { atMs, Card } from "./card.ts";
import { handle, shown } from "./central.ts";
import { checkEnd, checkStep } from "./judge.ts";
import { replyOf, requestOf } from "./wire.ts";
import { lanes, type Reply, type Request, sound } from "./words.ts";
import { act, type Command, newWorld, sends } from "./world.ts";

/** What happens to one request of the real agent. */
const fates = ["well", "well", "well", "lost", "late", "no answer", "twice", "swapped"] as const;
type Fate = (typeof fates)[number];

interface RealSite {
  progress: Progress;
  agent: Agent;
  /** The model's agent of the same life. */
  of: unknown;
  readonly clock: StepClock;
}

interface Late {
  readonly question: Question;
  readonly request: Request;
}

export interface RealCentral {
  readonly database: Database;
  readonly app: FastifyInstance;
  readonly dir: string;
}

/** The product's central takes the first row of an epoch without a hello too, as from an older agent. */
const product = { ...sound, firstRowWaits: false };

/** Steps enough for some dozen rows, hellos and snapshots between them. */
const stepsMax = 120;

/** The real agent and the real central, with the model beside them: after each step both stand alike. */
export class RealWorld {
  readonly #central: RealCentral;
  readonly #id: string;
  readonly #model = newWorld();
  readonly #sites: RealSite[] = [];
  readonly #late: Late[] = [];
  readonly #replies: { readonly real: HttpReply; readonly model: Reply }[] = [];
  #fate: Fate = "well";
  #files = 0;
  #backup: ReadonlyMap<string, string> | undefined;
  /** What went wrong on the wire, which an agent would take for a fault of the network. */
  #wrong: unknown;

  constructor(central: RealCentral, id: string) {
    this.#central = central;
    this.#id = id;
  }

  async play(commands: readonly Command[]): Promise<void> {
    await addGateway(this.#central.database, this.#id, `token-of-${this.#id}`);
    this.#follow();
    for (const command of commands) {
      await this.#act(command);
      await this.#compare();
    }
    await this.#settle();
    for (const { progress } of this.#sites) progress[Symbol.dispose]();
  }

  async #act(command: Command): Promise<void> {
    const { do: what, n } = command;
    if (what === "exchange") {
      const at = n % this.#sites.length;
      return this.#step(at, fates[Math.floor(n / this.#sites.length) % fates.length] ?? "well");
    }
    if (what === "deliver") {
      const [letter] = this.#late.splice(n % Math.max(1, this.#late.length), 1);
      if (letter !== undefined) await this.#ask(letter.question, letter.request);
      return;
    }
    if (!act(this.#model, command, sound)) return;
    if (what === "back up central") this.#backup = await this.#copyCentral();
    if (what === "restore central" && this.#backup !== undefined) await this.#restore(this.#backup);
    this.#follow();
  }

  /** Machines and lives of agents as the model has them now. */
  #follow(): void {
    for (const [index, site] of this.#model.sites.entries()) {
      const real = this.#sites[index];
      if (real?.of === site.agent) continue;
      real?.progress[Symbol.dispose]();
      const progress = this.#newProgress();
      for (const [epoch, marks] of Object.entries(site.cursors)) {
        for (const lane of lanes) progress.moveCursor(lane, epoch, marks[lane], 0);
      }
      const clock = real?.clock ?? new StepClock();
      const agent = this.#newAgent(index, progress, clock);
      this.#sites[index] = { progress, agent, of: site.agent, clock };
    }
  }

  async #step(index: number, fate: Fate): Promise<void> {
    const real = this.#sites[index];
    const site = this.#model.sites[index];
    if (real === undefined || site === undefined) return;
    this.#fate = fate;
    const waitMs = await real.agent.step(new AbortController().signal);
    if (this.#wrong !== undefined) throw this.#wrong;
    await real.clock.sleep(waitMs);
    checkStep(this.#model);
    for (const lane of lanes) {
      const { epoch } = site.disk;
      const [ours, model] = [real.progress.cursor(lane, epoch), cursor(site.cursors, epoch, lane)];
      if (ours !== model) throw new Error(`cursor of ${lane} is ${ours}, the model's ${model}`);
    }
  }

  /** The agent's wire: central gets what it asks, the model's central the same, and both must answer alike. */
  #adapter(index: number): AxiosAdapter {
    return async (config) => {
      const broken = () => new AxiosError("socket hang up", "ECONNRESET", config);
      const site = this.#model.sites[index];
      if (site === undefined) throw broken();
      const headers = Object.entries(AxiosHeaders.from(config.headers).toJSON());
      const question: Question = {
        method: config.method === "post" ? "POST" : "GET",
        url: config.url ?? "",
        headers: Object.fromEntries(headers.map(([key, value]) => [key, String(value)])),
        body: Buffer.isBuffer(config.data) ? config.data : undefined,
      };
      try {
        const request = requestOf(question, site);
        sends(this.#model, index, request);
        this.#model.network.requests.length = 0;
        const answer = await this.#travel(question, request);
        if (answer === undefined) giveUp(site.agent);
        else receive(site.agent, site.disk, site.cursors, answer.model, sound);
        if (answer === undefined) throw broken();
        const { status, body } = answer.real;
        return { data: body, status, statusText: "", headers: {}, config, request: undefined };
      } catch (error) {
        if (!(error instanceof AxiosError)) this.#wrong = error;
        throw error;
      }
    };
  }

  async #travel(question: Question, request: Request) {
    const fate = this.#fate;
    if (fate === "late") this.#late.push({ question, request });
    if (fate === "late" || fate === "lost") return undefined;
    const answer = await this.#ask(question, request);
    if (fate === "twice") await this.#ask(question, request);
    const other = this.#replies.at(-2);
    this.#replies.push(answer);
    if (fate === "no answer") return undefined;
    return fate === "swapped" ? (other ?? answer) : answer;
  }

  async #ask(question: Question, request: Request) {
    const { method, url, headers, body } = question;
    const payload = body === undefined ? {} : { payload: body };
    const response = await this.#central.app.inject({ method, url, headers, ...payload });
    const real = { status: response.statusCode, body: response.body };
    const model = handle(this.#model.central, request, product);
    for (const { epoch, marks } of this.#model.central.epochs) {
      for (const lane of lanes) {
        const key = `${epoch}/${lane}`;
        const most = this.#model.truth.marks[key] ?? 0;
        this.#model.truth.marks[key] = Math.max(most, marks[lane]);
      }
    }
    same(`answer to ${JSON.stringify(request)}`, replyOf(question, real), model);
    return { real, model };
  }

  /** Epochs, marks, rows and what is missing, at central and at the model's. */
  async #compare(): Promise<void> {
    const { central } = this.#model;
    const of = [this.#id];
    const query = (sql: string) => this.#central.database.query(sql, of);
    const epochs = await query(
      `SELECT e.epoch, e.fenced_at IS NOT NULL AS fenced,
         coalesce((SELECT seq FROM mark m WHERE m.gateway = e.gateway AND m.epoch_number = e.epoch_number
           AND lane = 'events'), 0)::int AS events,
         coalesce((SELECT seq FROM mark m WHERE m.gateway = e.gateway AND m.epoch_number = e.epoch_number
           AND lane = 'samples'), 0)::int AS samples
       FROM epoch e WHERE gateway = $1 ORDER BY epoch_number`,
    );
    const ours = central.epochs.map(({ epoch, fenced, marks }) => ({ epoch, fenced, ...marks }));
    same("epochs", epochs, ours);
    const rows = await query(
      `SELECT epoch_number AS number, 'samples' AS lane, seq::int AS seq, value::int AS content,
         extract(epoch FROM sampled_at)::float8 * 1000 AS at FROM sample WHERE gateway = $1
       UNION ALL
       SELECT epoch_number, 'events', seq::int, (body->>'value')::int, extract(epoch FROM at)::float8 * 1000
       FROM event WHERE gateway = $1 ORDER BY 1, 2, 3`,
    );
    const stored = central.rows.map((row) => {
      const { number, lane, seq, content } = row;
      return { number, lane, seq, content, at: atMs(shown(central, row, sound).at) };
    });
    const key = (it: { number: number; lane: string; seq: number }) =>
      it.number * 1e6 + (it.lane === "events" ? 0 : 1e5) + it.seq;
    same(
      "rows",
      rows,
      stored.sort((left, right) => key(left) - key(right)),
    );
  }

  async #settle(): Promise<void> {
    for (const { question, request } of this.#late.splice(0)) await this.#ask(question, request);
    for (let pass = 0; pass < 2; pass += 1) {
      for (const [index, real] of this.#sites.entries()) {
        // Past the next hello.
        real.clock.ms += 61_000;
        for (let step = 0; step < stepsMax; step += 1) {
          await this.#step(index, "well");
          if (step > 2 && (real.agent.drained || this.#model.sites[index]?.agent.stopped)) break;
        }
      }
    }
    await this.#compare();
    checkEnd(this.#model, sound);
  }

  /** What central has of this gateway, table by table. */
  async #copyCentral(): Promise<ReadonlyMap<string, string>> {
    const { database } = this.#central;
    const tables = await database.query(
      `SELECT c.relname AS name FROM pg_class c JOIN pg_namespace s ON s.oid = c.relnamespace
       JOIN pg_attribute a ON a.attrelid = c.oid AND a.attname = 'gateway' AND NOT a.attisdropped
       WHERE s.nspname = 'public' AND c.relkind IN ('r', 'p') AND NOT c.relispartition`,
    );
    const copy = new Map<string, string>();
    for (const { name } of z.array(z.object({ name: z.string() })).parse(tables)) {
      const [row] = await database.query(
        `SELECT coalesce(jsonb_agg(to_jsonb(t)), '[]')::text AS rows FROM "${name}" t WHERE gateway = $1`,
        [this.#id],
      );
      copy.set(name, z.object({ rows: z.string() }).parse(row).rows);
    }
    return copy;
  }

  async #restore(copy: ReadonlyMap<string, string>): Promise<void> {
    await this.#central.database.transaction(async (queries) => {
      await queries.query("SET LOCAL session_replication_role = replica");
      for (const [name, rows] of copy) {
        await queries.query(`DELETE FROM "${name}" WHERE gateway = $1`, [this.#id]);
        await queries.query(
          `INSERT INTO "${name}" SELECT * FROM jsonb_populate_recordset(NULL::public."${name}", $1::jsonb)`,
          [rows],
        );
      }
    });
  }

  #newProgress(): Progress {
    this.#files += 1;
    return new Progress(join(this.#central.dir, `${this.#id}-${this.#files}`), syncText.en);
  }

  #newAgent(index: number, progress: Progress, clock: StepClock): Agent {
    const outbox = new Card(() => {
      const site = this.#model.sites[index];
      if (site === undefined) throw new Error(`no machine ${index}`);
      return site.disk;
    });
    const text = syncText.en;
    const uplink = new HttpUplink({
      central: "http://central.test",
      gatewayId: this.#id,
      credentials: new Secret(`token-of-${this.#id}`),
      text,
      adapter: this.#adapter(index),
    });
    const { log } = memoryLog();
    return new Agent({
      ...{ gatewayId: this.#id, outbox, uplink, progress, clock, log, text },
      random: () => 0.5,
    });
  }
}

function same(what: string, real: unknown, model: unknown): void {
  const [ours, theirs] = [canonical(real), canonical(model)];
  if (ours !== theirs) throw new Error(`${what}: real ${ours}, model ${theirs}`);
}

function canonical(it: unknown): string {
  return JSON.stringify(it, (_, value: unknown) =>
    typeof value === "object" && value !== null && !Array.isArray(value)
      ? Object.fromEntries(Object.entries(value).sort(([left], [right]) => (left < right ? -1 : 1)))
      : value,
  );
}
