import { chmodSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeEach, expect, type TestContext, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { type DurableStore, openStore } from "../../gateway/store/open-store.ts";
import { fillDisk } from "../support/card/fill-disk.ts";
import { tapReplies } from "../support/card/reply-tap.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { mounted } from "../support/mounted.ts";
import { needRoot } from "../support/need-root.ts";
import { createPostgres, needPostgres, postgresPrograms } from "../support/postgres.ts";
import { startProgram } from "../support/program.ts";
import { freePort, getJson, scratchFolder } from "../support/spine.ts";

const token = "token-of-the-disk-test";
const samples = 20_000;
const events = 1_000;
const timeout = 90_000;

beforeEach((context) => needRoot(context));

/** The log of a gateway that central has not seen: each sample's value is its number. */
function fillStore(dir: string): DurableStore {
  const { store } = openStore({ dir, gatewayId: "gw-1", clock: systemClock, log: memoryLog().log });
  const at = Date.now() - 86_400_000;
  for (let done = 0; done < samples; done += 200) {
    store.commit({
      clock: { boot: "boot-1", offsetMs: 0, quality: "synchronized" },
      samples: Array.from({ length: 200 }, (_, row) => ({
        point: `room-${row % 20}/temperature` as const,
        ...{ sampledAt: at + done * 20 + row, quality: "good" as const, value: done + row + 1 },
      })),
      events: Array.from({ length: (events * 200) / samples }, (_, row) => ({
        ...{ kind: "audit" as const, at, mono: row, body: { done, row } },
      })),
      state: new Map(),
    });
  }
  return store;
}

interface Central {
  /** The disk under its database, which is to fill up. */
  readonly disk: string;
  readonly where: readonly string[];
  open(): Promise<Database>;
}

/** A disk without a byte left under a central that is to take 21,000 rows; later there is room again. */
async function expectWaiting({ disk, where, open }: Central): Promise<void> {
  await using cleanup = new AsyncDisposableStack();
  const dir = cleanup.use(scratchFolder()).path;
  const { epoch } = cleanup.use(fillStore(dir)).outbox;
  const prepared = await open();
  await migrate(prepared);
  await addGateway(prepared, "gw-1", token);
  await prepared[Symbol.asyncDispose]();
  const listen = `127.0.0.1:${await freePort()}`;
  const tap = cleanup.use(await tapReplies(`http://${listen}`));
  const config = join(dir, "gateway.yaml");
  writeFileSync(
    config,
    `version: 1\ngateway: { id: gw-1 }\nchannels: {}\nsync: { central: "${tap.address}", credentials: !secret central }\n`,
  );
  const env = { RACKWATCH_SECRET_CENTRAL: token };
  const central = await startProgram(
    ["central", "--listen", listen, ...where],
    env,
    "central listens",
  );
  cleanup.defer(() => central.kill("SIGKILL"));

  const filler = join(disk, "filler");
  fillDisk(filler);
  const agent = await startProgram(["sync", "--config", config, "--data", dir], env, "agent ships");
  cleanup.defer(() => agent.kill("SIGKILL"));
  const refused = () => tap.replies.filter(({ status }) => status >= 500);
  await expect.poll(() => refused().length, { timeout }).toBeGreaterThanOrEqual(2);
  for (const { status, retryAfter } of refused()) {
    expect({ status, wait: Number(retryAfter) > 0 }).toEqual({ status: 503, wait: true });
  }

  rmSync(filler);
  const headers = { authorization: `Bearer ${token}` };
  await expect
    .poll(() => getJson(`http://${listen}/v1/gateways/gw-1/marks?epoch=${epoch}`, { headers }), {
      timeout,
    })
    .toMatchObject({ marks: { events, samples } });
  await agent.kill("SIGTERM");
  await central.kill("SIGTERM");
  await using database = await open();
  const [found] = await database.query(
    `SELECT count(*)::int AS samples, count(DISTINCT seq)::int AS numbers, sum(value)::float8 AS sum,
            (SELECT count(*)::int FROM event) AS events, (SELECT count(*)::int FROM gap) AS gaps
     FROM sample`,
  );
  const sum = (samples * (samples + 1)) / 2;
  expect(found).toEqual({ samples, numbers: samples, sum, events, gaps: 0 });
}

function smallDisk(context: TestContext, size: string) {
  const cleanup = new DisposableStack();
  const { path } = cleanup.use(scratchFolder());
  // PostgreSQL runs as another user.
  chmodSync(path, 0o755);
  const disk = join(path, "disk");
  mkdirSync(disk);
  cleanup.use(mounted(context, disk, "-t", "tmpfs", "-o", `size=${size},mode=755`, "none"));
  return { disk, [Symbol.dispose]: () => cleanup.dispose() };
}

test.concurrent("PostgreSQL without a byte of disk: the agent waits as it is told, and every row is there once there is room", async (context) => {
  needPostgres(context.skip);
  using small = smallDisk(context, "160m");
  const server = await createPostgres(postgresPrograms() ?? "", small.disk);
  await using _server = { [Symbol.asyncDispose]: () => server.remove() };
  await expectWaiting({
    disk: small.disk,
    where: ["--database", server.url],
    open: async () => openPostgres(server.url, memoryLog().log),
  });
});

test.concurrent("the embedded database without a byte of disk: the same", async (context) => {
  using small = smallDisk(context, "160m");
  const data = join(small.disk, "data");
  await expectWaiting({
    disk: small.disk,
    where: ["--data", data],
    open: () => openPglite(data),
  });
});
