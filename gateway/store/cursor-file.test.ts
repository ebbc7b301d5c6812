import { mkdirSync } from "node:fs";
import { dirname, join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { storeRig } from "../../tests/support/store-rig.ts";
import { CursorFile, cursorFileName, cursorTable, writeCursor } from "./cursor-file.ts";

const rig = storeRig();

function written(): Database.Database {
  const file = join(rig.dir, cursorFileName);
  mkdirSync(dirname(file), { recursive: true });
  const db = new Database(file);
  db.exec(cursorTable);
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
