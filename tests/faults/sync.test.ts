import { type ChildProcess, spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { afterEach, expect, test } from "vitest";
import { z } from "zod";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { readEvents, readSamples } from "../../gateway/store/chunk.ts";
import { CursorFile } from "../../gateway/store/cursor-file.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import { lanes, type Store } from "../../gateway/store/store.ts";
import { cuttingProxy, type Passing } from "../support/cutting-proxy.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { createPostgres, needPostgres, postgresPrograms } from "../support/postgres.ts";

const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));
const token = "token-of-the-fault-test";
const samples = 20_000;
const events = 1_000;

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

function folder(): string {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-sync-faults-"));
  cleanups.push(() => rmSync(dir, { recursive: true, force: true }));
  return dir;
}

interface Running {
  readonly lines: string[];
  readonly exited: Promise<number | null>;
  kill(signal: NodeJS.Signals): Promise<unknown>;
}

function run(args: readonly string[]): Running {
  const child: ChildProcess = spawn(process.execPath, [rackwatch, ...args], {
    env: { ...process.env, RACKWATCH_SECRET_CENTRAL: token },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const lines: string[] = [];
  child.stdout?.on("data", (data: Buffer) => lines.push(data.toString()));
  child.stderr?.on("data", (data: Buffer) => lines.push(data.toString()));
  const exited = new Promise<number | null>((resolve) => child.once("exit", resolve));
  const kill = (signal: NodeJS.Signals) => {
    child.kill(signal);
    return exited;
  };
  cleanups.push(() => kill("SIGKILL"));
  return { lines, exited, kill };
}

/** A gateway's log: every sample's value is its own number. */
function fill(dir: string): Store {
  const { store } = openStore({ dir, gatewayId: "gw-1", clock: systemClock, log: memoryLog().log });
  cleanups.push(() => store[Symbol.dispose]());
  const at = Date.now() - 86_400_000;
  for (let done = 0; done < samples; done += 200) {
    store.commit({
      clock: { boot: "boot-1", offsetMs: 0, quality: "synchronized" },
      samples: Array.from({ length: 200 }, (_, row) => ({
        point: `room-${row % 20}/temperature` as const,
        sampledAt: at + done * 20 + row,
        quality: "good" as const,
        value: done + row + 1,
      })),
      events: Array.from({ length: (events * 200) / samples }, (_, row) => ({
        kind: "audit" as const,
        at,
        mono: row,
        body: { done, row },
      })),
      state: new Map(),
    });
  }
  return store;
}

interface Digest {
  readonly samples: number;
  readonly events: number;
  readonly hash: string;
}

function digest(rows: { samples: (readonly unknown[])[]; events: (readonly unknown[])[] }): Digest {
  const hash = createHash("sha256").update(JSON.stringify(rows)).digest("hex");
  return { samples: rows.samples.length, events: rows.events.length, hash };
}

function digestOfStore({ outbox }: Store): Digest {
  return digest({
    samples: outbox
      .read("samples", 0, 1e9)
      .flatMap((chunk) =>
        readSamples(chunk).map((sample, index) => [
          chunk.firstSeq + index,
          sample.point,
          sample.sampledAt,
          sample.quality === "bad" ? null : sample.value,
        ]),
      ),
    events: outbox
      .read("events", 0, 1e9)
      .flatMap((chunk) =>
        readEvents(chunk).map(({ body }, index) => [
          chunk.firstSeq + index,
          body["done"] ?? null,
          body["row"] ?? null,
        ]),
      ),
  });
}

const sampleRow = z.object({
  seq: z.number(),
  point: z.string(),
  at: z.number(),
  value: z.number(),
});
const eventRow = z.object({
  seq: z.number(),
  done: z.number().nullable(),
  row: z.number().nullable(),
});

async function digestOfCentral(database: Database): Promise<Digest> {
  const sampleRows = await database.query(
    `SELECT seq::float8 AS seq, point, (extract(epoch from sampled_at) * 1000)::float8 AS at, value
     FROM sample ORDER BY seq, point`,
  );
  const eventRows = await database.query(
    `SELECT seq::float8 AS seq, (body->>'done')::float8 AS done, (body->>'row')::float8 AS row
     FROM event ORDER BY seq`,
  );
  return digest({
    samples: sampleRows.map((it) => {
      const { seq, point, at, value } = sampleRow.parse(it);
      return [seq, point, at, value];
    }),
    events: eventRows.map((it) => {
      const { seq, done, row } = eventRow.parse(it);
      return [seq, done, row];
    }),
  });
}

async function freeAddress(): Promise<string> {
  const proxy = await cuttingProxy(
    () => "",
    () => "pass",
  );
  await proxy.close();
  return proxy.address.replace("http://", "");
}

/**
 * Catch-up of a long outage, through a link that cuts every fourth reply after central committed and takes only small
 * bodies; meanwhile the agent is killed with -9 three times and central twice.
 */
async function catchUp(open: () => Promise<Database>, where: readonly string[]): Promise<void> {
  const dir = folder();
  const store = fill(dir);
  const prepared = await open();
  await migrate(prepared);
  await addGateway(prepared, "gw-1", token);
  await prepared[Symbol.asyncDispose]();
  const listen = await freeAddress();
  const decide = (batch: number, bytes: number): Passing => {
    // Small enough for thirty batches: an agent that is well sends a third of them before it can be killed.
    if (bytes > 1_500) return "too large";
    return batch % 4 === 0 ? "cut reply" : "pass";
  };
  const proxy = await cuttingProxy(() => `http://${listen}`, decide);
  cleanups.push(() => proxy.close());
  const config = join(dir, "gateway.yaml");
  writeFileSync(
    config,
    `version: 1\ngateway: { id: gw-1 }\nchannels: {}\nsync: { central: "${proxy.address}", credentials: !secret central }\n`,
  );
  const startCentral = () => run(["central", "--listen", listen, ...where]);
  const sync = (...more: string[]) => run(["sync", "--config", config, "--data", dir, ...more]);
  let central = startCentral();
  for (let turn = 1; turn <= 3; turn += 1) {
    const agent = sync();
    const goal = proxy.answered + 2;
    await expect
      .poll(() => proxy.answered >= goal || agent.lines.join(""), { timeout: 60_000 })
      .toBe(true);
    await agent.kill("SIGKILL");
    if (turn === 3) continue;
    await central.kill("SIGKILL");
    central = startCentral();
  }
  await expect
    .poll(async () => (await fetch(`http://${listen}/healthz`).catch(() => undefined))?.status, {
      timeout: 60_000,
    })
    .toBe(200);
  const last = sync();
  using cursors = new CursorFile(dir);
  const { outbox } = store;
  const behind = () =>
    lanes.map((lane) => outbox.head(lane) - cursors.read(lane, outbox.epoch)).join();
  await expect.poll(behind, { timeout: 180_000, interval: 200 }).toBe("0,0");
  await last.kill("SIGTERM");
  expect(await sync("--once").exited, central.lines.join("")).toBe(0);
  await central.kill("SIGTERM");
  await using database = await open();
  const sent = digestOfStore(store);
  expect(sent).toMatchObject({ samples });
  expect(await digestOfCentral(database)).toEqual(sent);
  const gaps = await database.query("SELECT * FROM gap");
  expect(gaps).toEqual([]);
}

test("PostgreSQL: agent and central killed with -9 during catch-up, replies cut after commit: every row once", async (context) => {
  needPostgres(context.skip);
  const server = await createPostgres(postgresPrograms() ?? "");
  cleanups.push(() => server.remove());
  await catchUp(async () => openPostgres(server.url, memoryLog().log), ["--database", server.url]);
}, 400_000);

test("embedded database: the same, and the folder survives kill -9", async () => {
  const dir = folder();
  await catchUp(() => openPglite(dir), ["--data", dir]);
}, 400_000);
