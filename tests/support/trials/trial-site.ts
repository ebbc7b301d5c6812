import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { z } from "zod";
import type { Database } from "../../../cloud-sync/central/database/database.ts";
import { migrate } from "../../../cloud-sync/central/database/migrations.ts";
import { openPostgres } from "../../../cloud-sync/central/database/postgres.ts";
import { addGateway } from "../../../cloud-sync/central/tokens.ts";
import type { Lane } from "../../../gateway/store/store.ts";
import { memoryLog } from "../manual-clock.ts";
import { createPostgres, needPostgres, postgresPrograms } from "../postgres.ts";
import { startProgram } from "../program.ts";
import { eventually, freePort, getJson, type Running, scratchFolder } from "../spine.ts";

export const gatewayId = "gw-1";
export const token = "token-of-the-trials";

/** Long trials run in full where this is asked for; CI runs a part that shows the same. */
export const isWhole = process.env["RACKWATCH_TRIALS"] === "whole";

/** Trials are also to be seen on a machine that does much else. */
const patienceMs = 60_000;

/** Waits after a failure are drawn by lot between one second and more: whoever draws the least is at it again soonest. */
const noLot = { NODE_OPTIONS: "--import=data:text/javascript,Math.random=()=%3E0" };

/** A PostgreSQL of its own, and central and agent as programs beside the folder of a gateway. */
export interface TrialSite extends AsyncDisposable {
  readonly folder: string;
  /** Folder of gateway.db. */
  readonly dataDir: string;
  /** Central's address. */
  readonly address: string;
  readonly postgres: URL;
  /** Central's tables, as whoever looks at them afterwards sees them. */
  readonly database: Database;
  /** A new process; ends with the site. */
  startCentral(where?: CentralPlace): Promise<Running>;
  /** A new process; ends with the site. */
  startAgent(of?: AgentPlace): Promise<Running>;
  /** What central answers to a question about the gateway: `gaps`, `rejects`, `conflicts`, `epochs`. */
  records(name: string): Promise<readonly Readonly<Record<string, unknown>>[]>;
  /** Waits until central's mark of the newest epoch is there. */
  arrived(lane: Lane, seq: number, timeoutMs?: number): Promise<void>;
}

export interface CentralPlace {
  /** Default the site's own address. */
  readonly listen?: string;
  /** Default the site's PostgreSQL. */
  readonly database?: string;
  /** Further arguments. */
  readonly more?: readonly string[];
}

export interface AgentPlace {
  /** Central's address, or of what stands before it; default the site's. */
  readonly central?: string;
  /** Default one that says no more than where central is. */
  readonly config?: string;
  /** Default the site's. */
  readonly dataDir?: string;
  readonly token?: string;
}

/** @param id of the one gateway that is enrolled. */
export async function trialSite(
  skip: (reason: string) => void,
  id: string = gatewayId,
): Promise<TrialSite> {
  needPostgres(skip);
  await using cleanup = new AsyncDisposableStack();
  const { path: folder } = cleanup.use(scratchFolder());
  const server = await createPostgres(postgresPrograms() ?? "");
  cleanup.defer(() => server.remove());
  const database = cleanup.use(openPostgres(server.url, memoryLog().log));
  await migrate(database);
  await addGateway(database, id, token);
  const listen = `127.0.0.1:${await freePort()}`;
  const address = `http://${listen}`;
  const dataDir = join(folder, "data");
  const programs = cleanup.use(new AsyncDisposableStack());
  const start = async (args: readonly string[], ready: string, secret = token) => {
    const env = { RACKWATCH_SECRET_CENTRAL: secret, ...noLot };
    const running = await startProgram(args, env, ready);
    programs.defer(() => running.kill("SIGKILL"));
    return running;
  };
  const records: TrialSite["records"] = async (name) => {
    const url = `${address}/v1/gateways/${id}/${name}`;
    const answer = await getJson<{ readonly records: unknown }>(url);
    return z.array(z.record(z.string(), z.unknown())).parse(answer.records);
  };
  const arrived: TrialSite["arrived"] = async (lane, seq, timeoutMs = patienceMs) => {
    const marks = () =>
      database.query(
        `SELECT m.seq::float8 AS seq FROM mark m JOIN gateway g USING (gateway, epoch_number)
         WHERE lane = $1`,
        [lane],
      );
    await eventually(marks, ([mark]) => Number(mark?.["seq"] ?? 0) >= seq, timeoutMs);
  };
  const kept = cleanup.move();
  return {
    ...{ folder, dataDir, address, postgres: new URL(server.url), database, records, arrived },
    startCentral: (where = {}) => {
      const { listen: at = listen, database: url = server.url, more = [] } = where;
      return start(["central", "--listen", at, "--database", url, ...more], "central listens");
    },
    startAgent: (of = {}) => {
      const {
        central = address,
        config = join(folder, "agent.yaml"),
        dataDir: data = dataDir,
      } = of;
      if (of.config === undefined) {
        writeFileSync(
          config,
          `version: 1\ngateway: { id: ${id} }\nchannels: {}\nsync: { central: "${central}", credentials: !secret central }\n`,
        );
      }
      const args = ["sync", "--config", config, "--data", data];
      return start(args, "agent ships", of.token);
    },
    [Symbol.asyncDispose]: () => kept.disposeAsync(),
  };
}

const foundSchema = z.object({
  samples: z.number(),
  doubledSamples: z.number(),
  wrongSamples: z.number(),
  events: z.number(),
  doubledEvents: z.number(),
  wrongEvents: z.number(),
  gaps: z.number(),
});

/** Rows of a `numberedLog` at central: how many, how many a second time, how many that hold what another one holds. */
export async function rowsAtCentral(database: Database): Promise<z.infer<typeof foundSchema>> {
  const [row] = await database.query(
    `SELECT s.*, e.*, (SELECT count(*)::int FROM gap) AS gaps FROM
     (SELECT count(*)::int AS samples, (count(*) - count(DISTINCT seq))::int AS "doubledSamples",
        (count(*) FILTER (WHERE value <> seq))::int AS "wrongSamples" FROM sample) s,
     (SELECT count(*)::int AS events, (count(*) - count(DISTINCT seq))::int AS "doubledEvents",
        (count(*) FILTER (WHERE kind = 'audit' AND (body->>'value')::float8 <> seq))::int AS "wrongEvents"
      FROM event) e`,
  );
  return foundSchema.parse(row);
}

/** All of them, each once. */
export function whole(samples: number, events: number): z.infer<typeof foundSchema> {
  const none = { doubledSamples: 0, wrongSamples: 0, doubledEvents: 0, wrongEvents: 0, gaps: 0 };
  return { samples, events, ...none };
}
