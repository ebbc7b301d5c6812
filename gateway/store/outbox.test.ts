import { mkdtempSync, rmSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { readSamples } from "./chunk.ts";
import { type DurableStore, openStore } from "./open-store.ts";
import { openOutbox } from "./outbox.ts";
import type { Commit } from "./store.ts";

let dir: string;
let store: DurableStore | undefined;

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-outbox-"));
});

afterEach(() => {
  store?.[Symbol.dispose]();
  rmSync(dir, { recursive: true, force: true });
});

function open(gatewayId = "gw-1"): DurableStore {
  store?.[Symbol.dispose]();
  const limits = { ballastBytes: 4_096, freeBytesMin: 0, chunkRowsMax: 100, walBytesMax: 65_536 };
  const clock = new ManualClock();
  store = openStore({ dir, gatewayId, clock, log: memoryLog().log, limits }).store;
  return store;
}

function commitOf(rows: number): Commit {
  const samples = Array.from(
    { length: rows },
    (_, row): Sample => ({ point: "a/b", sampledAt: row, quality: "good", value: row }),
  );
  const clock = { boot: "b", offsetMs: 0, quality: "synchronized" } as const;
  return { clock, samples, events: [], state: new Map() };
}

test("before there is a database it is empty, and then it sees each commit", () => {
  using outbox = openOutbox(dir);
  expect(outbox.epoch).toBe("");
  expect(outbox.read("samples", 0, 10)).toEqual([]);
  expect(outbox.head("events")).toBe(0);
  const gateway = open();
  expect(outbox.epoch).toBe(gateway.outbox.epoch);
  gateway.commit(commitOf(10));
  expect(outbox.head("samples")).toBe(10);
  gateway.commit(commitOf(5));
  expect(outbox.read("samples", 10, 100)).toEqual(gateway.outbox.read("samples", 10, 100));
});

test("chunks that are merged between two reads leave no hole and nothing twice", () => {
  using outbox = openOutbox(dir);
  const gateway = open();
  for (let n = 0; n < 12; n += 1) gateway.commit(commitOf(10));
  const first = outbox.read("samples", 0, 35);
  expect(first.at(-1)?.lastSeq).toBe(30);
  while (gateway.merge());
  const [second] = outbox.read("samples", 30, 35);
  expect([second?.firstSeq, second?.lastSeq]).toEqual([1, 100]);
  expect(second === undefined ? [] : readSamples(second).slice(30, 40)).toEqual(
    commitOf(10).samples,
  );
});

test("a database that was born anew is seen when its epoch is asked for, until then the old one answers", () => {
  using outbox = openOutbox(dir);
  open().commit(commitOf(10));
  const before = outbox.epoch;
  const reborn = open("gw-2");
  reborn.commit(commitOf(3));
  expect(outbox.read("samples", 0, 100)[0]?.lastSeq).toBe(10);
  expect(outbox.epoch).toBe(reborn.outbox.epoch);
  expect(outbox.epoch).not.toBe(before);
  expect(outbox.head("samples")).toBe(3);
});

test("a reader does not hold the write-ahead log, as an open iterator of the library would", () => {
  const gateway = open();
  const log = join(dir, "gateway.db-wal");
  const write = () => {
    for (let n = 0; n < 30; n += 1) gateway.commit(commitOf(100));
    gateway.prune(0);
    return statSync(log).size;
  };
  using outbox = openOutbox(dir);
  expect(outbox.epoch).not.toBe("");
  outbox.read("samples", 0, 1_000);
  expect(write()).toBeLessThanOrEqual(65_536);
  const held = new Database(join(dir, "gateway.db"), { readonly: true });
  const iterator = held.prepare("SELECT payload FROM sample_chunk").iterate();
  iterator.next();
  expect(write()).toBeGreaterThan(65_536);
  iterator.return?.();
  held.close();
  expect(write()).toBeLessThanOrEqual(65_536);
});

test("a new epoch of the same file is seen, and its rows never come under the old one's name", () => {
  const gateway = open();
  gateway.commit(commitOf(10));
  using outbox = openOutbox(dir);
  const before = outbox.epoch;
  expect(outbox.head("samples")).toBe(10);
  const db = new Database(join(dir, "gateway.db"));
  db.prepare("UPDATE meta SET value = 'another' WHERE key = 'epoch'").run();
  db.close();
  expect(outbox.head("samples")).toBe(0);
  expect(outbox.read("samples", 0, 100)).toEqual([]);
  expect(outbox.snapshot(0).samples).toEqual([]);
  expect(outbox.epoch).not.toBe(before);
  expect(outbox.head("samples")).toBe(10);
});

