import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../gateway/runtime/clock.ts";
import { faultyLetters } from "../../../tests/support/faulty-carrier.ts";
import { type Fault, faults } from "../../../tests/support/faulty-central.ts";
import { memoryLog } from "../../../tests/support/manual-clock.ts";
import { type Command, World } from "../../../tests/support/sync-world.ts";
import { Counters } from "../counters.ts";
import type { Database } from "../database/database.ts";
import { openPglite } from "../database/pglite.ts";
import { DatabaseLink } from "../database-link.ts";
import { Reception } from "../reception.ts";
import { buildServer } from "../server.ts";
import { LetterDesk } from "./letter-desk.ts";

let database: Database;
let link: DatabaseLink;
let app: FastifyInstance;
let desk: LetterDesk;
let dir = "";

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-letters-"));
  const { log } = memoryLog();
  const clock = systemClock;
  const counters = new Counters();
  database = await openPglite();
  link = new DatabaseLink(async () => database, clock, log);
  await link.start(async () => undefined);
  const access = { listenHost: "127.0.0.1", readToken: undefined };
  app = await buildServer({ link, clock, log, counters, access, version: "0" });
  const reception = new Reception({ link, clock, log, counters });
  desk = new LetterDesk({ link, reception, counters, clock, log });
}, 120_000);
afterAll(async () => {
  desk.close();
  await app.close();
  await link[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

const kinds = ["samples", "samples", "events", "steps", "steps", "steps", "history"];
const rare = ["restart", "lose cursor.db", "prune", "rebirth", "renew", "thin", "restore central"];
const commands = fc.array(
  fc.record({
    do: fc.constantFrom(...kinds, ...kinds, ...rare, "damage", "wait"),
    n: fc.integer({ min: 1, max: 6 }),
  }),
  { minLength: 4, maxLength: 20 },
);
const drawnFaults = fc.array(fc.constantFrom<Fault[]>("ok", "ok", "ok", ...faults), {
  minLength: 3,
  maxLength: 15,
});

const rowsSql = `SELECT seq::int AS seq, point, sampled_at, quality, value FROM sample
  WHERE gateway = $1 ORDER BY epoch_number, seq`;
const eventsSql = `SELECT seq::int AS seq, kind, body FROM event
  WHERE gateway = $1 ORDER BY epoch_number, seq`;

let gateways = 0;

test("the same story under the same faults leaves the same rows over a broker as over HTTP", async () => {
  const result = await fc.check(
    fc.asyncProperty(commands, drawnFaults, async (story: Command[], drawn) => {
      gateways += 1;
      const uplinkOf = (...of: [string, string, Parameters<typeof faultyLetters>[3]]) =>
        faultyLetters(desk, ...of);
      const ids = [`gw-m${gateways}`, `gw-h${gateways}`] as const;
      await new World({ database, app, dir, uplinkOf }, ids[0], drawn, {}).run(story);
      // Where rows were lost on purpose, faults decide which of them were sent before: not to be compared.
      const loses = /prune|damage|thin|restore|rebirth|renew|lose|restart/;
      if (story.some((it) => loses.test(it.do))) return;
      await new World({ database, app, dir }, ids[1], drawn, {}).run(story);
      for (const sql of [rowsSql, eventsSql]) {
        const numbers = (rows: readonly Readonly<Record<string, unknown>>[]) =>
          rows.map(({ seq, value, kind, body }) => ({ seq, value, kind, body }));
        expect(numbers(await database.query(sql, [ids[0]]))).toEqual(
          numbers(await database.query(sql, [ids[1]])),
        );
      }
    }),
    {
      numRuns: 60,
      interruptAfterTimeLimit: 15_000,
      markInterruptAsFailure: false,
      endOnFailure: true,
    },
  );
  expect(result.numRuns).toBeGreaterThan(3);
  expect(result.failed, fc.defaultReportMessage(result) ?? "").toBe(false);
}, 90_000);
