import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import fc from "fast-check";
import type { FastifyInstance } from "fastify";
import { afterAll, beforeAll, expect, test } from "vitest";
import { z } from "zod";
import { type Fault, faults, type Network, redigested } from "../tests/support/faulty-central.ts";
import { memoryLog } from "../tests/support/manual-clock.ts";
import { turnsWithin } from "../tests/support/processor-time.ts";
import {
  batchHead,
  type Command,
  readJson,
  StepClock,
  World,
} from "../tests/support/sync-world.ts";
import { Counters } from "./central/counters.ts";
import type { Database } from "./central/database/database.ts";
import { openPglite } from "./central/database/pglite.ts";
import { DatabaseLink } from "./central/database-link.ts";
import { buildServer } from "./central/server.ts";

const command = fc.oneof(
  {
    weight: 5,
    arbitrary: fc.record({ do: fc.constant("samples"), n: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 3,
    arbitrary: fc.record({ do: fc.constant("events"), n: fc.integer({ min: 1, max: 3 }) }),
  },
  {
    weight: 8,
    arbitrary: fc.record({ do: fc.constant("steps"), n: fc.integer({ min: 1, max: 6 }) }),
  },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("restart"), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("lose cursor.db"), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("prune"), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("rebirth"), n: fc.constant(0) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("renew"), n: fc.constant(0) }) },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("thin"), n: fc.integer({ min: 1, max: 9 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("history"), n: fc.integer({ min: 1, max: 5 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("wait"), n: fc.integer({ min: 1, max: 90 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("restore central"), n: fc.integer({ min: 0, max: 6 }) }),
  },
  {
    weight: 1,
    arbitrary: fc.record({ do: fc.constant("damage"), n: fc.integer({ min: 1, max: 9 }) }),
  },
);

const commandList = fc.array(command, { minLength: 4, maxLength: 20 });
const faultList = (of: readonly Fault[]) =>
  fc.array(fc.constantFrom(...of), { minLength: 3, maxLength: 15 });

let database: Database;
let link: DatabaseLink;
let app: FastifyInstance;
let dir = "";
let gateways = 0;

beforeAll(async () => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-once-"));
  const clock = new StepClock();
  const { log } = memoryLog();
  database = await openPglite();
  link = new DatabaseLink(async () => database, { ...clock, sleep: hang }, log);
  await link.start(async () => undefined);
  const access = { listenHost: "127.0.0.1", readToken: undefined };
  app = await buildServer({ link, clock, log, counters: new Counters(), access, version: "0" });
});
afterAll(async () => {
  await app.close();
  await link[Symbol.asyncDispose]();
  rmSync(dir, { recursive: true, force: true });
});

function hang(_ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((_, reject) => signal?.addEventListener("abort", () => reject(signal.reason)));
}

interface Telling {
  readonly runs: number;
  readonly least: number;
  /** Of processor time: fewer are told on a slow machine. */
  readonly seconds: number;
  readonly of?: readonly Fault[];
  readonly mutant?: Partial<Network>;
}

function tell({ runs, least, seconds, of = ["ok", "ok", "ok", ...faults], mutant = {} }: Telling) {
  const goesOn = turnsWithin(least, seconds * 1_000);
  return fc.check<[Command[], Fault[]]>(
    fc.asyncProperty(commandList, faultList(of), async (commands, drawn) => {
      if (!goesOn()) return;
      gateways += 1;
      await new World({ database, app, dir }, `gw-${gateways}`, drawn, mutant).run(commands);
    }),
    {
      numRuns: runs,
      endOnFailure: true,
    },
  );
}

/** Each is found in a few stories. */
const mutantLimits = { runs: 300, least: 60, seconds: 60 };

test("whatever the network, central and the gateway do, each row is at central once and none is missing", async () => {
  const result = await tell({ runs: 60, least: 6, seconds: 10 });
  const report = `${fc.defaultReportMessage(result) ?? ""} ${String(result.errorInstance)}`;
  expect(result.failed, report).toBe(false);
  expect(result.numRuns).toBe(60);
}, 300_000);

test("a central that forgets which rows it has is found out", async () => {
  const forget: Partial<Network> = {
    async onQuestion(question) {
      const batch = batchHead.safeParse(question.body && readJson(question.body)).data;
      if (batch?.lane === "samples") {
        const gateway = question.url.split("/")[3];
        await database.query(
          "UPDATE mark SET seq = least(seq, $2) WHERE gateway = $1 AND lane = 'samples'",
          [gateway, batch.firstSeq - 1],
        );
        await database.query(
          "DELETE FROM block WHERE gateway = $1 AND lane = 'samples' AND last_seq >= $2",
          [gateway, batch.firstSeq],
        );
      }
      return question;
    },
  };
  const { failed, errorInstance } = await tell({
    ...mutantLimits,
    of: ["ok", "500 after", "duplicate"],
    mutant: forget,
  });
  expect(failed).toBe(true);
  expect(String(errorInstance)).toMatch(/is stored twice|cursor \d+ of/);
}, 300_000);

test("an agent that believes a whole batch stored when a part was is found out", async () => {
  const ackAll: Partial<Network> = {
    onReply(question, reply) {
      const batch = batchHead.safeParse(question.body && readJson(question.body)).data;
      if (batch === undefined || reply.status !== 200) return reply;
      const body = {
        ...z.record(z.string(), z.unknown()).parse(JSON.parse(reply.body)),
        mark: batch.lastSeq,
      };
      return { ...reply, body: JSON.stringify(body) };
    },
  };
  const { failed, errorInstance } = await tell({
    ...mutantLimits,
    of: ["ok", "partial"],
    mutant: ackAll,
  });
  expect(failed).toBe(true);
  expect(String(errorInstance)).toMatch(/cursor \d+ of/);
}, 300_000);

test("numbers without an epoch are found out", async () => {
  const oneEpoch: Partial<Network> = {
    async onQuestion(question) {
      const url = question.url.replace(/epoch=epoch-\d+/, "epoch=epoch-1");
      if (question.body === undefined) return { ...question, url };
      const text = JSON.stringify(readJson(question.body) ?? {});
      const body = Buffer.from(text.replace(/"epoch":"epoch-\d+"/, '"epoch":"epoch-1"'));
      const {
        "Content-Encoding": _,
        "content-encoding": __,
        ...headers
      } = redigested(question.headers, body);
      return { ...question, url, headers, body };
    },
  };
  const { failed } = await tell({ ...mutantLimits, of: ["ok"], mutant: oneEpoch });
  expect(failed).toBe(true);
}, 300_000);
