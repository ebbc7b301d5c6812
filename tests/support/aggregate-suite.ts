import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readBuckets } from "../../cloud-sync/central/aggregates/reading.ts";
import { AggregateWorker } from "../../cloud-sync/central/aggregates/worker.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { Partitions } from "../../cloud-sync/central/database/partitions.ts";
import { Retention } from "../../cloud-sync/central/database/retention.ts";
import { ingest } from "../../cloud-sync/central/ingest.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import type { Sample } from "../../drivers/contract.ts";
import type { ClockMark, Lane } from "../../gateway/store/store.ts";
import { bucketsOf } from "./aggregate-buckets.ts";
import { memoryLog } from "./manual-clock.ts";
import { alarmEvent, MemoryOutbox, testClock } from "./memory-outbox.ts";

const minuteMs = 60_000;
const hourMs = 60 * minuteMs;
const dayMs = 24 * hourMs;

/** Aggregates of samples, the same on every database; without one (undefined) the caller skips. */
export function aggregateSuite(open: () => Promise<Database | undefined>): void {
  const now = Date.UTC(2026, 10, 22, 12, 30);
  const noon = Date.UTC(2026, 10, 21, 12);
  let database: Database;
  let opened: Database | undefined;
  let made = 0;

  beforeAll(async () => {
    opened = await open();
    if (opened === undefined) return;
    database = opened;
    await migrate(database);
  }, 180_000);
  afterAll(async () => opened?.[Symbol.asyncDispose]());

  async function site() {
    made += 1;
    const gateway = `sums-${made}`;
    await addGateway(database, gateway, `token-${gateway}`);
    const outbox = new MemoryOutbox(`epoch-${gateway}`);
    const partitions = new Partitions(database);
    const worker = new AggregateWorker(database);
    const send = (lane: Lane, cursor = 0, rowsMax = 5_000) => {
      const of = { gateway, epoch: outbox.epoch, lane, cursor, rowsMax };
      const portion = nextPortion(outbox, of);
      if (portion?.kind !== "batch") throw new Error("no batch");
      return ingest({ database, partitions }, portion.batch, now, {});
    };
    const read = (step: "minute" | "hour", from: number, to: number, point = "a/t") =>
      readBuckets(database, step, { gateway, point, from, to, limit: 10_000 });
    const dirty = async () =>
      (await database.query("SELECT FROM dirty_hour WHERE gateway = $1", [gateway])).length;
    /** The time at which everything is due. */
    const settle = async () => {
      while ((await worker.step(now + 400 * dayMs)) > 0);
    };
    return { gateway, outbox, worker, send, read, dirty, settle };
  }

  const good = (
    sampledAt: number,
    value: number | string | boolean,
    point: Sample["point"] = "a/t",
  ) => ({ point, sampledAt, value, quality: "good" }) as const;

  test("a bucket counts by quality, sums numbers, knows first, last and the last text", async () => {
    const { outbox, send, read, dirty, settle } = await site();
    outbox.addSamples([
      good(noon + 1_000, 5),
      good(noon + 59_999, 1),
      { ...good(noon + 2_000, 9), quality: "uncertain", reason: "spike" },
      { point: "a/t", sampledAt: noon + 3_000, quality: "bad", reason: "timeout" },
      good(noon + minuteMs, true),
      good(noon + minuteMs, "开"),
      good(noon + 5 * minuteMs, "shut"),
      good(noon - 1, 100),
      good(noon + 1_000, 77, "a/other"),
    ]);
    await send("samples");
    const hour = {
      ...{ from: noon, good: 5, uncertain: 1, bad: 1, min: 1, max: 9, sum: 16, mean: 4 },
      ...{ first: 5, last: 1, lastText: "shut" },
    };
    const minutes = [
      {
        from: noon,
        good: 2,
        uncertain: 1,
        bad: 1,
        min: 1,
        max: 9,
        sum: 15,
        mean: 5,
        first: 5,
        last: 1,
      },
      {
        ...{
          from: noon + minuteMs,
          good: 2,
          uncertain: 0,
          bad: 0,
          min: 1,
          max: 1,
          sum: 1,
          mean: 1,
        },
        ...{ first: 1, last: 1, lastText: "开" },
      },
      { from: noon + 5 * minuteMs, good: 1, uncertain: 0, bad: 0, lastText: "shut" },
    ];
    const look = async () => ({
      hour: await read("hour", noon, noon + hourMs - 1),
      minutes: await read("minute", noon, noon + hourMs - 1),
      border: await read("minute", noon - 1, noon - 1),
    });
    const expected = {
      hour: [hour],
      minutes,
      border: [
        {
          ...{ from: noon - minuteMs, good: 1, uncertain: 0, bad: 0, min: 100, max: 100 },
          ...{ sum: 100, mean: 100, first: 100, last: 100 },
        },
      ],
    };
    expect(await look()).toEqual(expected);
    expect(await dirty()).toBe(2);
    await settle();
    expect(await dirty()).toBe(0);
    expect(await look()).toEqual(expected);
  });

  test("the hour that runs is worked on after its end, an earlier one a minute after its rows", async () => {
    const { outbox, send, worker, dirty } = await site();
    outbox.addSamples([good(now, 1), good(now - 5 * hourMs, 1)]);
    await send("samples");
    await worker.step(now + minuteMs - 1);
    expect(await dirty()).toBe(2);
    await worker.step(now + minuteMs);
    expect(await dirty()).toBe(1);
    await worker.step(Date.UTC(2026, 10, 22, 13));
    expect(await dirty()).toBe(1);
    await worker.step(Date.UTC(2026, 10, 22, 14));
    expect(await dirty()).toBe(0);
  });

  test("values whose sum fits no number stop nothing: the sum is absent, the rest is there", async () => {
    const { outbox, send, read, settle } = await site();
    outbox.addSamples([good(noon, 1.7e308), good(noon + 1, 1.7e308), good(noon + hourMs, 2)]);
    await send("samples");
    for (let pass = 0; pass < 2; pass += 1) {
      const rows = await read("hour", noon, noon + hourMs);
      expect(rows).toMatchObject([{ good: 2, max: 1.7e308 }, { sum: 2 }]);
      expect(rows[0]).not.toHaveProperty("sum");
      await settle();
    }
  });

  test("times of any year that a row may have are taken, and have their buckets", async () => {
    const { outbox, send, read, dirty, settle } = await site();
    const years = [-3_000, 1, 1_970, 2_100, 9_999, 33_658, 275_000];
    const times = years.map((year) => new Date(0).setUTCFullYear(year));
    outbox.addSamples(times.map((at) => good(at, 2)));
    expect(await send("samples")).toMatchObject({ ack: { mark: years.length, rejected: [] } });
    for (let pass = 0; pass < 2; pass += 1) {
      for (const at of times) {
        expect(await read("hour", at, at)).toMatchObject([{ from: at, good: 1, sum: 2 }]);
        expect(await read("minute", at, at)).toMatchObject([{ from: at, good: 1, sum: 2 }]);
      }
      await settle();
    }
    expect(await dirty()).toBe(0);
  });

  test("rows whose time is corrected leave the buckets that they stood in", async () => {
    const { gateway, outbox, send, read, dirty, settle } = await site();
    const wrong: ClockMark = { boot: "b", offsetMs: noon - 100 * dayMs, quality: "unset" };
    const right: ClockMark = { boot: "b", offsetMs: noon, quality: "synchronized" };
    outbox.addSamples([good(wrong.offsetMs + 5_000, 3), good(wrong.offsetMs + 6_000, 4)], wrong);
    outbox.addEvents([{ ...alarmEvent("x", "unacknowledged"), mono: 1 }], wrong);
    await send("samples");
    await settle();
    expect(await read("hour", wrong.offsetMs, wrong.offsetMs + hourMs)).toMatchObject([{ sum: 7 }]);
    const rows = { events: [1, 1], samples: [1, 2] };
    const body = { correction: { boot: "b", offsetMs: noon, rows } };
    outbox.addEvents([{ kind: "clock", at: noon + 9_000, mono: 9_000, body }], right);
    await send("events");
    expect(await dirty()).toBe(2);
    for (let pass = 0; pass < 2; pass += 1) {
      expect(await read("hour", wrong.offsetMs, wrong.offsetMs + hourMs)).toEqual([]);
      expect(await read("minute", noon, noon + hourMs)).toMatchObject([{ good: 2, sum: 7 }]);
      await settle();
    }
    const left = await database.query("SELECT FROM sample_hour WHERE gateway = $1", [gateway]);
    expect(left).toHaveLength(1);
  });

  test("after a storm of late, repeated and overlapping rows buckets equal those of a look at all samples", async () => {
    const value = fc.oneof(
      fc.integer({ min: -50, max: 50 }),
      fc.boolean(),
      fc.constantFrom("on", "off"),
    );
    const sample = fc.record({
      at: fc.integer({ min: 0, max: 4 * hourMs - 1 }),
      value,
      quality: fc.constantFrom("good" as const, "uncertain" as const, "bad" as const),
      point: fc.constantFrom("a/t" as const, "a/u" as const),
    });
    const storm = fc.record({
      samples: fc.array(sample, { minLength: 1, maxLength: 60 }),
      cuts: fc.array(
        fc.record({ back: fc.nat(9), rows: fc.integer({ min: 1, max: 20 }), work: fc.boolean() }),
        {
          minLength: 8,
          maxLength: 25,
        },
      ),
    });
    const runs = database.kind === "pglite" ? 6 : 25;
    await fc.assert(
      fc.asyncProperty(storm, async ({ samples, cuts }) => {
        const { gateway, outbox, send, read, worker, settle } = await site();
        const rows = samples.map(({ at, quality, value: told, point }): Sample => {
          const common = { point, sampledAt: noon + at } as const;
          if (quality === "bad") return { ...common, quality, reason: "timeout" };
          if (quality === "good") return { ...common, quality, value: told };
          return { ...common, quality, value: told, reason: "range" };
        });
        outbox.addSamples(rows, testClock);
        let mark = 0;
        for (const { back, rows: count, work } of cuts) {
          if (mark < rows.length) await send("samples", Math.max(0, mark - back), count);
          const [row] = await database.query(
            "SELECT seq::int AS seq FROM mark WHERE gateway = $1",
            [gateway],
          );
          mark = Number(row?.["seq"] ?? 0);
          if (work) await worker.step(now + 400 * dayMs);
        }
        if (mark < rows.length) await send("samples", mark);
        for (let pass = 0; pass < 2; pass += 1) {
          for (const point of ["a/t", "a/u"]) {
            const of = rows.filter((it) => it.point === point);
            expect(await read("minute", noon, noon + 4 * hourMs, point)).toEqual(
              bucketsOf(of, minuteMs),
            );
            expect(await read("hour", noon, noon + 4 * hourMs, point)).toEqual(
              bucketsOf(of, hourMs),
            );
          }
          await settle();
        }
      }),
      { numRuns: runs },
    );
  });

  test("two workers and ten senders at once leave no hour behind and count no row twice", async () => {
    const sites = await Promise.all(Array.from({ length: 5 }, () => site()));
    const other = new AggregateWorker(database);
    let isSending = true;
    const working = [other, new AggregateWorker(database)].map(async (worker) => {
      while (isSending) await worker.step(now + 400 * dayMs);
    });
    const sending = sites.map(async ({ outbox, send }) => {
      for (let batch = 0; batch < 12; batch += 1) {
        const rows = Array.from({ length: 10 }, (_, index) =>
          good(noon + ((batch + index) % 3) * hourMs, 1),
        );
        outbox.addSamples(rows);
        await send("samples", batch * 10);
      }
    });
    await Promise.all(sending);
    isSending = false;
    await Promise.all(working);
    for (const { read, settle, dirty } of sites) {
      await settle();
      expect(await dirty()).toBe(0);
      const rows = await read("hour", noon, noon + 3 * hourMs);
      expect(rows.map(({ sum }) => sum).reduce((all = 0, sum = 0) => all + sum)).toBe(120);
    }
  });

  test("retention drops samples and keeps their buckets; a row that comes later is added to them", async () => {
    const { gateway, outbox, send, read, worker, dirty, settle } = await site();
    const old = Date.UTC(2026, 6, 10, 8);
    outbox.addSamples([good(old, 3), good(old + minuteMs, 5)]);
    await send("samples");
    const retention = new Retention({
      ...{ database, worker, log: memoryLog().log },
      keepMs: { sample: 60 * dayMs },
    });
    expect(await retention.step(now)).toContain("sample_2026_07");
    const samples = () => database.query("SELECT FROM sample WHERE gateway = $1", [gateway]);
    expect(await samples()).toEqual([]);
    expect(await read("hour", old, old)).toMatchObject([{ good: 2, sum: 8, min: 3, max: 5 }]);
    for (const value of [7, 1]) {
      outbox.addSamples([good(old + 2 * minuteMs, value)]);
      await send("samples", outbox.head("samples") - 1);
    }
    const merged = { good: 4, sum: 16, min: 1, max: 7, first: 3, last: 1 };
    expect(await read("hour", old, old)).toMatchObject([merged]);
    await settle();
    expect(await dirty()).toBe(0);
    expect(await read("hour", old, old)).toMatchObject([merged]);
    expect(await read("minute", old, old + hourMs)).toMatchObject([
      { sum: 3 },
      { sum: 5 },
      { sum: 8, good: 2 },
    ]);
    expect(await retention.step(now + 2 * hourMs)).toContain("sample_2026_07");
    outbox.addSamples([good(old + 3 * minuteMs, 10)]);
    await send("samples", 4);
    await settle();
    expect(await samples()).toHaveLength(1);
    expect(await read("hour", old, old)).toMatchObject([
      { ...merged, good: 5, sum: 26, max: 10, last: 10 },
    ]);
  });

  test("a row that comes between the last look at the marks and the drop is in a bucket before its samples go", async () => {
    const { outbox, send, read, worker } = await site();
    const old = Date.UTC(2026, 4, 10, 8);
    outbox.addSamples([good(old, 3)]);
    await send("samples");
    let drains = 0;
    const retention = new Retention({
      ...{ database, log: memoryLog().log, keepMs: { sample: 60 * dayMs } },
      worker: {
        drain: async (range, at) => {
          const isDone = await worker.drain(range, at);
          if (range.from > old || range.until <= old) return isDone;
          drains += 1;
          if (drains > 1) return isDone;
          outbox.addSamples([good(old + 1, 4)]);
          await send("samples", 1);
          return isDone;
        },
      },
    });
    expect(await retention.step(now)).toContain("sample_2026_05");
    expect(drains).toBe(2);
    expect(await read("hour", old, old)).toMatchObject([{ good: 2, sum: 7 }]);
  });

  test("hours of one gateway that fail hold up no other, keep their samples and are tried again", async () => {
    const [bad, well] = [await site(), await site()];
    for (const { outbox, send } of [bad, well]) {
      outbox.addSamples([good(noon, 1)]);
      await send("samples");
    }
    const told = memoryLog();
    let isFailing = true;
    const failing: Database = {
      ...database,
      transaction: (run) =>
        database.transaction((queries) =>
          run({
            copyIn: (table, slices) => queries.copyIn(table, slices),
            query: (sql, values) =>
              isFailing && values?.[0] === bad.gateway && sql.includes("sample_minute")
                ? Promise.reject(new Error("out of range"))
                : queries.query(sql, values),
          }),
        ),
    };
    const worker = new AggregateWorker(failing, told.log);
    const soon = now + hourMs;
    await worker.step(soon);
    expect([await bad.dirty(), await well.dirty()]).toEqual([1, 0]);
    expect(told.entries).toMatchObject([
      { level: "error", event: "aggregates failed", fields: { gateway: bad.gateway } },
    ]);
    expect(await bad.read("hour", noon, noon)).toMatchObject([{ sum: 1 }]);
    const hour = { from: noon, until: noon + hourMs };
    expect(await worker.drain(hour, soon)).toBe(false);
    isFailing = false;
    await worker.step(soon + hourMs - 1);
    expect(await bad.dirty()).toBe(1);
    await worker.step(soon + hourMs);
    expect(await bad.dirty()).toBe(0);
  });
}
