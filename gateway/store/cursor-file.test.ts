import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { storeRig } from "../../tests/support/store-rig.ts";
import {
  CursorFile,
  cursorFileName,
  cursorTable,
  roadCursorTable,
  roadTable,
  writeCursor,
} from "./cursor-file.ts";

const rig = storeRig();

function written(): Database.Database {
  const file = join(rig.dir, cursorFileName);
  mkdirSync(dirname(file), { recursive: true });
  const db = new Database(file);
  for (const table of [cursorTable, roadCursorTable, roadTable]) db.exec(table);
  return db;
}

test("a cursor that a power cut tore counts as none: what is below it stays", () => {
  using cursors = new CursorFile(rig.dir);
  const db = written();
  writeCursor(db, { lane: "samples", epoch: "e", seq: 200, at: 1 });
  writeCursor(db, { lane: "events", epoch: "e", seq: 7, at: 1 });
  db.exec("UPDATE cursor SET seq = 65_000 WHERE lane = 'samples'");
  expect(cursors.read("samples", "e")).toBe(0);
  expect(cursors.read("events", "e")).toBe(7);
  writeCursor(db, { lane: "samples", epoch: "e", seq: 300, at: 1 });
  expect(cursors.read("samples", "e")).toBe(300);
  db.close();
});

test("a torn cursor is of no other lane or epoch either", () => {
  using cursors = new CursorFile(rig.dir);
  const db = written();
  writeCursor(db, { lane: "samples", epoch: "e", seq: 200, at: 1 });
  db.exec("UPDATE cursor SET epoch = 'f'");
  expect(cursors.read("samples", "f")).toBe(0);
  db.close();
});

test("of several roads the slowest counts, one that was never heard of counts as 0, one that is not asked for not at all", () => {
  const db = written();
  writeCursor(db, { lane: "events", epoch: "e", seq: 9, at: 1 });
  writeCursor(db, { lane: "events", epoch: "e", seq: 4, at: 1 }, "stick");
  const read = (...roads: string[]) => {
    using cursors = new CursorFile(rig.dir, () => roads);
    return cursors.read("events", "e");
  };
  expect(read("central", "stick")).toBe(4);
  expect(read("central")).toBe(9);
  expect(read("stick")).toBe(4);
  expect(read("central", "stick", "late")).toBe(0);
  db.exec("UPDATE road_cursor SET road = 'late'");
  expect(read("late"), "a torn row is of no other road either").toBe(0);
  db.close();
});

test("a reader without a configuration takes the roads that the agent says", () => {
  using cursors = new CursorFile(rig.dir);
  const db = written();
  writeCursor(db, { lane: "events", epoch: "e", seq: 9, at: 1 });
  writeCursor(db, { lane: "events", epoch: "e", seq: 4, at: 1 }, "stick");
  expect(cursors.read("events", "e")).toBe(9);
  db.exec("INSERT INTO road VALUES ('central', 1), ('stick', 1)");
  expect(cursors.read("events", "e")).toBe(4);
  db.exec("UPDATE road SET counted = 0 WHERE name = 'stick'");
  expect(cursors.read("events", "e")).toBe(9);
  db.close();
});
