import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { zstdCompressSync } from "node:zlib";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { allEvents, none, storeRig } from "../../tests/support/store-rig.ts";
import { packSegment, readSamples } from "./chunk.ts";
import { openedFile } from "./opened-file.ts";
import { openOutbox } from "./outbox.ts";
import { schemaVersion } from "./schema.ts";

const rig = storeRig();

/** A thousand rows in one segment of ten parts, and some behind it. */
function filled() {
  const { store } = rig.open({ chunkRowsMax: 100 });
  const samples = rig.samples(1_050);
  for (let at = 0; at < samples.length; at += 50) {
    store.commit({ ...none, samples: samples.slice(at, at + 50) });
  }
  while (store.merge());
  return { store, samples };
}

function change(sql: string, ...values: readonly unknown[]): void {
  const db = new Database(join(rig.dir, "gateway.db"));
  db.prepare<unknown[]>(sql).run(...values);
  db.close();
}

function payload(): Buffer {
  const db = new Database(join(rig.dir, "gateway.db"), { readonly: true });
  const row = db
    .prepare<[], { payload: Buffer }>("SELECT payload FROM sample_chunk WHERE first_seq = 1")
    .get();
  db.close();
  return row?.payload ?? Buffer.alloc(0);
}

test("a flipped bit in one part of a segment costs the rows of that part, with a gap on record", () => {
  const { store, samples } = filled();
  const damaged = payload();
  expect(damaged[0]).toBe(3);
  damaged[damaged.length - 1] = (damaged.at(-1) ?? 0) ^ 1;
  change("UPDATE sample_chunk SET payload = ? WHERE first_seq = 1", damaged);
  store.verify(1_000);
  expect(store.verify(1_000)).toEqual([{ lane: "samples", firstSeq: 1 }]);
  const rows = store.outbox.read("samples", 0, 1e9).flatMap(readSamples);
  expect(rows).toEqual([...samples.slice(0, 900), ...samples.slice(1_000)]);
  const gaps = allEvents(store).filter(({ kind }) => kind === "gap");
  expect(gaps.map(({ body }) => body)).toMatchObject([
    { reason: "corrupt", firstSeq: 901, lastSeq: 1_000, count: 100 },
  ]);
});

test("a last number that was flipped takes nothing along of what follows", () => {
  const { store, samples } = filled();
  change("UPDATE sample_chunk SET last_seq = 1048 WHERE first_seq = 1");
  store.verify(1_000);
  store.verify(1_000);
  const rows = store.outbox.read("samples", 0, 1e9).flatMap(readSamples);
  expect(rows).toEqual(samples.slice(1_000));
  const [gap] = allEvents(store).filter(({ kind }) => kind === "gap");
  expect(gap?.body).toMatchObject({ reason: "corrupt", firstSeq: 1, lastSeq: 1_000 });
});

test("content of a later version is no damage: a reader waits and says so, and nothing is dropped", () => {
  const chunk = { lane: "samples", clock: none.clock, firstSeq: 1, lastSeq: 1 } as const;
  const later = [Buffer.of(9, 1, 2), zstdCompressSync(JSON.stringify({ v: 2, rows: 1 }))];
  for (const content of later) {
    const read = () => readSamples({ ...chunk, firstAt: 0, lastAt: 0, ...packSegment(content) });
    expect(read).toThrow(expect.objectContaining({ code: "store/io" }));
  }
});

test("a database of a later version is named by the agent, and one of an earlier one by a report", () => {
  const { store } = filled();
  rig.close(store);
  change(`PRAGMA user_version = ${schemaVersion + 1}`);
  using outbox = openOutbox(rig.dir);
  expect(() => outbox.epoch).toThrow(/later version/);
  change("PRAGMA user_version = 3");
  const view = (db: Database.Database) => ({ rows: db.prepare("SELECT missing FROM state").all() });
  expect(() => openedFile(rig.dir, "gateway.db", view)).toThrow(/earlier version/);
});

test("a flipped bit in the list of tables costs neither state nor rows", () => {
  const { store } = rig.open();
  store.commit({ ...none, samples: rig.samples(20), state: new Map([["alarm/warm", { n: 1 }]]) });
  rig.close(store);
  const file = join(rig.dir, "gateway.db");
  const image = readFileSync(file);
  const at = image.indexOf("CREATE TABLE state");
  image[at + 13] = (image[at + 13] ?? 0) ^ 128;
  writeFileSync(file, image);
  const opened = rig.open();
  while (opened.store.salvage());
  expect(opened.born).toBe("reborn");
  expect(opened.store.readState("alarm/").get("alarm/warm")).toEqual({ n: 1 });
  expect(opened.store.outbox.read("samples", 0, 1e9).flatMap(readSamples)).toHaveLength(20);
});