/** As the version before this one left it. */
const older = `ALTER TABLE sample_chunk DROP COLUMN kept;
  ALTER TABLE sample_chunk DROP COLUMN shift_ms;
  ALTER TABLE event_chunk DROP COLUMN shift_ms;`;
/** How this version brings it forward. */
const newer = `ALTER TABLE sample_chunk ADD COLUMN kept TEXT;
  ALTER TABLE sample_chunk ADD COLUMN shift_ms REAL;
  ALTER TABLE event_chunk ADD COLUMN shift_ms REAL;`;

test("a database of the version before is read as it is, also while the gateway brings it forward", () => {
  const written = open();
  written.commit(commitOf(3));
  using current = openOutbox(dir);
  const lanes = ["samples", "events"] as const;
  const seen = (outbox: typeof current) => ({
    epoch: outbox.epoch,
    heads: lanes.map((lane) => outbox.head(lane)),
    chunks: lanes.map((lane) => outbox.read(lane, 0, 100)),
  });
  const before = seen(current);
  expect(before.heads[0]).toBe(3);
  const db = new Database(join(dir, "gateway.db"));
  const version = Number(db.pragma("user_version", { simple: true }));
  db.transaction(() => db.exec(`${older} PRAGMA user_version = ${version - 1}`))();
  using outbox = openOutbox(dir);
  expect(seen(outbox)).toEqual(before);
  db.transaction(() => db.exec(`${newer} PRAGMA user_version = ${version}`))();
  written.commit(commitOf(2));
  expect(outbox.epoch).toBe(before.epoch);
  expect(outbox.head("samples")).toBe(5);
  db.close();
});

test("a database of a version that is too old counts as none, until the gateway has begun", () => {
  open().commit(commitOf(1));
  const db = new Database(join(dir, "gateway.db"));
  const version = db.pragma("user_version", { simple: true });
  db.pragma("user_version = 1");
  using outbox = openOutbox(dir);
  expect(outbox.epoch).toBe("");
  expect(outbox.head("samples")).toBe(0);
  db.pragma(`user_version = ${version}`);
  db.close();
  expect(outbox.epoch).not.toBe("");
  expect(outbox.head("samples")).toBe(1);
});

test("the database of another gateway is refused with both names", () => {
  open("gw-1").commit(commitOf(1));
  using right = openOutbox(dir, "gw-1");
  expect(right.epoch).not.toBe("");
  using wrong = openOutbox(dir, "gw-2");
  expect(() => wrong.epoch).toThrow(/of gateway gw-1, .* of gw-2/);
});

test("a snapshot has the newest sample of each point with its number, and the alarms of the same moment", () => {
  const gateway = open();
  const clock = { boot: "b", offsetMs: 5, quality: "synchronized" } as const;
  const at = (seq: number, point: `${string}/${string}`): Sample => ({
    ...{ point, sampledAt: seq, quality: "good", value: seq },
  });
  const commit = (samples: Sample[], state = new Map<string, unknown>()) =>
    gateway.commit({ clock, samples, events: [], state });
  commit([at(1, "a/b"), at(2, "a/c"), at(3, "a/b")], new Map([["alarm/warm", { n: 1 }]]));
  commit([at(4, "a/d")], new Map([["rule/warm", { n: 2 }]]));
  using outbox = openOutbox(dir);
  expect(outbox.epoch).not.toBe("");
  const { samples, ...rest } = outbox.snapshot(0);
  expect(samples.map(({ seq, sample }) => [seq, sample.point])).toEqual([
    [2, "a/c"],
    [3, "a/b"],
    [4, "a/d"],
  ]);
  expect(rest).toEqual({
    heads: { events: 0, samples: 4 },
    clock,
    alarms: new Map([["warm", { n: 1 }]]),
  });
  expect(outbox.snapshot(3).samples.map(({ seq }) => seq)).toEqual([4]);
});

test("when the gateway last wrote is seen from outside, without a query", () => {
  const gateway = open();
  using outbox = openOutbox(dir);
  gateway.commit(commitOf(1));
  const { mtimeMs } = statSync(join(dir, "gateway.db-wal"));
  expect(outbox.aliveAt()).toBeGreaterThanOrEqual(mtimeMs);
  using nowhere = openOutbox(join(dir, "nowhere"));
  expect(nowhere.aliveAt()).toBeUndefined();
});
