import { mkdirSync, rmSync, statSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { describe, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { allEvents, allSamples, mark, none, storeRig } from "../../tests/support/store-rig.ts";
import { chainEvents, genesis } from "./chain.ts";
import { readEvents } from "./chunk.ts";
import { cursorFileName, cursorTable, writeCursor } from "./cursor-file.ts";
import { openDatabase } from "./database.ts";
import { historyChunksMax } from "./history.ts";
import { storeLimits } from "./limits.ts";
import type { DurableStore } from "./open-store.ts";
import { pruneChunksMax } from "./retention.ts";
import { eventBytesMax } from "./storable.ts";
import type { Lane } from "./store.ts";

const rig = storeRig();

function confirm(store: DurableStore, lane: Lane, seq: number): void {
  mkdirSync(dirname(join(rig.dir, cursorFileName)), { recursive: true });
  const db = new Database(join(rig.dir, cursorFileName));
  db.exec(cursorTable);
  writeCursor(db, { lane, epoch: store.outbox.epoch, seq, at: 1 });
  db.close();
}

describe("a commit", () => {
  test("is there after the store was opened again, rows, events and state alike", () => {
    const first = rig.open();
    expect(first.born).toBe("new");
    const rows = rig.samples(100);
    const state = new Map<string, unknown>([
      ["alarm/warm", { state: "unacknowledged" }],
      ["rule/warm", 7],
      ["rulex", 1],
    ]);
    first.store.commit({ ...none, samples: rows, events: [rig.event()], state });
    first.store.commit({ ...none, state: new Map([["rulex", undefined]]) });
    const { epoch } = first.store.outbox;
    rig.close(first.store);
    const { store, born, problem } = rig.open();
    expect({ born, problem }).toEqual({ born: "existing", problem: undefined });
    expect(store.outbox.epoch).toBe(epoch);
    expect(allSamples(store)).toEqual(rows);
    expect(allEvents(store)).toEqual([rig.event()]);
    expect(Object.fromEntries(store.readState("rule/"))).toEqual({ "rule/warm": 7 });
    expect([...store.readState("").keys()]).toEqual(["alarm/warm", "rule/warm"]);
  });

  test("numbers rows without a gap, also across a restart, and ties each event to all before it", () => {
    let { store } = rig.open();
    store.commit({ ...none, samples: rig.samples(7), events: [rig.event({ n: 1 })] });
    rig.close(store);
    store = rig.open().store;
    store.commit({
      ...none,
      samples: rig.samples(3),
      events: [rig.event({ n: 2 }), rig.event({ n: 3 })],
    });
    expect(store.outbox.head("samples")).toBe(10);
    const chunks = store.outbox.read("events", 0, 100);
    expect(chunks.map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq])).toEqual([
      [1, 1],
      [2, 3],
    ]);
    const [first, second] = chunks.map(readEvents);
    expect(chunks[0]?.chainBefore).toBe(genesis);
    expect(chunks[1]?.chainBefore).toBe(chainEvents(genesis, 1, first ?? []));
    expect(second).toHaveLength(2);
  });

  test("is on disk when it returns: synced in full, although the library's default in WAL mode is not", () => {
    const place = { dir: rig.dir, gatewayId: "gw-1", now: 0, limits: storeLimits() };
    const { db } = openDatabase(place);
    expect(JSON.stringify(db.pragma("compile_options"))).toContain("DEFAULT_WAL_SYNCHRONOUS=1");
    expect(db.pragma("journal_mode", { simple: true })).toBe("wal");
    expect(db.pragma("synchronous", { simple: true })).toBe(2);
    db.close();
  });

  test("holds text that is no number, and a body that is too long is cut and says so", () => {
    const { store } = rig.open();
    store.commit({
      ...none,
      events: [rig.event({ text: "x".repeat(eventBytesMax) }), rig.event({ at: undefined })],
    });
    const [long, plain] = allEvents(store);
    expect(long?.body).toMatchObject({ cut: true, bytes: eventBytesMax + 11 });
    expect(plain?.body).toEqual({});
  });
});

describe("the outbox", () => {
  test("gives whole chunks that hold rows after a number, up to about as many rows as asked", () => {
    const { store } = rig.open();
    for (let n = 0; n < 10; n += 1) store.commit({ ...none, samples: rig.samples(10) });
    const spans = (after: number, rows: number) =>
      store.outbox.read("samples", after, rows).map(({ firstSeq, lastSeq }) => [firstSeq, lastSeq]);
    expect(spans(0, 1)).toEqual([[1, 10]]);
    expect(spans(0, 25)).toEqual([
      [1, 10],
      [11, 20],
    ]);
    expect(spans(15, 10)).toEqual([[11, 20]]);
    expect(spans(99, 100)).toEqual([[91, 100]]);
    expect(spans(100, 100)).toEqual([]);
  });

  test("says how much waits and since when", () => {
    const { store } = rig.open();
    const began = rig.clock.now();
    expect(store.status("samples")).toEqual({ head: 0, cursor: 0, backlog: 0 });
    store.commit({ ...none, samples: rig.samples(10, began) });
    store.commit({ ...none, samples: rig.samples(10, began + 1_000) });
    expect(store.status("samples")).toEqual({ head: 20, cursor: 0, backlog: 20, oldestAt: began });
    confirm(store, "samples", 10);
    const oldestAt = began + 1_000;
    expect(store.status("samples")).toEqual({ head: 20, cursor: 10, backlog: 10, oldestAt });
    confirm(store, "samples", 1_000);
    expect(store.status("samples")).toEqual({ head: 20, cursor: 20, backlog: 0 });
  });
});

