import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Counters } from "../../cloud-sync/central/counters.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { openPglite } from "../../cloud-sync/central/database/pglite.ts";
import { DatabaseLink } from "../../cloud-sync/central/database-link.ts";
import { buildServer } from "../../cloud-sync/central/server.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { turnsWithin } from "../support/processor-time.ts";
import { StepClock } from "../support/sync-world.ts";
import { RealWorld } from "./real-world.ts";
import { type Action, actions, type Command } from "./world.ts";

/** How often each happens; a request's fate is drawn with it. */
const weights: Partial<Record<Action, number>> = {
  "record event": 5,
  "record sample": 8,
  exchange: 24,
  deliver: 3,
  "kill agent": 1,
  "lose cursor.db": 1,
  prune: 2,
  "drop sample": 1,
  thin: 2,
  corrupt: 1,
  "back up gateway": 1,
  "restore gateway": 1,
  clone: 1,
  "back up central": 1,
  "restore central": 1,
  reboot: 1,
  "set clock": 1,
  "step clock": 1,
  wait: 1,
};
const command = fc.oneof(
  ...actions.map((it) => ({
    weight: weights[it] ?? 0,
    arbitrary: fc.record({ do: fc.constant(it), n: fc.nat(23) }),
  })),
);
const story = fc.array(command, { minLength: 5, maxLength: 40, size: "max" });

let database: Database;
let link: DatabaseLink;
let app: FastifyInstance;
let dir = "";
let gateways = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-model-"));
  const clock = new StepClock();
  const { log } = memoryLog();
  const sleep = (_: number, signal?: AbortSignal) =>
    new Promise<void>((_resolve, reject) =>
      signal?.addEventListener("abort", () => reject(signal.reason)),
    );
  database = await openPglite();
  link = new DatabaseLink(async () => database, { ...clock, sleep }, log);
  await link.start(async () => undefined);
  const access = { listenHost: "127.0.0.1", readToken: undefined };
  app = await buildServer({ link, clock, log, counters: new Counters(), access, version: "0" });
});
afterAll(async () => {
  await app.close();
  await link[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

async function play(commands: readonly Command[]): Promise<void> {
  gateways += 1;
  await new RealWorld({ database, app, dir }, `gw-${gateways}`).play(commands);
}

const runs = Number(process.env["RACKWATCH_REAL_RUNS"] ?? 60);

/** The same stories in each run; `RACKWATCH_SEED` tells others. */
const seed = Number(process.env["RACKWATCH_SEED"] ?? 2026);

test("the real agent and the real central do what the model does, step by step", async () => {
  const goesOn = turnsWithin(runs > 60 ? runs : 6, 10_000);
  let told = 0;
  const property = fc.asyncProperty(story, async (commands) => {
    if (!goesOn()) return;
    told += 1;
    await play(commands);
  });
  const result = await fc.check(property, { numRuns: runs, seed });
  console.info(`${told} stories, seed ${result.seed}`);
  const example = JSON.stringify(result.counterexample?.[0]);
  expect(result.failed, `${String(result.errorInstance)} ${result.seed} ${example}`).toBe(false);
  expect(told).toBeGreaterThan(5);
}, 0);
