import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { none, storeRig } from "../../tests/support/store-rig.ts";
import { movementId } from "../stock/epcis/movement-id.ts";
import type { Movement, MovementDraft } from "../stock/movement.ts";
import { idBytes, idText } from "./movement-id-bytes.ts";
import { MovementTable, movementsSearchedMax } from "./movement-table.ts";
import { migrate } from "./schema.ts";

const rig = storeRig();
const hour = 3_600_000;

function movement(at: number, quantity = 1, more: Partial<MovementDraft> = {}): Movement {
  const draft: MovementDraft = {
    kind: quantity < 0 ? "pick" : "put",
    item: "bolt",
    location: "shelf-1",
    quantity,
    unit: "pcs",
    at,
    clock: "synchronized",
    evidence: { by: "weight", weightBefore: 1.5, weightAfter: 1.4 },
    ...more,
  };
  return { ...draft, id: movementId(draft) };
}

function tableWith(movements: readonly Movement[]) {
  const db = new Database(":memory:");
  migrate(db);
  const table = new MovementTable(db);
  table.append(movements);
  return { db, table };
}

test("a movement is read back as it was written, with its number", () => {
  const given = movement(5, -2.5, {
    unit: "kg",
    lot: "A/1",
    lotBy: "fefo",
    asked: "ni:///sha-256;00?ver=CBV2.0",
    since: 1,
  });
  const { table } = tableWith([given]);
  const query = { limit: 10 };
  expect(table.page(query)).toEqual({ movements: [{ ...given, seq: 1 }] });
});

test("identities of any form come back to the letter, and a hash takes 32 bytes", () => {
  const hashed = movement(1).id;
  expect(idBytes(hashed)).toHaveLength(32);
  for (const id of [hashed, "", "x", "y".repeat(31), "z".repeat(32), "ni:///sha-256;zz"]) {
    expect(idText(idBytes(id))).toBe(id);
  }
});

test("a movement is known by its own identity and by the one it was asked under", () => {
  const asked = movement(1, -5).id;
  const part = movement(1, -2, { lot: "A", asked });
  const { table } = tableWith([part]);
  expect([part.id, asked, movement(2).id].map((id) => table.has(id))).toEqual([true, true, false]);
});

test("the same row again stays as it is", () => {
  const { table } = tableWith([movement(1, 3), movement(1, 3)]);
  expect(table.sums()).toEqual([{ location: "shelf-1", item: "bolt", quantity: 3 }]);
});

test("the database refuses to change or delete a movement", () => {
  const { db } = tableWith([movement(1)]);
  const only = "movements are only ever added";
  expect(() => db.exec("UPDATE movement SET parts = 9")).toThrow(only);
  expect(() => db.exec("DELETE FROM movement")).toThrow(only);
});

test("pages go from the newest to the oldest, by place, lot, kind and time", () => {
  const { table } = tableWith([
    movement(1, 5),
    movement(2, -1),
    movement(3, 4, { location: "shelf-2" }),
    movement(4, 6, { item: "nut", lot: "L" }),
  ]);
  const found = (query: object, limit = 10) => {
    const { movements, next } = table.page({ limit, ...query });
    return [movements.map(({ at }) => at), next];
  };
  expect(found({})).toEqual([[4, 3, 2, 1], undefined]);
  expect(found({}, 3)).toEqual([[4, 3, 2], 2]);
  expect(found({ before: 2 })).toEqual([[1], undefined]);
  expect(found({ item: "bolt" })).toEqual([[3, 2, 1], undefined]);
  expect(found({ location: "shelf-1", kind: "pick" })).toEqual([[2], undefined]);
  expect(found({ lot: "L" })).toEqual([[4], undefined]);
  expect(found({ from: 2, to: 4 })).toEqual([[3, 2], undefined]);
});

test("a page looks at so many movements at a time and says where to go on", () => {
  const { db, table } = tableWith([movement(1, 1, { lot: "first" })]);
  db.exec(`WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i <= ${movementsSearchedMax})
    INSERT INTO movement (id, at, location, item, kind, parts, body)
    SELECT CAST('x' || i AS BLOB), i, 'shelf-1', 'bolt', 'put', 1000000, '{}' FROM n`);
  const first = table.page({ item: "bolt", lot: "first", limit: 10 });
  expect(first).toEqual({ movements: [], next: 3 });
  const second = table.page({ item: "bolt", lot: "first", limit: 10, before: 3 });
  expect(second.movements).toHaveLength(1);
  expect(second.next).toBeUndefined();
});

test("fractions of a unit add up exactly", () => {
  const kg = (at: number, quantity: number) => movement(at, quantity, { unit: "kg" });
  const { table } = tableWith([kg(1, 0.1), kg(2, 0.2), kg(3, -0.3)]);
  expect(table.sums()).toEqual([{ location: "shelf-1", item: "bolt", quantity: 0 }]);
});

test("what age lets go leaves its sum, and only that may be deleted", () => {
  const { db, table } = tableWith([
    movement(10, 5),
    movement(20, -2),
    movement(90, 4),
    movement(0, 7, { clock: "unset", location: "shelf-3" }),
  ]);
  const before = table.sums();
  expect(table.fold(50)).toBe(2);
  expect(table.foldedBefore()).toBe(50);
  expect(table.sums()).toEqual(before);
  expect(table.page({ limit: 10 }).movements.map(({ at }) => at)).toEqual([0, 90]);
  expect(table.has(movement(10, 5).id)).toBe(false);
  expect(() => db.exec("DELETE FROM movement WHERE at = 90")).toThrow("only ever added");
});

test("a movement of a clock that was never set goes when a later one of its neighbours stays", () => {
  const { table } = tableWith([movement(0, 7, { clock: "unset" }), movement(10, 5)]);
  expect(table.fold(5)).toBe(1);
  expect(table.sums()).toEqual([{ location: "shelf-1", item: "bolt", quantity: 12 }]);
});

test("the hours of a place tell what moved and what was taken", () => {
  const { table } = tableWith([
    movement(hour, 10),
    movement(hour + 5, -3),
    movement(2 * hour, -1),
    movement(2 * hour, 5, { location: "shelf-2" }),
  ]);
  expect(table.hours("shelf-1", "bolt", 0)).toEqual([
    { from: hour, change: 7, taken: -3 },
    { from: 2 * hour, change: -1, taken: -1 },
  ]);
});

test("movements commit with the state they belong to, and are there after a restart", () => {
  const { store } = rig.open();
  const given = movement(7, 4);
  store.commit({ ...none, movements: [given] });
  rig.close(store);
  const again = rig.open().store;
  expect(again.hasMovement(given.id)).toBe(true);
  expect(again.knownMovements([given.id, movement(8).id])).toEqual(new Set([given.id]));
  expect(again.movementSums()).toEqual([{ location: "shelf-1", item: "bolt", quantity: 4 }]);
  expect(again.movementsFoldedBefore()).toBeUndefined();
  expect([again.foldMovements(5), again.foldMovements(8), again.foldMovements(8)]).toEqual([
    0, 1, 0,
  ]);
  expect(again.movementsFoldedBefore()).toBe(8);
});