describe("history", () => {
  test("gives one point's rows within a time, oldest first, from merged and fresh chunks", () => {
    const { store } = rig.open({ chunkRowsMax: 100 });
    const began = rig.clock.now();
    const all: Sample[] = [];
    for (let n = 0; n < 45; n += 1) {
      const rows = rig.samples(10, began + n * 1_000);
      all.push(...rows);
      store.commit({ ...none, samples: rows });
    }
    while (store.merge());
    const before = store.outbox.read("samples", 0, 1e9);
    expect(before.length).toBeLessThan(12);
    const wanted = all.filter(
      ({ point, sampledAt }) =>
        point === "room-2/temperature" && sampledAt >= began + 5_000 && sampledAt <= began + 43_000,
    );
    const read = store.history("room-2/temperature", began + 5_000, began + 43_000, 1_000);
    expect(read.map(({ sampledAt, value }) => [sampledAt, value])).toEqual(
      wanted.map((it) => [it.sampledAt, it.quality === "bad" ? undefined : it.value]),
    );
    expect(store.history("room-2/temperature", began, began + 43_000, 3)).toHaveLength(3);
    expect(store.history("nobody/knows", 0, 9e12, 10)).toEqual([]);
  });

  test("a bad sample has its reason and no value, an uncertain one both", () => {
    const { store } = rig.open();
    store.commit({
      ...none,
      samples: [
        { point: "a/b", sampledAt: 1, quality: "bad", reason: "timeout" },
        { point: "a/b", sampledAt: 2, quality: "uncertain", value: 3, reason: "spike", raw: 9 },
      ],
    });
    expect(store.history("a/b", 0, 10, 10)).toEqual([
      { sampledAt: 1, quality: "bad", reason: "timeout" },
      { sampledAt: 2, quality: "uncertain", value: 3, reason: "spike" },
    ]);
  });
});

describe("merging", () => {
  test("changes no row and no number, and leaves other clocks apart", () => {
    const { store } = rig.open({ chunkRowsMax: 50 });
    const all: Sample[] = [];
    for (let n = 0; n < 40; n += 1) {
      const rows = rig.samples(5, n * 1_000);
      all.push(...rows);
      const boot = n < 13 ? "boot-1" : "boot-2";
      store.commit({ ...none, clock: { ...mark, boot, offsetMs: n / 10 }, samples: rows });
    }
    while (store.merge());
    const chunks = store.outbox.read("samples", 0, 1e9);
    expect(chunks.length).toBeLessThan(15);
    expect(allSamples(store)).toEqual(all);
    let next = 1;
    for (const { firstSeq, lastSeq, clock: of } of chunks) {
      expect(firstSeq).toBe(next);
      expect(of.boot).toBe(lastSeq <= 65 ? "boot-1" : "boot-2");
      next = lastSeq + 1;
    }
    store.commit({ ...none, samples: rig.samples(1) });
    expect(store.outbox.head("samples")).toBe(201);
  });
});

describe("retention", () => {
  const day = 86_400_000;

  test("age takes what central confirmed, never what it has not, and never the newest chunk", () => {
    const { store } = rig.open({ keepForMs: day });
    for (let n = 0; n < 10; n += 1) {
      store.commit({ ...none, samples: rig.samples(10), events: [rig.event()] });
    }
    expect(store.prune(rig.clock.now() + 10 * day)).toEqual({ samples: 0, events: 0 });
    confirm(store, "samples", 55);
    confirm(store, "events", 10);
    expect(store.prune(rig.clock.now() + 10 * day)).toEqual({ samples: 50, events: 9 });
    expect(store.outbox.read("samples", 0, 1)[0]?.firstSeq).toBe(51);
    expect(store.outbox.head("events")).toBe(10);
    store.commit({ ...none, events: [rig.event()] });
    expect(store.outbox.head("events")).toBe(11);
  });

  test("without a central age alone decides", () => {
    const { store } = rig.open({ keepForMs: day, awaitsCentral: false });
    for (let n = 0; n < 4; n += 1) store.commit({ ...none, samples: rig.samples(10) });
    expect(store.prune(rig.clock.now() + 2 * day)).toEqual({ samples: 30, events: 0 });
    expect(allEvents(store)).toEqual([]);
  });

  test("size takes confirmed rows first, then unconfirmed samples with a gap on record, never events", () => {
    const { store } = rig.open({ sizeBytesMax: 524_288, chunkRowsMax: 1_200 });
    let committed = 0;
    let gone = 0;
    for (let n = 0; n < 120; n += 1) {
      const noisy = rig
        .samples(600)
        .map((it) => ({ ...it, value: Math.sin(n * 1e3 + it.sampledAt) }));
      store.commit({ ...none, samples: noisy as Sample[], events: [rig.event({ n })] });
      committed += 600;
      if (n === 40) confirm(store, "samples", 6_000);
      if (n % 5 === 4) gone += store.prune(rig.clock.now()).samples;
    }
    expect(gone).toBeGreaterThan(6_000);
    expect(statSync(join(rig.dir, "gateway.db")).size).toBeLessThanOrEqual(524_288);
    const kept = allSamples(store).length;
    const gaps = allEvents(store).filter(({ kind }) => kind === "gap");
    const lost = gaps.reduce((sum, { body: { count } }) => sum + Number(count), 0);
    expect(kept + gone).toBe(committed);
    expect(lost).toBe(gone - 6_000);
    expect(gaps[0]?.body).toMatchObject({ lane: "samples", firstSeq: 6_001, reason: "size" });
    const numbers = allEvents(store).flatMap(({ body: { n } }) => n ?? []);
    expect(numbers).toEqual(Array.from({ length: 120 }, (_, n) => n));
  });
});

