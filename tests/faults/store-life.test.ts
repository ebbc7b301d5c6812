import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Database from "better-sqlite3";
import { afterAll, beforeAll, expect, test } from "vitest";
import { readEvents, readSamples } from "../../gateway/store/chunk.ts";
import { type OpenedStore, openStore } from "../../gateway/store/open-store.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";

/** Flips are seeded, so that one that fails can be made again. */
const seed = Number(process.env["RACKWATCH_SEED"] ?? "20261123");

const mark = { boot: "b", offsetMs: 0, quality: "synchronized" } as const;
const commits = 80;
const rowsPerCommit = 50;

let root: string;
let image: { readonly db: Buffer; readonly wal: Buffer };

beforeAll(() => {
  root = mkdtempSync(join(tmpdir(), "rackwatch-life-"));
  image = made();
});

afterAll(() => rmSync(root, { recursive: true, force: true }));

function open(dir: string): OpenedStore {
  return openStore({
    ...{ dir, gatewayId: "gw-1", clock: new ManualClock(), log: memoryLog().log, machine: {} },
    limits: { ballastBytes: 65_536, freeBytesMin: 0 },
  });
}

/** A database as kill -9 leaves it: the newer half of its rows still in the write-ahead log. */
function made(): { db: Buffer; wal: Buffer } {
  const dir = join(root, "made");
  const { store } = open(dir);
  for (let n = 1; n <= commits; n += 1) {
    store.commit({
      clock: mark,
      samples: Array.from({ length: rowsPerCommit }, (_, row) => ({
        ...{ point: `d/p${row}`, sampledAt: n * 1_000, quality: "good" },
        value: (n - 1) * rowsPerCommit + row + 1,
      })),
      events: [{ kind: "alarm", at: n, mono: n, body: { n } }],
      state: new Map([["alarm/warm", { n }]]),
    });
    if (n === commits / 2) checkpoint(dir);
  }
  const [db, wal] = ["", "-wal"].map((part) => readFileSync(join(dir, `gateway.db${part}`)));
  store[Symbol.dispose]();
  return { db: db ?? Buffer.alloc(0), wal: wal ?? Buffer.alloc(0) };
}

function checkpoint(dir: string): void {
  const db = new Database(join(dir, "gateway.db"));
  db.pragma("wal_checkpoint(TRUNCATE)");
  db.close();
}

/** A folder that holds what is left of the database. */
function left(name: string, db: Buffer, wal: Buffer): string {
  const dir = join(root, name);
  mkdirSync(dir);
  writeFileSync(join(dir, "gateway.born"), "an epoch before\n");
  writeFileSync(join(dir, "gateway.db"), db);
  if (wal.length > 0) writeFileSync(join(dir, "gateway.db-wal"), wal);
  return dir;
}

/** Every row that is there is the one that was written, whatever is missing. */
function expectTrue({ store, born }: OpenedStore, label: string) {
  while (store.salvage());
  let samples = 0;
  for (const chunk of store.outbox.read("samples", 0, 1e9)) {
    const rows = readable(() => readSamples(chunk));
    for (const [row, sample] of (rows ?? []).entries()) {
      expect(sample, label).toMatchObject({ value: chunk.firstSeq + row });
      samples += 1;
    }
  }
  let events = 0;
  for (const chunk of store.outbox.read("events", 0, 1e9)) {
    for (const { kind, body } of readable(() => readEvents(chunk)) ?? []) {
      if (kind === "alarm") events += 1;
      if (kind === "alarm") expect(body["n"], label).toBeLessThanOrEqual(commits);
    }
  }
  const head = store.outbox.head("samples");
  store.commit({ clock: mark, samples: [], events: [], state: new Map([["after", 1]]) });
  expect(store.readState("after").get("after"), label).toBe(1);
  return { samples, events, head, born, state: store.readState("").get("alarm/warm") };
}

function readable<Rows>(read: () => Rows): Rows | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

const shapes: Readonly<Record<string, (db: Buffer) => Buffer>> = {
  "cut in half": (db) => db.subarray(0, db.length / 2),
  "cut within a page": (db) => db.subarray(0, db.length - 1_000),
  "a zeroed header": (db) => zeroed(db, 0, 100),
  "a zeroed first page": (db) => zeroed(db, 0, 4_096),
  "a zeroed page in the middle": (db) => zeroed(db, 40_960, 4_096),
  "garbage all over": (db) => Buffer.alloc(db.length, 0x5a),
  "an empty file": () => Buffer.alloc(0),
  "a text file": () => Buffer.from("this was never a database\n".repeat(1_000)),
};

test.for(Object.entries(shapes))(
  "%s, with and without its write-ahead log: alarms start within 5 s, and no row is not what was written",
  ([name, shape]) => {
    for (const wal of [image.wal, Buffer.alloc(0)]) {
      const dir = left(`${name} ${wal.length}`, shape(Buffer.from(image.db)), wal);
      const started = performance.now();
      const opened = open(dir);
      expect(performance.now() - started).toBeLessThan(5_000);
      expectTrue(opened, name);
      opened.store[Symbol.dispose]();
    }
  },
);

test(`a hundred flipped bits, one at a time (seed ${seed}): never a crash, never a wrong row`, () => {
  const random = mulberry(seed);
  let [whole, reborn] = [0, 0];
  for (let turn = 0; turn < 100; turn += 1) {
    const [db, wal] = [Buffer.from(image.db), Buffer.from(image.wal)];
    const target = turn % 2 === 0 ? db : wal;
    const at = Math.floor(random() * target.length);
    const bit = Math.floor(random() * 8);
    target[at] = (target[at] ?? 0) ^ (1 << bit);
    const label = `turn ${turn}: bit ${bit} of byte ${at} of the ${turn % 2 === 0 ? "file" : "log"}`;
    const opened = open(left(`flip-${turn}`, db, wal));
    const found = expectTrue(opened, label);
    if (found.samples === commits * rowsPerCommit) whole += 1;
    if (found.born === "reborn") reborn += 1;
    expect(found.state, label).toBeDefined();
    opened.store[Symbol.dispose]();
    rmSync(join(root, `flip-${turn}`), { recursive: true });
  }
  expect(whole).toBeGreaterThan(20);
  console.info(`of 100 flips ${whole} cost no row, ${reborn} began a new file`);
});

test("flipped bits all over the rows: what fits its hash goes on under its numbers, the rest is counted", () => {
  const db = Buffer.concat([image.db]);
  const random = mulberry(seed);
  for (let n = 0; n < 20; n += 1) {
    const at = db.length / 2 + Math.floor((random() * db.length) / 2);
    db[at] = (db[at] ?? 0) ^ 1;
  }
  const opened = open(left("many", zeroed(db, 0, 100), image.wal));
  const { samples, head } = expectTrue(opened, "many");
  expect(opened.born).toBe("reborn");
  expect(head).toBeGreaterThan(0);
  const salvaged = opened.store.outbox
    .read("events", 0, 1e9)
    .flatMap((chunk) => readEvents(chunk))
    .find(({ kind, body }) => kind === "gap" && body["reason"] === "salvaged");
  expect(salvaged?.body["samples"]).toMatchObject({ rows: samples, lost: head - samples });
  opened.store[Symbol.dispose]();
});

function zeroed(db: Buffer, at: number, bytes: number): Buffer {
  return Buffer.from(db).fill(0, at, at + bytes);
}

/** Small generator of the same numbers for the same seed. */
function mulberry(from: number): () => number {
  let state = from;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}
