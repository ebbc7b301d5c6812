import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, afterEach, beforeAll, beforeEach, expect, test } from "vitest";
import { Agent } from "../../cloud-sync/agent.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { type Central, startCentral } from "../../cloud-sync/central/main.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { drainOnce, runSync } from "../../cloud-sync/main.ts";
import { Progress } from "../../cloud-sync/progress.ts";
import type { SyncOptions } from "../../cloud-sync/sync-options.ts";
import { HttpUplink } from "../../cloud-sync/uplinks/http.ts";
import { syncText } from "../../config/language/sync.ts";
import { Secret } from "../../drivers/secret.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { openStore } from "../../gateway/store/open-store.ts";
import type { Store } from "../../gateway/store/store.ts";
import { readSyncStatus } from "../../gateway/store/sync-status.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { MemoryOutbox, someEvents, someSamples } from "../support/memory-outbox.ts";
import { freePort } from "../support/spine.ts";

let database: Database;
let central: Central;
let dir = "";
let store: Store | undefined;

beforeAll(async () => {
  database = await openPglite();
  central = await startCentral({
    listen: "127.0.0.1:0",
    openDatabase: async () => ({ ...database, [Symbol.asyncDispose]: async () => undefined }),
    clock: systemClock,
    log: memoryLog().log,
    version: "0.0.0",
    gateways: [],
  });
});
afterAll(async () => {
  await central.stop();
  await database[Symbol.asyncDispose]();
});
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-sync-agent-"));
});
afterEach(() => {
  store?.[Symbol.dispose]();
  store = undefined;
  rmSync(dir, { recursive: true, force: true });
});

/** A gateway's store with some rows of just now. */
function fill(gatewayId: string, rows: number): Store {
  const { log } = memoryLog();
  store ??= openStore({ dir, gatewayId, clock: systemClock, log }).store;
  const clock = { boot: "boot-1", offsetMs: 0, quality: "synchronized" } as const;
  const samples = someSamples(rows, Date.now());
  store.commit({ clock, samples, events: someEvents(2), state: new Map() });
  return store;
}

function optionsOf(gatewayId: string, address: string, token: string): SyncOptions {
  return {
    gatewayId,
    language: "en",
    sync: { central: address, credentials: new Secret(token), uplinks: {}, goneFor: 3_600_000 },
    push: { notify: {}, mail: undefined },
    boot: "boot-1",
    env: {},
    dataDir: dir,
    clock: systemClock,
    log: memoryLog().log,
  };
}

/** An agent of its own, as a restarted process is one. */
function running(options: SyncOptions): { end(): Promise<void> } {
  const stop = new AbortController();
  const ended = runSync(options, stop.signal);
  return {
    end: () => {
      stop.abort();
      return ended;
    },
  };
}

async function rowsAt(gateway: string): Promise<{ samples: number; twice: number }> {
  const [row] = await database.query(
    `SELECT count(*)::float8 AS samples, (count(*) - count(DISTINCT seq))::float8 AS twice
     FROM sample WHERE gateway = $1`,
    [gateway],
  );
  return { samples: Number(row?.["samples"]), twice: Number(row?.["twice"]) };
}

const problem = () => readSyncStatus(dir)?.problem?.code;

test("address and token that change during an outage leave no row behind", async () => {
  await addGateway(database, "gw-a", "the-second-token");
  fill("gw-a", 500);
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const first = running(optionsOf("gw-a", nobody, "the-first-token"));
  await expect.poll(problem, { timeout: 20_000 }).toBe("sync/unreachable");
  await first.end();
  fill("gw-a", 300);
  const second = running(optionsOf("gw-a", central.address, "the-first-token"));
  await expect.poll(problem, { timeout: 20_000 }).toBe("sync/unauthorized");
  await second.end();
  fill("gw-a", 200);
  const third = running(optionsOf("gw-a", central.address, "the-second-token"));
  const all = { samples: 1_000, twice: 0 };
  await expect.poll(() => rowsAt("gw-a"), { timeout: 20_000 }).toEqual(all);
  await expect.poll(problem, { timeout: 20_000 }).toBeUndefined();
  await third.end();
});