test("a second store on the folder is refused, and free to open once the first is closed", () => {
  const { store } = rig.open();
  expect(() => rig.open()).toThrow(expect.objectContaining({ code: "store/locked" }));
  rig.close(store);
  expect(rig.open().born).toBe("existing");
});

describe("limits of one call", () => {
  /** In memory, where thousands of commits take no time. */
  function openMemory(commits: number): DurableStore {
    const limits = { awaitsCentral: false, keepForMs: 1_000, chunkRowsMax: 1 };
    const { store } = rig.open(limits, "gw-1", "/dev/null");
    for (let n = 0; n < commits; n += 1) store.commit({ ...none, samples: rig.samples(1, n) });
    return store;
  }

  test("a query unpacks a limited number of chunks and answers with what it has", () => {
    const store = openMemory(historyChunksMax + 5);
    expect(store.history("room-0/temperature", 0, 9e12, 1e6)).toHaveLength(historyChunksMax);
  });

  test("one pruning deletes a limited number of chunks, the next one goes on", () => {
    const store = openMemory(pruneChunksMax + 5);
    expect(store.prune(rig.clock.now()).samples).toBe(pruneChunksMax);
    expect(store.prune(rig.clock.now()).samples).toBe(4);
  });

  test("memory is bounded: the oldest samples go, with a gap on record", () => {
    const { store } = rig.open({ memoryBytesMax: 262_144 }, "gw-1", "/dev/null");
    for (let n = 0; n < 100; n += 1) {
      const noisy = rig
        .samples(600)
        .map((it) => ({ ...it, value: Math.sin(n * 1e3 + it.sampledAt) }));
      store.commit({ ...none, samples: noisy as Sample[] });
      store.prune(rig.clock.now());
    }
    expect(store.size()).toBeLessThanOrEqual(262_144);
    const [gap] = allEvents(store);
    expect(gap).toMatchObject({ kind: "gap", body: { lane: "samples", firstSeq: 1 } });
  });
});

describe("a folder that cannot be written", () => {
  test("gives a store in memory that says so; healed, everything is on disk and in order", () => {
    rmSync(rig.dir, { recursive: true });
    writeFileSync(rig.dir, "a file where the folder should be");
    const { store, problem } = rig.open();
    expect(problem).toMatchObject({ code: "store/io" });
    expect(problem?.message).toContain("kept in memory only");
    expect(store.onDisk).toBe(false);
    const rows = rig.samples(20);
    const state = new Map<string, unknown>([["alarm/warm", { state: "unacknowledged" }]]);
    store.commit({ ...none, samples: rows, events: [rig.event({ n: 1 })], state });
    store.commit({ ...none, samples: rig.samples(5), events: [rig.event({ n: 2 })] });
    expect(store.history("room-1/temperature", 0, 9e12, 100)).toHaveLength(5);
    expect(store.heal()).toBe(false);

    rmSync(rig.dir);
    expect(store.heal()).toBe(true);
    expect(store.problem).toBeUndefined();
    expect(store.onDisk).toBe(true);
    expect(allSamples(store).slice(0, 20)).toEqual(rows);
    expect(allEvents(store).map(({ body }) => body)).toEqual([{ n: 1 }, { n: 2 }]);
    store.commit({ ...none, events: [rig.event({ n: 3 })] });
    rig.close(store);
    const again = rig.open().store;
    expect(again.readState("").get("alarm/warm")).toEqual({ state: "unacknowledged" });
    const chunks = again.outbox.read("events", 0, 100);
    expect(chunks.at(-1)?.chainBefore).toBe(
      chainEvents(genesis, 1, chunks.slice(0, -1).flatMap(readEvents)),
    );
  });
});
