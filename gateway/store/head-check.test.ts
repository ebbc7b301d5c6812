import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { mark, none, storeRig } from "../../tests/support/store-rig.ts";
import { isHeadSound, sealed } from "./head-check.ts";

const rig = storeRig();

const bare = {
  ...{ first_seq: 5, last_seq: 9, first_at: 1.8e12, last_at: 1.8e12 + 40, boot: "b-1" },
  ...{ offset_ms: 1.7e12, clock_quality: "synchronized", hash: Buffer.alloc(32, 7), kept: "2 #$" },
};

test("any other head than the one that was sealed is found, that of an earlier version is believed", () => {
  const head = { ...bare, hash: sealed(bare) };
  expect(isHeadSound(head)).toBe(true);
  expect(isHeadSound(bare)).toBe(true);
  const changes = [
    { first_seq: 4 },
    { last_seq: 9 + 2 ** 20 },
    { first_at: bare.first_at + 2 ** -12 },
    { last_at: -bare.last_at },
    { boot: "c-1" },
    { offset_ms: bare.offset_ms / 2 },
    { clock_quality: "synchronizee" },
    { kept: "2 #%" },
    { hash: head.hash.subarray(0, 47) },
  ];
  for (const change of changes) expect(isHeadSound({ ...head, ...change })).toBe(false);
  for (let bit = 0; bit < head.hash.length * 8; bit += 1) {
    const hash = Buffer.from(head.hash);
    hash[bit >> 3] = (hash[bit >> 3] ?? 0) ^ (1 << (bit & 7));
    expect(isHeadSound({ ...head, hash })).toBe(false);
  }
});

test("times that a correction of the clock moved are no damage", () => {
  const head = { ...bare, hash: sealed(bare) };
  expect(isHeadSound({ ...head, shift_ms: 60_000, first_at: 0, last_at: 1 })).toBe(true);
});

test("a chunk that claims to reach further than it may takes no row of the next one with it", () => {
  const { store } = rig.open();
  for (let n = 0; n < 3; n += 1) store.commit({ ...none, clock: mark, samples: rig.samples(10) });
  const db = new Database(join(rig.dir, "gateway.db"));
  db.exec("UPDATE sample_chunk SET last_seq = 4106 WHERE first_seq = 11");
  db.close();
  expect(store.outbox.read("samples", 12, 1_000).map((it) => [it.firstSeq, it.lastSeq])).toEqual([
    [11, 20],
    [21, 30],
  ]);
  const [, damaged] = store.outbox.read("samples", 0, 1_000);
  expect(damaged?.hash).toBe("");
  expect(store.verify(10).concat(store.verify(10))).toContainEqual({
    lane: "samples",
    firstSeq: 11,
  });
});