test("the second agent of a folder says so and waits until the first has ended", async () => {
  await addGateway(database, "gw-b", "the-token-of-gateway-b");
  fill("gw-b", 10);
  const nobody = `http://127.0.0.1:${await freePort()}`;
  const first = running(optionsOf("gw-b", nobody, "the-token-of-gateway-b"));
  await expect.poll(problem, { timeout: 20_000 }).toBe("sync/unreachable");
  const { log, entries } = memoryLog();
  const second = running({ ...optionsOf("gw-b", central.address, "the-token-of-gateway-b"), log });
  await expect
    .poll(() => entries.map(({ fields }) => fields["code"]), { timeout: 20_000 })
    .toContain("store/locked");
  const once = drainOnce(
    optionsOf("gw-b", central.address, "the-token-of-gateway-b"),
    new AbortController().signal,
  );
  await expect(once).rejects.toMatchObject({ code: "store/locked" });
  await first.end();
  await expect.poll(() => rowsAt("gw-b"), { timeout: 30_000 }).toEqual({ samples: 10, twice: 0 });
  await second.end();
});

test("the database of another gateway is not sent, and the agent says whose it is", async () => {
  await addGateway(database, "gw-c", "the-token-of-gateway-c");
  fill("gw-other", 10);
  const agent = running(optionsOf("gw-c", central.address, "the-token-of-gateway-c"));
  await expect.poll(problem, { timeout: 20_000 }).toBe("sync/conflict");
  expect(readSyncStatus(dir)?.problem?.message).toContain("gateway gw-other");
  await agent.end();
  expect(await rowsAt("gw-c")).toEqual({ samples: 0, twice: 0 });
});

async function stepped(gateway: string, outbox: MemoryOutbox, until: () => Promise<boolean>) {
  await addGateway(database, gateway, `token-${gateway}`);
  const text = syncText.en;
  using progress = new Progress(dir, text);
  using uplink = new HttpUplink({
    central: central.address,
    gatewayId: gateway,
    credentials: new Secret(`token-${gateway}`),
    text,
  });
  const { log, entries } = memoryLog();
  const agent = new Agent({
    ...{ gatewayId: gateway, outbox, uplink, progress, clock: systemClock, log, text },
    random: () => 0,
  });
  for (let step = 0; step < 50 && !(await until()); step += 1) {
    await agent.step(new AbortController().signal);
  }
  return entries;
}

test("central shows what is true now while a backlog has not yet begun to come", async () => {
  const outbox = new MemoryOutbox();
  outbox.addSamples(someSamples(8_000, Date.now() - 86_400_000));
  const newest = async () => {
    const [row] = await database.query(
      "SELECT max(value) AS value FROM latest WHERE gateway = $1",
      ["gw-d"],
    );
    return Number(row?.["value"]);
  };
  await stepped("gw-d", outbox, async () => (await newest()) > 0);
  expect(await newest()).toBe(99.99);
  expect(await rowsAt("gw-d")).toEqual({ samples: 0, twice: 0 });
});

test("thinned rows are at central under their numbers, and what is missing between them is a gap", async () => {
  const outbox = new MemoryOutbox();
  outbox.addSamples(someSamples(100, Date.now() - 86_400_000));
  outbox.thin(1, 10);
  outbox.addSamples(someSamples(5));
  const entries = await stepped("gw-e", outbox, async () => (await rowsAt("gw-e")).samples === 15);
  expect(await rowsAt("gw-e")).toEqual({ samples: 15, twice: 0 });
  const gaps = await database.query(
    "SELECT sum(last_seq - first_seq + 1)::float8 AS n, reason FROM gap WHERE gateway = $1 GROUP BY reason",
    ["gw-e"],
  );
  expect(gaps.map(({ reason }) => reason)).toEqual(["thinned"]);
  expect(entries.map(({ event }) => event)).not.toContain("gap declared");
});
