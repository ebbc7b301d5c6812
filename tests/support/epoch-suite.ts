import { afterAll, beforeAll, expect, test } from "vitest";
import { readBlocks, thinnedGaps } from "../../cloud-sync/central/blocks.ts";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { Partitions } from "../../cloud-sync/central/database/partitions.ts";
import { declareGaps } from "../../cloud-sync/central/gaps.ts";
import { greet } from "../../cloud-sync/central/hello.ts";
import { ingest } from "../../cloud-sync/central/ingest.ts";
import { readAlarms, readGateways, readLatest } from "../../cloud-sync/central/readings.ts";
import { notice } from "../../cloud-sync/central/snapshot.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import { type Batch, type Hello, helloSchema, type Snapshot } from "../../cloud-sync/protocol.ts";
import type { Sample } from "../../drivers/contract.ts";
import { decodeSamples, encodeSamples } from "../../gateway/store/columns.ts";
import type { Lane } from "../../gateway/store/store.ts";
import { alarmEvent, MemoryOutbox, someEvents, someSamples, testClock } from "./memory-outbox.ts";

/** Hellos, epochs that go on, snapshots and thinned rows, the same on every database; undefined: the caller skips. */
export function epochSuite(open: () => Promise<Database | undefined>): void {
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
    await addGateway(database, `epoch-${made}`, `token-of-epochs-${made}`);
    return `epoch-${made}`;
  }

  function batchOf(outbox: MemoryOutbox, gateway: string, lane: Lane, cursor = 0, rowsMax = 5_000) {
    const portion = nextPortion(outbox, { gateway, epoch: outbox.epoch, lane, cursor, rowsMax });
    if (portion?.kind !== "batch") throw new Error("no batch");
    return portion.batch;
  }

  const tables = () => ({ database, partitions });
  const send = (batch: Batch) => ingest(tables(), batch, now, { address: "192.0.2.7" });

  function helloOf(outbox: MemoryOutbox, gateway: string, more: Partial<Hello> = {}): Hello {
    const span = (lane: Lane) => ({
      first: outbox.first(lane),
      last: outbox.head(lane),
      cursor: 0,
    });
    const lanes = { events: span("events"), samples: span("samples") };
    const ancestors = [...outbox.ancestors()];
    const { epoch } = outbox;
    const said = { schemaVersions: [1, 2], gateway, epoch, ancestors, lanes, sentAt: now, ...more };
    return helloSchema.parse(said);
  }

  const hello = (outbox: MemoryOutbox, gateway: string, more: Partial<Hello> = {}) =>
    greet(tables(), helloOf(outbox, gateway, more), { address: "192.0.2.7" });

  const rowsOf = (gateway: string) =>
    database.query(
      `SELECT epoch_number AS e, seq::int AS seq, value FROM sample WHERE gateway = $1
       ORDER BY epoch_number, seq`,
      [gateway],
    );

  const conflicts = (gateway: string) =>
    database.query(
      `SELECT lane, seq::int AS seq, ours, theirs, machine, origin, times::int AS times FROM conflict
       WHERE gateway = $1 ORDER BY lane`,
      [gateway],
    );

  test("the highest version that both speak is taken, and none in common is refused", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const answer = (schemaVersions: number[]) => hello(outbox, gateway, { schemaVersions });
    expect(await answer([1, 2, 3])).toMatchObject({ welcome: { schemaVersion: 2 } });
    expect(await answer([1])).toMatchObject({ welcome: { schemaVersion: 1 } });
    expect(await answer([3])).toMatchObject({ status: 400, refusal: { code: "schema-version" } });
  });

  test("a hello tells the marks and keeps who spoke, from which machine, and when it was alive", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addSamples(someSamples(30));
    await send(batchOf(outbox, gateway, "samples", 0, 10));
    const more = { machine: "m-1", aliveAt: now - 5_000 };
    expect(await hello(outbox, gateway, more)).toMatchObject({
      kind: "welcome",
      welcome: { marks: { events: 0, samples: 10 }, limits: { rowsMax: 20_000 } },
    });
    const [row] = await database.query(
      `SELECT machine, alive_age_ms, backlog::int AS backlog, last_contact_at IS NOT NULL AS heard
       FROM gateway WHERE gateway = $1`,
      [gateway],
    );
    expect(row).toEqual({ machine: "m-1", alive_age_ms: 5_000, backlog: 20, heard: true });
  });

  test("a card that was moved goes on where central stood: nothing twice, nothing lost", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("moved-1");
    outbox.addSamples(someSamples(20));
    outbox.addEvents([...someEvents(3), alarmEvent("cold", "unacknowledged")]);
    await hello(outbox, gateway);
    await send(batchOf(outbox, gateway, "samples", 0, 12));
    await send(batchOf(outbox, gateway, "events"));
    outbox.renew("moved-2");
    outbox.addSamples(someSamples(5));
    outbox.addEvents(someEvents(2));
    expect(await hello(outbox, gateway)).toMatchObject({
      welcome: { marks: { events: 4, samples: 12 } },
    });
    expect(await send(batchOf(outbox, gateway, "samples", 12))).toMatchObject({
      ack: { mark: 25 },
      rows: 13,
    });
    expect(await send(batchOf(outbox, gateway, "events", 4))).toMatchObject({ ack: { mark: 6 } });
    // Rows that were sent under the earlier epoch, once more under this one.
    expect(await send(batchOf(outbox, gateway, "events", 2, 4))).toMatchObject({ rows: 0 });
    expect(await rowsOf(gateway)).toHaveLength(25);
    expect(await conflicts(gateway)).toEqual([]);
    expect(await readAlarms(database, { gateway, all: false })).toHaveLength(1);
  });

  test("after a restore rows that only the earlier epoch has stay, and the later one goes on from the backup", async () => {
    const gateway = await newGateway();
    const before = new MemoryOutbox("kept-1");
    before.addSamples(someSamples(10));
    before.addEvents(someEvents(2));
    await hello(before, gateway);
    const restored = new MemoryOutbox("kept-1");
    restored.addSamples(someSamples(10));
    restored.addEvents(someEvents(2));
    before.addSamples(someSamples(4));
    before.addEvents([alarmEvent("cold", "unacknowledged")]);
    await send(batchOf(before, gateway, "samples"));
    await send(batchOf(before, gateway, "events"));
    restored.renew("kept-2");
    restored.addSamples(someSamples(6));
    restored.addEvents(someEvents(1));
    expect(await hello(restored, gateway)).toMatchObject({
      welcome: { marks: { events: 2, samples: 10 } },
    });
    await send(batchOf(restored, gateway, "samples", 10));
    expect(await send(batchOf(restored, gateway, "events", 2))).toMatchObject({ ack: { mark: 3 } });
    const rows = await rowsOf(gateway);
    expect(rows.filter((row) => row["e"] === 1)).toHaveLength(14);
    expect(rows.filter((row) => row["e"] === 2).map((row) => row["seq"])).toEqual([
      11, 12, 13, 14, 15, 16,
    ]);
    expect(await conflicts(gateway)).toEqual([]);
    // The alarm was raised after the backup: this database never heard of it.
    expect(await readAlarms(database, { gateway, all: true })).toEqual([]);
  });

  test("an epoch goes on through several moves, also where central saw nothing of the one between", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("a");
    outbox.addEvents(someEvents(5));
    await hello(outbox, gateway);
    await send(batchOf(outbox, gateway, "events"));
    outbox.renew("b");
    outbox.addEvents(someEvents(2));
    outbox.renew("c");
    expect(await hello(outbox, gateway)).toMatchObject({ welcome: { marks: { events: 5 } } });
    outbox.renew("d");
    outbox.addEvents(someEvents(2));
    expect(await hello(outbox, gateway)).toMatchObject({ welcome: { marks: { events: 5 } } });
    // Overlaps rows that belong to the first epoch: their chain is known through two later ones.
    expect(await send(batchOf(outbox, gateway, "events", 3))).toMatchObject({ ack: { mark: 9 } });
    expect(await conflicts(gateway)).toEqual([]);
  });

  test("another content under a number that is said to be shared is on record, and the new epoch goes on", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("one");
    outbox.addEvents(someEvents(3));
    await send(batchOf(outbox, gateway, "events"));
    const other = new MemoryOutbox("one");
    other.addEvents([alarmEvent("x", "unacknowledged"), ...someEvents(2)]);
    other.renew("two");
    other.addEvents(someEvents(2));
    await hello(other, gateway);
    expect(await send(batchOf(other, gateway, "events", 3))).toMatchObject({ ack: { mark: 5 } });
    expect(await conflicts(gateway)).toMatchObject([{ lane: "events", seq: 3, times: 1 }]);
    expect(await send(batchOf(other, gateway, "events", 4))).toMatchObject({ rows: 0 });
  });

  test("a copied card fences the original, whose attempts are on record with who and from where", async () => {
    const gateway = await newGateway();
    const card = new MemoryOutbox("card");
    card.addSamples(someSamples(5));
    await hello(card, gateway, { machine: "m-1" });
    await send(batchOf(card, gateway, "samples"));
    const copy = new MemoryOutbox("card");
    copy.addSamples(someSamples(5));
    copy.renew("copy");
    await hello(copy, gateway, { machine: "m-2" });
    card.addSamples(someSamples(3));
    for (let turn = 0; turn < 3; turn += 1) {
      expect(await hello(card, gateway, { machine: "m-1" })).toMatchObject({
        status: 409,
        refusal: { code: "epoch-fenced" },
      });
    }
    expect(await send(batchOf(card, gateway, "samples", 5))).toMatchObject({ status: 409 });
    expect(await conflicts(gateway)).toEqual([
      {
        lane: "epoch",
        seq: 0,
        ours: "copy",
        theirs: "card",
        machine: "m-1",
        origin: "192.0.2.7",
        times: 4,
      },
    ]);
    expect(await rowsOf(gateway)).toHaveLength(5);
  });

  test("two machines under one epoch are on record", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    await hello(outbox, gateway, { machine: "m-1" });
    await hello(outbox, gateway, { machine: "m-1" });
    expect(await conflicts(gateway)).toEqual([]);
    await hello(outbox, gateway, { machine: "m-2" });
    expect(await conflicts(gateway)).toMatchObject([
      { lane: "machine", ours: "m-1", theirs: "m-2", times: 1 },
    ]);
  });

  test("a central that was restored asks for a hello before it takes rows of an epoch that it forgot", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("old");
    outbox.addSamples(someSamples(10));
    await send(batchOf(outbox, gateway, "samples"));
    outbox.renew("new");
    outbox.addSamples(someSamples(10));
    const rest = batchOf(outbox, gateway, "samples", 15);
    expect(await send(rest)).toMatchObject({ status: 409, refusal: { code: "unknown-epoch" } });
    const gaps = [{ firstSeq: 12, lastSeq: 13, reason: "corrupt" as const }];
    const gap = { schemaVersion: 2, gateway, epoch: "new", lane: "samples", gaps } as const;
    expect(await declareGaps(tables(), { ...gap, gaps })).toMatchObject({
      refusal: { code: "unknown-epoch" },
    });
    expect(await hello(outbox, gateway)).toMatchObject({ welcome: { marks: { samples: 10 } } });
    expect(await send(batchOf(outbox, gateway, "samples", 10))).toMatchObject({ rows: 10 });
    expect(await rowsOf(gateway)).toHaveLength(20);
  });

  const alarmNow = (rule: string, state = "unacknowledged") => ({
    ...{ rule, alarm: `${rule}#1`, state, priority: "high", message: `${rule}!`, since: now },
  });

  function snapshotOf(
    outbox: MemoryOutbox,
    gateway: string,
    samples: readonly (readonly [seq: number, sample: Sample])[],
    more: Partial<Snapshot> = {},
  ): Snapshot {
    const heads = { events: outbox.head("events"), samples: outbox.head("samples") };
    return {
      ...{ schemaVersion: 2, gateway, epoch: outbox.epoch, takenAt: now, clock: testClock, heads },
      seqs: samples.map(([seq]) => seq),
      columns: encodeSamples(samples.map(([, sample]) => sample)),
      ...{ alarms: [], whole: true },
      ...more,
    };
  }

  test("a snapshot makes values and alarms right at once, and the backlog behind it changes neither", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const at = (sampledAt: number, value: number): Sample => ({
      ...{ point: "a/b", sampledAt, quality: "good", value },
    });
    outbox.addSamples([at(now - 3_000, 1), at(now - 2_000, 2), at(now - 1_000, 3)]);
    outbox.addEvents([
      alarmEvent("over", "unacknowledged", now - 3_000),
      alarmEvent("open", "unacknowledged", now - 3_000),
      alarmEvent("over", "normal", now - 2_000),
      alarmEvent("open", "acknowledged", now - 1_000),
    ]);
    await hello(outbox, gateway);
    const alarms = [alarmNow("open", "acknowledged")];
    const snapshot = snapshotOf(outbox, gateway, [[3, at(now - 1_000, 3)]], { alarms });
    const shown = async () => ({
      values: (await readLatest(database, gateway)).map((row) => row.value),
      alarms: (await readAlarms(database, { gateway, all: false })).map((row) => [
        row.rule,
        row.state,
      ]),
      newest: (await readGateways(database)).find(({ id }) => id === gateway)?.lastSampleAt,
    });
    const right = { values: [3], alarms: [["open", "acknowledged"]], newest: now - 1_000 };
    expect(await notice(tables(), snapshot)).toBeUndefined();
    expect(await shown()).toEqual(right);
    for (const cursor of [0, 1, 2, 3]) {
      await send(batchOf(outbox, gateway, "events", cursor, 1));
      expect(await shown()).toEqual(right);
    }
    for (const cursor of [0, 1, 2]) {
      await send(batchOf(outbox, gateway, "samples", cursor, 1));
      expect(await shown()).toEqual(right);
    }
    outbox.addEvents([alarmEvent("over", "unacknowledged", now)]);
    await send(batchOf(outbox, gateway, "events", 4));
    expect((await shown()).alarms).toHaveLength(2);
    // Late: it was overtaken by what came since.
    await notice(tables(), snapshot);
    expect((await shown()).alarms).toHaveLength(2);
    expect(await rowsOf(gateway)).toHaveLength(3);
  });

  test("alarms that a whole snapshot leaves out are over; one of changes says nothing of the others", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents([alarmEvent("a", "unacknowledged"), alarmEvent("b", "unacknowledged")]);
    await send(batchOf(outbox, gateway, "events"));
    outbox.addEvents(someEvents(2));
    const open = async () =>
      (await readAlarms(database, { gateway, all: false })).map((it) => it.rule);
    await notice(tables(), snapshotOf(outbox, gateway, [], { whole: false }));
    expect(await open()).toHaveLength(2);
    await notice(tables(), snapshotOf(outbox, gateway, [], { alarms: [alarmNow("b")] }));
    expect(await open()).toEqual(["b"]);
  });

  test("a snapshot of a closed epoch, of an unknown one, or that cannot be read is refused", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("first");
    const snapshot = snapshotOf(outbox, gateway, []);
    expect(await notice(tables(), snapshot)).toMatchObject({ refusal: { code: "unknown-epoch" } });
    await hello(outbox, gateway);
    expect(await notice(tables(), { ...snapshot, seqs: [1] })).toMatchObject({ status: 400 });
    expect(await notice(tables(), { ...snapshot, columns: [1] })).toMatchObject({ status: 400 });
    expect(await notice(tables(), snapshot)).toBeUndefined();
    outbox.reborn("second");
    await hello(outbox, gateway);
    expect(await notice(tables(), snapshot)).toMatchObject({ refusal: { code: "epoch-fenced" } });
  });

  function thinnedBatch(
    gateway: string,
    kept: readonly number[],
    count: number,
    firstSeq = 1,
  ): Batch {
    const columns = encodeSamples(someSamples(kept.length));
    const thinned = { count, kept: [...kept] };
    return {
      ...{ schemaVersion: 2, gateway, epoch: "thin", lane: "samples", firstSeq },
      lastSeq: firstSeq + count - 1,
      blocks: [{ clock: testClock, columns, thinned }],
    };
  }

  test("thinned rows are stored under their own numbers, and what is missing is a gap that says how much", async () => {
    const gateway = await newGateway();
    expect(await send(thinnedBatch(gateway, [0, 4, 9], 12))).toMatchObject({
      ack: { mark: 12 },
      rows: 3,
    });
    expect(await send(thinnedBatch(gateway, [0, 4, 9], 12))).toMatchObject({ rows: 0 });
    await send(thinnedBatch(gateway, [2], 4, 13));
    expect((await rowsOf(gateway)).map((row) => row["seq"])).toEqual([1, 5, 10, 15]);
    const spans = (table: string) =>
      database.query(
        `SELECT first_seq::int AS first, last_seq::int AS last FROM ${table} WHERE gateway = $1`,
        [gateway],
      );
    expect(await spans("block")).toEqual([{ first: 1, last: 16 }]);
    expect(await spans("gap")).toEqual([{ first: 1, last: 16 }]);
    const [gap] = await database.query(
      "SELECT reason, missing::int AS missing FROM gap WHERE gateway = $1",
      [gateway],
    );
    expect(gap).toEqual({ reason: "thinned", missing: 12 });
  });

  test("of thinned rows only what lies behind the mark is stored, and only that is missing", async () => {
    const batch = thinnedBatch("g", [0, 4, 9], 12);
    const blocks = readBlocks(batch, decodeSamples);
    if ("refusal" in blocks) throw new Error(blocks.refusal.message);
    expect(thinnedGaps(blocks, 5)).toEqual([
      { first_seq: 6, last_seq: 12, reason: "thinned", missing: 6 },
    ]);
    expect(thinnedGaps(blocks, 12)).toEqual([]);
    const gateway = await newGateway();
    const outbox = new MemoryOutbox("thin");
    outbox.addSamples(someSamples(5));
    await send(batchOf(outbox, gateway, "samples"));
    expect(await send({ ...batch, gateway })).toMatchObject({ rows: 1, ack: { mark: 12 } });
    expect((await rowsOf(gateway)).map((row) => row["seq"])).toEqual([1, 2, 3, 4, 5, 10]);
  });

  const badPlaces: readonly (readonly [string, readonly number[], number])[] = [
    ["fewer places than rows", [0], 3],
    ["places that run back", [2, 1], 3],
    ["one place twice", [1, 1], 3],
    ["a place beyond the block", [0, 3], 3],
  ];
  test.each(badPlaces)("%s is a bad batch", async (_name, kept, count) => {
    const gateway = await newGateway();
    const batch = thinnedBatch(gateway, kept, count);
    const columns = encodeSamples(someSamples(2));
    const [block] = batch.blocks;
    if (block === undefined) throw new Error("no block");
    const wrong = { ...batch, blocks: [{ ...block, columns }] };
    expect(await send(wrong)).toMatchObject({ status: 400, refusal: { code: "bad-batch" } });
    expect(await rowsOf(gateway)).toEqual([]);
  });

  test("a thousand batches of one row are one block, and gaps one by one are one gap", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const tiny = 60;
    for (let row = 0; row < tiny; row += 1) outbox.addSamples(someSamples(1));
    for (let row = 0; row < tiny; row += 1) await send(batchOf(outbox, gateway, "samples", row, 1));
    for (let seq = tiny + 1; seq <= tiny + 20; seq += 1) {
      const gaps = [{ firstSeq: seq, lastSeq: seq, reason: "corrupt" as const }];
      const { epoch } = outbox;
      await declareGaps(tables(), { schemaVersion: 2, gateway, epoch, lane: "samples", gaps });
    }
    const of = (table: string, more = "") =>
      database.query(
        `SELECT first_seq::int AS first, last_seq::int AS last${more} FROM ${table} WHERE gateway = $1`,
        [gateway],
      );
    expect(await of("block")).toEqual([{ first: 1, last: tiny }]);
    expect(await of("gap", ", missing::int AS missing")).toEqual([
      { first: tiny + 1, last: tiny + 20, missing: 20 },
    ]);
  });

  test("another boot or clock begins another block", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const clocks = [
      testClock,
      { ...testClock, offsetMs: testClock.offsetMs + 90 },
      { ...testClock, offsetMs: testClock.offsetMs + 200 },
      { ...testClock, boot: "boot-2" },
      { ...testClock, boot: "boot-2", quality: "unset" as const },
    ];
    for (const clock of clocks) outbox.addSamples(someSamples(2), clock);
    for (const cursor of [0, 2, 4, 6, 8]) {
      await send(batchOf(outbox, gateway, "samples", cursor, 2));
    }
    const blocks = await database.query(
      "SELECT first_seq::int AS first, boot FROM block WHERE gateway = $1 ORDER BY first_seq",
      [gateway],
    );
    expect(blocks.map((row) => row["first"])).toEqual([1, 5, 7, 9]);
  });

  test("a time in the year 3000 is kept, marked as strange, and freezes nothing", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    const far = Date.UTC(3000, 0, 1);
    outbox.addSamples([
      { point: "a/b", sampledAt: far, quality: "good", value: 1 },
      { point: "a/b", sampledAt: now, quality: "good", value: 2 },
    ]);
    await send(batchOf(outbox, gateway, "samples", 0, 1));
    expect(await readLatest(database, gateway)).toMatchObject([{ value: 1, strangeTime: true }]);
    await send(batchOf(outbox, gateway, "samples", 1, 1));
    const [latest] = await readLatest(database, gateway);
    expect(latest).toMatchObject({ value: 2, sampledAt: now });
    expect(latest).not.toHaveProperty("strangeTime");
    const parts = await database.query(
      `SELECT DISTINCT tableoid::regclass::text AS part FROM sample WHERE gateway = $1 ORDER BY 1`,
      [gateway],
    );
    expect(parts).toEqual([{ part: "sample_2026_11" }, { part: "sample_strange_time" }]);
  });
}
