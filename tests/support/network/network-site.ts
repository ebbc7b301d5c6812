import { type ChildProcess, spawn } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { expect } from "vitest";
import { z } from "zod";
import type { Database } from "../../../cloud-sync/central/database/database.ts";
import { migrate } from "../../../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../../../cloud-sync/central/database/postgres.ts";
import { addGateway } from "../../../cloud-sync/central/tokens.ts";
import { systemClock } from "../../../gateway/runtime/clock.ts";
import type { MachineMark } from "../../../gateway/store/machine-mark.ts";
import { type DurableStore, openStore } from "../../../gateway/store/open-store.ts";
import { memoryLog } from "../manual-clock.ts";
import { createPostgres, type PostgresServer, postgresPrograms } from "../postgres.ts";
import { eventually, freePort } from "../spine.ts";

const rackwatch = fileURLToPath(new URL("../../../cloud-sync/cli/rackwatch.js", import.meta.url));
const agentChild = fileURLToPath(new URL("agent-child.ts", import.meta.url));

/** A process of this project, with what it logged so far. */
export interface Process {
  readonly pid: number;
  readonly lines: readonly Readonly<Record<string, unknown>>[];
  readonly errors: readonly string[];
  /** The exit code, or null after a signal. */
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<void>;
}

/** @param before a command that the process is started through, as `ip netns exec NAME`. */
export function startProcess(
  args: readonly string[],
  env: Readonly<Record<string, string>> = {},
  before: readonly string[] = [],
): Process {
  const [program = "", ...rest] = [...before, process.execPath, ...args];
  const child: ChildProcess = spawn(program, rest, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: Readonly<Record<string, unknown>>[] = [];
  const errors: string[] = [];
  if (child.stdout === null || child.stderr === null) throw new Error("no output");
  createInterface({ input: child.stdout }).on("line", (line) => {
    const entry: unknown = line.startsWith("{") ? JSON.parse(line) : { line };
    if (typeof entry === "object" && entry !== null) lines.push({ ...entry });
  });
  child.stderr.on("data", (data: Buffer) => errors.push(data.toString()));
  const exited = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  return {
    pid: child.pid ?? 0,
    lines,
    errors,
    exited,
    kill: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
}

export interface AgentOrder {
  readonly central: string;
  readonly caFile?: string;
  readonly proxy?: string;
  /** How many times as fast waits pass. */
  readonly speed?: number;
  readonly deadlineMs?: number;
  readonly before?: readonly string[];
}

/** One gateway: its folder, its store that this process writes, and agents that ship it. */
export class Site implements Disposable {
  readonly id: string;
  readonly token: string;
  readonly dataDir: string;
  /** All that were started, oldest first. */
  readonly agents: Process[] = [];
  #store: DurableStore | undefined;

  /** @param id What it calls itself, when that is another's name. */
  constructor(parent: string, name: string, token = `token-of-${name}`, id = name) {
    this.id = id;
    this.token = token;
    this.dataDir = mkdtempSync(join(parent, `${name}-`));
  }

  open(machine?: MachineMark): DurableStore {
    const { store } = openStore({
      ...{ dir: this.dataDir, gatewayId: this.id, clock: systemClock, log: memoryLog().log },
      ...(machine === undefined ? {} : { machine }),
      limits: { ballastBytes: 65_536, freeBytesMin: 0 },
    });
    this.#store = store;
    return store;
  }

  get store(): DurableStore {
    return this.#store ?? this.open();
  }

  close(): void {
    this.#store?.[Symbol.dispose]();
    this.#store = undefined;
  }

  /** Each sample's value is its own number; each event says its own. */
  write(samples: number, events = 1, commits = 1): void {
    const { store } = this;
    for (let commit = 0; commit < commits; commit += 1) {
      const sampleHead = store.outbox.head("samples");
      const eventHead = store.outbox.head("events");
      store.commit({
        clock: { boot: "boot-1", offsetMs: 0, quality: "synchronized" },
        samples: Array.from({ length: samples }, (_, row) => ({
          point: `room-${row % 20}/temperature` as const,
          sampledAt: Date.now(),
          quality: "good" as const,
          value: sampleHead + row + 1,
        })),
        events: Array.from({ length: events }, (_, row) => ({
          kind: "audit" as const,
          at: Date.now(),
          mono: row,
          body: { n: eventHead + row + 1 },
        })),
        state: new Map(),
      });
    }
  }

  /** An agent whose time can pass faster than the machine's. */
  agent({ speed = 60, deadlineMs = 1_000, before = [], ...order }: AgentOrder): Process {
    const file = join(this.dataDir, `agent-${crypto.randomUUID()}.json`);
    const { id, token, dataDir } = this;
    writeFileSync(
      file,
      JSON.stringify({ gatewayId: id, token, dataDir, speed, deadlineMs, ...order }),
    );
    return this.#note(startProcess([agentChild, file], {}, before));
  }

  /** `rackwatch sync` itself. */
  sync(central: string, ...more: readonly string[]): Process {
    const file = join(this.dataDir, "gateway.yaml");
    const sync = `{ central: "${central}", credentials: !secret central }`;
    writeFileSync(file, `version: 1\ngateway: { id: ${this.id} }\nchannels: {}\nsync: ${sync}\n`);
    const args = [rackwatch, "sync", "--config", file, "--data", this.dataDir, ...more];
    return this.#note(startProcess(args, { RACKWATCH_SECRET_CENTRAL: this.token }));
  }

  #note(agent: Process): Process {
    this.agents.push(agent);
    return agent;
  }

  [Symbol.dispose](): void {
    this.close();
    rmSync(this.dataDir, { recursive: true, force: true });
  }
}

const tally = z.object({
  rows: z.number(),
  numbers: z.number(),
  last: z.number(),
  wrong: z.number(),
});

/** A PostgreSQL server, receivers on it, and the gateways of a test file; all goes with it. */
export class NetworkSite implements AsyncDisposable {
  readonly folder: string;
  readonly postgres: PostgresServer;
  readonly #opened = new AsyncDisposableStack();
  readonly #database: Database;

  private constructor(folder: string, postgres: PostgresServer, database: Database) {
    this.folder = folder;
    this.postgres = postgres;
    this.#database = database;
  }

  static async begin(): Promise<NetworkSite> {
    const folder = mkdtempSync(join(tmpdir(), "rackwatch-network-"));
    const postgres = await createPostgres(postgresPrograms() ?? "");
    const database = openPostgres(postgres.url, memoryLog().log);
    await migrate(database);
    return new NetworkSite(folder, postgres, database);
  }

  get database(): Database {
    return this.#database;
  }

  /** A receiver as a process of its own, when it listens. */
  async central(
    where: readonly string[] = ["--database", this.postgres.url],
    listen?: string,
  ): Promise<Process & { readonly address: string }> {
    const port = await freePort();
    const at = listen?.replace(/:0$/, `:${port}`) ?? `127.0.0.1:${port}`;
    const central = this.keep(startProcess([rackwatch, "central", "--listen", at, ...where]));
    const address = `http://${at.replace("0.0.0.0", "127.0.0.1")}`;
    const healthy = async () => (await fetch(`${address}/healthz`)).status;
    await eventually(healthy, (status) => status === 200, 60_000);
    return { ...central, address };
  }

  /** An enrolled gateway with an empty store. */
  async site(id: string): Promise<Site> {
    const site = this.strange(id);
    await addGateway(this.#database, site.id, site.token);
    return site;
  }

  /** A gateway that this database does not know. */
  strange(id: string): Site {
    return this.#opened.use(new Site(this.folder, id));
  }

  /** Ends with the file, whatever happens. */
  keep<T extends Process>(child: T): T {
    this.#opened.defer(() => child.kill("SIGKILL"));
    return child;
  }

  /** Waits until central has all that the store numbered. */
  async arrived(site: Site, timeoutMs = 150_000): Promise<void> {
    const { outbox } = site.store;
    const goal = { events: outbox.head("events"), samples: outbox.head("samples") };
    const all = (at: typeof goal) => at.events === goal.events && at.samples === goal.samples;
    const look = () => marks(this.#database, site.id, outbox.epoch);
    try {
      await eventually(look, all, timeoutMs);
    } catch (cause) {
      const said = JSON.stringify(site.agents.flatMap(({ lines }) => lines.slice(-10)));
      throw new Error(`of ${JSON.stringify(goal)} not all is at central; agents: ${said}`, {
        cause,
      });
    }
  }

  /** Waits, then looks that central has each row of the store once, with its own content, and nothing else. */
  async exactlyOnce(site: Site, timeoutMs = 150_000): Promise<void> {
    await this.arrived(site, timeoutMs);
    const { outbox } = site.store;
    expect(await tallies(this.#database, site.id)).toEqual({
      samples: whole(outbox.head("samples")),
      events: whole(outbox.head("events")),
      gaps: 0,
      rejects: 0,
    });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#opened.disposeAsync();
    await this.#database[Symbol.asyncDispose]();
    await this.postgres.remove();
    rmSync(this.folder, { recursive: true, force: true });
  }
}

function whole(head: number) {
  return { rows: head, numbers: head, last: head, wrong: 0 };
}

export async function marks(database: Database, gateway: string, epoch: string) {
  const rows = await database.query(
    `SELECT lane, seq::float8 AS seq FROM mark JOIN epoch USING (gateway, epoch_number)
     WHERE gateway = $1 AND epoch = $2`,
    [gateway, epoch],
  );
  const of = (lane: string) => rows.find((row) => row["lane"] === lane)?.["seq"] ?? 0;
  return { events: Number(of("events")), samples: Number(of("samples")) };
}

/** Rows of all epochs of a gateway: how many, how many numbers, the last, and how many say another number than theirs. */
export async function tallies(database: Database, gateway: string) {
  const count = (table: string, own: string) =>
    database.query(
      `SELECT count(*)::int AS rows, count(DISTINCT seq)::int AS numbers,
         coalesce(max(seq), 0)::float8 AS last,
         (count(*) FILTER (WHERE ${own} IS DISTINCT FROM seq::float8))::int AS wrong
       FROM ${table} WHERE gateway = $1`,
      [gateway],
    );
  const [samples] = await count("sample", "value");
  // What the gateway itself records (a database that was born, an audit entry) has no number of the test's.
  const [events] = await count("event", "coalesce((body->>'n')::float8, seq::float8)");
  const counted = async (table: string) => {
    const [row] = await database.query(
      `SELECT count(*)::int AS rows FROM ${table} WHERE gateway = $1`,
      [gateway],
    );
    return row?.["rows"];
  };
  return {
    samples: tally.parse(samples),
    events: tally.parse(events),
    gaps: await counted("gap"),
    rejects: await counted("reject"),
  };
}
