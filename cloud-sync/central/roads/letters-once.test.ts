import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { systemClock } from "../../../gateway/runtime/clock.ts";
import { encodeSamples } from "../../../gateway/store/columns.ts";
import { faultyLetters } from "../../../tests/support/faulty-carrier.ts";
import { type Fault, faults } from "../../../tests/support/faulty-central.ts";
import { memoryLog } from "../../../tests/support/manual-clock.ts";
import { turnsWithin } from "../../../tests/support/processor-time.ts";
import { type Command, World } from "../../../tests/support/sync-world.ts";
import { sealKeyOfToken, tokenSealKeys } from "../../identity/token-seal.ts";
import { purposes, readEnvelope, writeEnvelope } from "../../uplinks/message-envelope.ts";
import { newMessageId } from "../../uplinks/message-id.ts";
import { Counters } from "../counters.ts";
import type { Database } from "../database/database.ts";
import { openPglite } from "../database/pglite.ts";
import { DatabaseLink } from "../database-link.ts";
import { Reception } from "../reception.ts";
import { buildServer } from "../server.ts";
import { addGateway } from "../tokens.ts";
import { LetterDesk } from "./letter-desk.ts";

let database: Database;
let link: DatabaseLink;
let app: FastifyInstance;
let anotherDesk: () => LetterDesk;
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
  anotherDesk = () => new LetterDesk({ link, reception, counters, clock, log });
  desk = anotherDesk();
});
afterAll(async () => {
  desk.close();
  await app.close();
  await link[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

test("a letter that a thief plays back to another receiver is no sign of life", async () => {
  const token = "token-of-gw-thief";
  await addGateway(database, "gw-thief", token);
  const keys = tokenSealKeys("gw-thief", sealKeyOfToken(token));
  const lane = { first: 1, last: 0, cursor: 0 };
  const lanes = { events: lane, samples: lane };
  const hello = { schemaVersions: [2], gateway: "gw-thief", epoch: "e", lanes };
  const letter = (kind: string, at: number, body: object) => {
    const id = newMessageId(at);
    const bytes = Buffer.from(JSON.stringify(body));
    const seal = keys.seal(purposes.request(kind, id), bytes);
    const envelope = writeEnvelope({ seal, status: undefined, body: bytes });
    return { gateway: "gw-thief", kind, id, envelope, origin: "mqtt broker" };
  };
  const said = async (to: LetterDesk, of: ReturnType<typeof letter>) => {
    const answered = Promise.withResolvers<number | undefined>();
    await to.take(of, (answer) => answered.resolve(readEnvelope(answer)?.status));
    return answered.promise;
  };
  const other = anotherDesk();
  const heard = async () => {
    const sql = `SELECT (extract(epoch FROM last_contact_at) * 1000)::float8 AS at, alive_age_ms AS alive
      FROM gateway WHERE gateway = 'gw-thief'`;
    const [row] = await database.query(sql);
    return { at: Number(row?.["at"]), alive: row?.["alive"] };
  };
  const minute = 60_000;
  const old = letter("hello", Date.now() - 4 * minute, { ...hello, sentAt: 5_000, aliveAt: 4_000 });
  expect(await said(desk, old)).toBe(200);
  const first = await heard();
  expect(first.alive).toBe(1_000);
  // On its way for four minutes: the gateway lived then, and nobody knows more.
  expect(Date.now() - first.at).toBeGreaterThan(3 * minute);
  const fresh = { ...hello, sentAt: 9_000, aliveAt: 2_000 };
  expect(await said(desk, letter("hello", Date.now() - minute, fresh))).toBe(200);
  const second = await heard();
  expect(second.at - first.at).toBeGreaterThan(2 * minute);
  expect(await said(other, old)).toBe(200);
  const empty = { schemaVersion: 2, gateway: "gw-thief", epoch: "e", whole: false, takenAt: 0 };
  const told = {
    ...empty,
    heads: { events: 0, samples: 0 },
    seqs: [],
    columns: encodeSamples([]),
    alarms: [],
  };
  expect(await said(other, letter("snapshot", Date.now() - 3 * minute, told))).toBe(200);
  expect(await heard()).toEqual(second);
  expect(await said(other, letter("hello", Date.now(), fresh))).toBe(200);
  expect(Date.now() - (await heard()).at).toBeLessThan(minute / 2);
  other.close();
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
  const goesOn = turnsWithin(4, 10_000);
  const result = await fc.check(
    fc.asyncProperty(commands, drawnFaults, async (story: Command[], drawn) => {
      if (!goesOn()) return;
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
      endOnFailure: true,
    },
  );
  expect(result.numRuns).toBe(60);
  expect(result.failed, fc.defaultReportMessage(result) ?? "").toBe(false);
}, 300_000);
