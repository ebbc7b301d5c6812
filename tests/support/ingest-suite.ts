import { afterAll, beforeAll, expect, test } from "vitest";
import { readAnchors } from "../../cloud-sync/central/audit-anchors.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { Partitions } from "../../cloud-sync/central/database/partitions.ts";
import { declareGaps } from "../../cloud-sync/central/gaps.ts";
import { ingest } from "../../cloud-sync/central/ingest.ts";
import { readMarks } from "../../cloud-sync/central/ledger.ts";
import {
  readAlarms,
  readGateways,
  readLatest,
  readSamples,
} from "../../cloud-sync/central/readings.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import {
  type Batch,
  batchRowsLimit,
  batchRowsMax,
  type GapDeclaration,
} from "../../cloud-sync/protocol.ts";
import type { Sample } from "../../drivers/contract.ts";
import { encodeSamples } from "../../gateway/store/columns.ts";
import { textCharsMax } from "../../gateway/store/storable.ts";
import type { GatewayEvent, Lane } from "../../gateway/store/store.ts";
import { alarmEvent, MemoryOutbox, someEvents, someSamples, testClock } from "./memory-outbox.ts";

/** What central does with rows, the same on every database; without one (undefined) the caller skips the tests. */
export function ingestSuite(open: () => Promise<Database | undefined>): void {
  const now = Date.UTC(2026, 10, 22);
  let database: Database;
  let opened: Database | undefined;
  let partitions: Partitions;
  let made = 0;

  beforeAll(async () => {
    opened = await open();
    if (opened === undefined) return;
    database = opened;
    await migrate(database);
    partitions = new Partitions(database);
  }, 180_000);
  afterAll(async () => opened?.[Symbol.asyncDispose]());

  async function newGateway(): Promise<string> {
    made += 1;
    await addGateway(database, `gw-${made}`, `token-${made}`);
    return `gw-${made}`;
  }

  function batchOf(outbox: MemoryOutbox, gateway: string, lane: Lane, cursor = 0, rowsMax = 5_000) {
    const portion = nextPortion(outbox, { gateway, epoch: outbox.epoch, lane, cursor, rowsMax });
    if (portion?.kind !== "batch") throw new Error("no batch");
    return portion.batch;
  }

  const send = (batch: Batch) => ingest({ database, partitions }, batch, now);

  async function seqs(gateway: string): Promise<number[]> {
    const rows = await database.query(
      "SELECT seq::int AS seq FROM sample WHERE gateway = $1 ORDER BY seq",
      [gateway],
    );
    return rows.map((row) => Number(row["seq"]));
  }

  const upTo = (last: number) => Array.from({ length: last }, (_, index) => index + 1);

  test("every kind of sample comes back from the read API as it was sent", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const at = Date.UTC(2026, 10, 21, 12);
    const samples: Sample[] = [
      { point: "a/b", sampledAt: at, quality: "good", value: 21.375 },
      { point: "a/b", sampledAt: at + 1, quality: "good", value: 1e308 },
      { point: "a/b", sampledAt: at + 2, quality: "good", value: -0.1, raw: 17 },
      { point: "a/b", sampledAt: at + 3, quality: "good", value: 'door 开 \t\\N "x"' },
      { point: "a/b", sampledAt: at + 4, quality: "good", value: true },
      { point: "a/b", sampledAt: at + 5, quality: "good", value: false },
      { point: "a/b", sampledAt: at + 6, quality: "uncertain", value: 3, reason: "spike" },
      { point: "a/b", sampledAt: at + 7, quality: "bad", reason: "timeout" },
      { point: "a/b", sampledAt: at + 8, quality: "good", value: "" },
    ];
    outbox.addSamples(samples);
    expect(await send(batchOf(outbox, gateway, "samples"))).toMatchObject({
      kind: "stored",
      ack: { mark: samples.length, rejected: [] },
    });
    const rows = await readSamples(database, {
      gateway,
      point: "a/b",
      from: at,
      to: at + 100,
      limit: 100,
    });
    const expected = samples.map(({ raw: _, ...rest }, index) => ({
      ...rest,
      gateway,
      epoch: "epoch-1",
      seq: index + 1,
    }));
    expect(rows).toEqual(expected);
    const last = expected.at(-1);
    expect(await readLatest(database, gateway)).toEqual([
      { gateway, point: "a/b", sampledAt: last?.sampledAt, quality: "good", value: "" },
    ]);
  });

  test("the largest batch and the longest texts arrive whole", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const text = "冷".repeat(textCharsMax);
    const long = someSamples(20).map((sample) => ({ ...sample, value: text }));
    const samples = [...someSamples(batchRowsMax - long.length), ...long];
    outbox.addSamples(samples);
    const batch = batchOf(outbox, gateway, "samples");
    expect(await send(batch)).toMatchObject({ ack: { mark: batchRowsMax }, rows: batchRowsMax });
    const stored = await database.query(
      "SELECT seq::int AS seq, point, coalesce(text_value, value::text) AS value FROM sample WHERE gateway = $1 ORDER BY seq",
      [gateway],
    );
    expect(stored).toEqual(
      samples.map((sample, index) => ({
        seq: index + 1,
        point: sample.point,
        value: sample.quality === "bad" ? null : String(sample.value),
      })),
    );
  });

  test("a batch that is repeated, overlapping or late changes nothing", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addSamples(someSamples(20));
    const whole = batchOf(outbox, gateway, "samples");
    const half = batchOf(outbox, gateway, "samples", 0, 10);
    const middle = batchOf(outbox, gateway, "samples", 5, 10);
    expect(await send(half)).toMatchObject({ ack: { mark: 10 } });
    expect(await send(middle)).toMatchObject({ ack: { mark: 15 }, rows: 5 });
    expect(await send(half)).toMatchObject({ ack: { mark: 15 }, rows: 0 });
    expect(await send(whole)).toMatchObject({ ack: { mark: 20 }, rows: 5 });
    expect(await send(whole)).toMatchObject({ ack: { mark: 20 }, rows: 0 });
    expect(await seqs(gateway)).toEqual(upTo(20));
  });

  test("the same batch twice at once is stored once", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addSamples(someSamples(50));
    const batch = batchOf(outbox, gateway, "samples");
    await Promise.all([send(batch), send(batch), send(batch)]);
    expect(await seqs(gateway)).toEqual(upTo(50));
  });

  test("a batch that leaves rows out is refused with the mark", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addSamples(someSamples(20));
    await send(batchOf(outbox, gateway, "samples", 0, 5));
    expect(await send(batchOf(outbox, gateway, "samples", 10, 5))).toMatchObject({
      kind: "refused",
      status: 409,
      refusal: { code: "gap", mark: 5 },
    });
    expect(await seqs(gateway)).toEqual(upTo(5));
  });

  test("a declared gap moves the mark and stays on record", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addSamples(someSamples(20));
    const declaration: GapDeclaration = {
      schemaVersion: 1,
      gateway,
      epoch: outbox.epoch,
      lane: "samples",
      gaps: [{ firstSeq: 1, lastSeq: 8, reason: "not-in-store" }],
    };
    expect(await declareGaps({ database, partitions }, declaration)).toMatchObject({
      ack: { mark: 8 },
    });
    expect(await declareGaps({ database, partitions }, declaration)).toMatchObject({
      ack: { mark: 8 },
    });
    expect(await send(batchOf(outbox, gateway, "samples", 8))).toMatchObject({ ack: { mark: 20 } });
    const gaps = await database.query(
      "SELECT first_seq, last_seq, reason FROM gap WHERE gateway = $1",
      [gateway],
    );
    expect(gaps).toEqual([{ first_seq: 1, last_seq: 8, reason: "not-in-store" }]);
  });

  test("a new epoch begins at row 1 and fences the one before it", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addSamples(someSamples(10));
    outbox.addEvents([alarmEvent("cold", "unacknowledged")]);
    const old = batchOf(outbox, gateway, "samples");
    await send(old);
    await send(batchOf(outbox, gateway, "events"));
    expect(await readAlarms(database, { gateway, all: false })).toHaveLength(1);
    outbox.reborn("epoch-2");
    outbox.addSamples(someSamples(4));
    expect(await send(batchOf(outbox, gateway, "samples"))).toMatchObject({ ack: { mark: 4 } });
    expect(await send(old)).toMatchObject({ status: 409, refusal: { code: "epoch-fenced" } });
    expect(await seqs(gateway)).toHaveLength(14);
    expect(await readMarks(database, gateway, "epoch-1")).toBeUndefined();
    expect(await readMarks(database, gateway, "epoch-2")).toEqual({ events: 0, samples: 4 });
    expect(await readAlarms(database, { gateway, all: true })).toEqual([]);
  });

  test("other events under known numbers are a conflict on record, never an overwrite", async () => {
    const gateway = await newGateway();
    const card = new MemoryOutbox();
    const clone = new MemoryOutbox();
    card.addEvents(someEvents(3));
    clone.addEvents(someEvents(3));
    await send(batchOf(card, gateway, "events"));
    card.addEvents(someEvents(2));
    clone.addEvents([alarmEvent("x", "unacknowledged"), ...someEvents(3)]);
    await send(batchOf(card, gateway, "events", 3));
    const conflict = { status: 409, refusal: { code: "conflict", mark: 5 } };
    expect(await send(batchOf(clone, gateway, "events", 3))).toMatchObject(conflict);
    expect(await send(batchOf(clone, gateway, "events", 3, 1))).toMatchObject(conflict);
    expect(await send(batchOf(clone, gateway, "events", 5))).toMatchObject(conflict);
    const events = await database.query("SELECT kind FROM event WHERE gateway = $1", [gateway]);
    expect(events.map((event) => event["kind"])).toEqual(Array(5).fill("audit"));
    const [record] = await database.query(
      "SELECT sum(times)::int AS times FROM conflict WHERE gateway = $1",
      [gateway],
    );
    expect(record).toEqual({ times: 3 });
  });

  test("the end of the audit trail is kept with each batch, and another one for the same entry is a conflict", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents(someEvents(2));
    const batch = batchOf(outbox, gateway, "events");
    const anchor = { seq: 7, hash: "a".repeat(64) };
    await send({ ...batch, audit: anchor });
    await send({ ...batch, audit: anchor });
    const forged = { seq: 7, hash: "b".repeat(64) };
    expect(await send({ ...batch, audit: forged })).toMatchObject({ ack: { mark: 2 } });
    expect(await readAnchors(database, gateway)).toMatchObject([anchor]);
    const [conflict] = await database.query(
      "SELECT lane, ours, theirs FROM conflict WHERE gateway = $1",
      [gateway],
    );
    expect(conflict).toEqual({ lane: "audit", ours: anchor.hash, theirs: forged.hash });
  });

  test("events whose content does not give the chain of the batch are refused", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents(someEvents(2));
    const batch = batchOf(outbox, gateway, "events");
    const forged = { before: batch.chain?.before ?? "", after: "f".repeat(64) };
    const { chain: _, ...unchained } = batch;
    for (const wrong of [{ ...batch, chain: forged }, unchained]) {
      expect(await send(wrong)).toMatchObject({ status: 400, refusal: { code: "bad-batch" } });
    }
  });

  test("after a gap in the events the chain goes on from what the batch says", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents(someEvents(6));
    const gaps = [{ firstSeq: 1, lastSeq: 3, reason: "corrupt" }] as const;
    await declareGaps(
      { database, partitions },
      { schemaVersion: 1, gateway, epoch: outbox.epoch, lane: "events", gaps: [...gaps] },
    );
    const rest = batchOf(outbox, gateway, "events", 3);
    expect(await send(rest)).toMatchObject({ ack: { mark: 6, chain: rest.chain?.after } });
  });

  test("an alarm's state at central is that of its last transition", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents([alarmEvent("cold", "unacknowledged", now - 60_000)]);
    outbox.addEvents([
      alarmEvent("cold", "acknowledged", now - 30_000, { by: "li", comment: "door" }),
      alarmEvent("dry", "unacknowledged", now - 20_000, { priority: "critical" }),
      alarmEvent("wet", "normal", now - 10_000),
    ]);
    await send(batchOf(outbox, gateway, "events", 0, 1));
    await send(batchOf(outbox, gateway, "events", 1));
    const alarms = await readAlarms(database, { gateway, all: false });
    expect(alarms).toMatchObject([
      { rule: "dry", state: "unacknowledged", priority: "critical" },
      {
        rule: "cold",
        state: "acknowledged",
        since: now - 30_000,
        acknowledgedBy: "li",
        comment: "door",
      },
    ]);
    const [row] = (await readGateways(database)).filter(({ id }) => id === gateway);
    expect(row).toMatchObject({
      activeAlarms: 2,
      marks: { events: 4, samples: 0 },
      epoch: "epoch-1",
    });
  });

  test("values and alarms carry what the gateway last said of their points", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const boot = (name: string | undefined, points: readonly object[]): GatewayEvent => ({
      kind: "boot",
      at: now,
      mono: 1,
      body: { boot: "b", points, ...(name === undefined ? {} : { name }) },
    });
    const warm = { key: "a/t", kind: "number", unit: "[degF]", name: "Room A" };
    outbox.addSamples([
      { point: "a/t", sampledAt: now, quality: "good", value: 4 },
      { point: "a/door", sampledAt: now, quality: "good", value: true },
      { point: "a/unknown", sampledAt: now, quality: "good", value: 1 },
    ]);
    outbox.addEvents([
      boot("Dock", [warm, { key: "a/door", kind: "boolean", location: "room-a" }]),
      alarmEvent("cold", "unacknowledged", now, { point: "a/t", value: 9 }),
    ]);
    await send(batchOf(outbox, gateway, "samples"));
    await send(batchOf(outbox, gateway, "events"));
    const named = async () => (await readGateways(database)).find(({ id }) => id === gateway)?.name;
    const told = async () =>
      (await readLatest(database, gateway)).map(({ point, unit, name, location }) => ({
        point,
        ...(unit === undefined ? {} : { unit }),
        ...(name === undefined ? {} : { name }),
        ...(location === undefined ? {} : { location }),
      }));
    expect(await named()).toBe("Dock");
    expect(await told()).toEqual([
      { point: "a/door", location: "room-a" },
      { point: "a/t", unit: "[degF]", name: "Room A" },
      { point: "a/unknown" },
    ]);
    const [alarm] = await readAlarms(database, { gateway, all: false });
    expect(alarm).toMatchObject({ point: "a/t", value: 9, unit: "[degF]", pointName: "Room A" });

    // The next start says otherwise, in two events; a list that is none changes nothing.
    outbox.addEvents([
      boot(undefined, [{ key: "a/t", kind: "number", unit: "K" }]),
      { kind: "config", at: now, mono: 2, body: { points: [{ ...warm, unit: "Cel" }] } },
      { kind: "config", at: now, mono: 3, body: { points: [{ key: "a/t", kind: "matrix" }] } },
      { kind: "audit", at: now, mono: 4, body: { points: [{ ...warm, unit: "kg" }] } },
    ]);
    const restart = batchOf(outbox, gateway, "events", 2);
    await send(restart);
    await send(restart);
    expect(await named()).toBeUndefined();
    expect(await told()).toContainEqual({ point: "a/t", unit: "Cel", name: "Room A" });
    expect(await told()).toContainEqual({ point: "a/door", location: "room-a" });

    // While it runs; a change that does not say the name leaves it.
    const changed = (body: object): GatewayEvent => ({
      kind: "config",
      ...{ at: now, mono: 5, body: { points: [], ...body } },
    });
    let seq = 6;
    const change = async (...bodies: object[]) => {
      outbox.addEvents(bodies.map(changed));
      await send(batchOf(outbox, gateway, "events", seq));
      seq += bodies.length;
      return named();
    };
    expect(await change({ name: "Cold dock" }, {})).toBe("Cold dock");
    expect(await change({ name: "" })).toBeUndefined();

    await addGateway(database, gateway, `token-${gateway}`, "Enrolled as this");
    outbox.addEvents([boot("Dock", [])]);
    await send(batchOf(outbox, gateway, "events", seq));
    expect(await named()).toBe("Enrolled as this");
  });

  test("rows that PostgreSQL cannot hold are set aside with their reason, the others go on", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const [good] = someSamples(1);
    if (good === undefined) throw new Error("no sample");
    outbox.addSamples([
      good,
      { ...good, quality: "good", value: "nul\0" },
      { ...good, point: `${"x".repeat(300)}/y` },
      { ...good, sampledAt: 9e15 },
      good,
    ]);
    outbox.addEvents([
      ...someEvents(1),
      { kind: "audit", at: now, mono: 1, body: { text: "a\0b" } },
    ]);
    expect(await send(batchOf(outbox, gateway, "samples"))).toMatchObject({
      ack: { mark: 5, rejected: [{ seq: 2 }, { seq: 3 }, { seq: 4 }] },
    });
    expect(await send(batchOf(outbox, gateway, "events"))).toMatchObject({
      ack: { mark: 2, rejected: [{ seq: 2 }] },
    });
    expect(await seqs(gateway)).toEqual([1, 5]);
    const kept = await database.query("SELECT content FROM reject WHERE gateway = $1", [gateway]);
    expect(kept).toHaveLength(4);
  });

  test("rows that are not what the numbers say, or no columns at all, are refused whole", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addSamples(someSamples(3));
    const batch = batchOf(outbox, gateway, "samples");
    const clock = testClock;
    const wrong: Batch[] = [
      { ...batch, lastSeq: 4 },
      { ...batch, lastSeq: 2 },
      { ...batch, blocks: [{ clock, columns: { v: 1, rows: 3 } }] },
      { ...batch, blocks: [{ clock, columns: null }] },
    ];
    for (const it of wrong) {
      expect(await send(it)).toMatchObject({ status: 400, refusal: { code: "bad-batch" } });
    }
    const columns = encodeSamples(someSamples(batchRowsLimit / 2));
    const many = {
      ...batch,
      lastSeq: 1.5 * batchRowsLimit,
      blocks: Array.from({ length: 3 }, () => ({ clock, columns })),
    };
    expect(await send(many)).toMatchObject({ status: 413, refusal: { code: "too-large" } });
    expect(await seqs(gateway)).toEqual([]);
  });

  test("a clock that steps back does not freeze the newest value", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addSamples([
      { point: "a/b", sampledAt: now + 86_400_000 * 400, quality: "good", value: 1 },
    ]);
    outbox.addSamples([{ point: "a/b", sampledAt: now, quality: "good", value: 2 }]);
    outbox.addSamples([{ point: "a/b", sampledAt: 1_000, quality: "good", value: 3 }]);
    for (const cursor of [0, 1, 2]) await send(batchOf(outbox, gateway, "samples", cursor, 1));
    expect(await readLatest(database, gateway)).toMatchObject([{ value: 3, sampledAt: 1_000 }]);
  });

  test("a month that lay in the future takes its rows back from the default partition", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const later = Date.UTC(2027, 5, 15);
    outbox.addSamples(someSamples(3, later));
    await send(batchOf(outbox, gateway, "samples"));
    const where = () =>
      database.query(
        "SELECT DISTINCT tableoid::regclass::text AS part FROM sample WHERE gateway = $1",
        [gateway],
      );
    expect(await where()).toEqual([{ part: "sample_strange_time" }]);
    await new Partitions(database).prepare([], Date.UTC(2027, 5, 1));
    expect(await where()).toEqual([{ part: "sample_2027_06" }]);
  });

  test("migrating twice, also at once, changes nothing and keeps the generation", async () => {
    const generations = await Promise.all([migrate(database), migrate(database)]);
    expect(new Set(generations).size).toBe(1);
  });
}
