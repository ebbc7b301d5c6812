import { afterAll, beforeAll, expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { MemoryOutbox } from "../../tests/support/memory-outbox.ts";
import { nextPortion } from "../portion.ts";
import { stepFor, stepThatIs } from "./aggregates/reading.ts";
import { Counters } from "./counters.ts";
import type { Database } from "./database/database.ts";
import { openPglite } from "./database/pglite.ts";
import { DatabaseLink } from "./database-link.ts";
import { ingest } from "./ingest.ts";
import { addGateway } from "./tokens.ts";
import { readLag, Upkeep } from "./upkeep.ts";

const now = Date.UTC(2026, 10, 22, 12, 30);
const [hourMs, dayMs] = [3_600_000, 86_400_000];
const { log } = memoryLog();
let database: Database;
let link: DatabaseLink;
const clock = new ManualClock(now);

beforeAll(async () => {
  database = await openPglite();
  link = new DatabaseLink(async () => database, clock, log);
  await link.start(async () => undefined);
});
afterAll(async () => link[Symbol.asyncDispose]());

async function send(gateway: string, times: readonly number[]): Promise<void> {
  await addGateway(database, gateway, `token-${gateway}`);
  const outbox = new MemoryOutbox(`epoch-${gateway}`);
  outbox.addSamples(
    times.map((sampledAt) => ({ point: "a/t", sampledAt, quality: "good", value: 1 })),
  );
  const of = { gateway, epoch: outbox.epoch, lane: "samples", cursor: 0, rowsMax: 5_000 } as const;
  const portion = nextPortion(outbox, of);
  if (portion?.kind !== "batch") throw new Error("no batch");
  await link.use((ready) => ingest(ready, portion.batch, clock.now()));
}

test("hours that are due are worked on, what is over its time is dropped, and the figures say how far it is", async () => {
  const counters = new Counters();
  const upkeep = new Upkeep({ link, clock, log, counters, keepMs: { sample: 100 * dayMs } });
  await send("gw-1", [now, now - 2 * hourMs, Date.UTC(2026, 3, 5), 5_000]);
  expect(await readLag(database, now)).toEqual({ hours: 4, seconds: 0 });
  expect(await readLag(database, now + 90_000)).toEqual({ hours: 4, seconds: 30 });
  await upkeep.step();
  const left = await database.query(
    "SELECT DISTINCT tableoid::regclass::text AS part FROM sample ORDER BY 1",
  );
  expect(left).toEqual([{ part: "sample_2026_11" }, { part: "sample_strange_time" }]);
  expect(counters.strangeRows).toBe(1);
  await clock.advance(60_000);
  expect(await upkeep.step()).toBe(2);
  expect((await readLag(database, clock.now())).hours).toBe(1);
  expect(counters.text(true, undefined, { hours: 1, seconds: 0 })).toContain(
    "rackwatch_central_aggregate_dirty_hours 1\n",
  );

  // Whoever asks for what was dropped is answered from what is kept.
  const spring = Date.UTC(2026, 3, 5);
  expect(stepFor(spring, spring + hourMs)).toBe("raw");
  expect(await stepThatIs(database, spring, spring + hourMs)).toBe("minute");
  expect(await stepThatIs(database, now - hourMs, now)).toBe("raw");
  expect(await stepThatIs(database, now - 12 * hourMs, now)).toBe("minute");
  expect(await stepThatIs(database, now - 30 * dayMs, now)).toBe("hour");
});

test("a fault of the upkeep is told and ends no receiver", async () => {
  const told = memoryLog();
  let isBroken = false;
  const faulty: Database = {
    ...database,
    query: (sql, values) =>
      isBroken ? Promise.reject(new Error("no such table")) : database.query(sql, values),
    [Symbol.asyncDispose]: async () => undefined,
  };
  await using other = new DatabaseLink(async () => faulty, clock, told.log);
  await other.start(async () => undefined);
  const about = { clock, log: told.log, counters: new Counters(), keepMs: {} };
  const upkeep = new Upkeep({ link: other, ...about });
  isBroken = true;
  expect(await upkeep.step()).toBe(0);
  expect(told.entries.at(-1)).toMatchObject({
    ...{ level: "error", event: "upkeep of the tables failed" },
    fields: { reason: "Error: no such table" },
  });
});
