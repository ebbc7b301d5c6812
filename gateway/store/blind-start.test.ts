import { renameSync, rmSync, writeFileSync } from "node:fs";
import { expect, test } from "vitest";
import { none, storeRig } from "../../tests/support/store-rig.ts";
import type { Movement } from "../stock/movement.ts";

const rig = storeRig();

function movement(digit: string, quantity: number): Movement {
  return {
    id: `ni:///sha-256;${digit.repeat(64)}?ver=CBV2.0`,
    kind: quantity < 0 ? "pick" : "put",
    item: "bolt",
    location: "shelf-1",
    quantity,
    unit: "pcs",
    at: rig.clock.now(),
    clock: "synchronized",
    evidence: { by: "weight" },
  };
}

test("stock that moves while a start could not read the disk adds to what the disk has", () => {
  const balance = { location: "shelf-1", item: "bolt", quantity: 40, movedAt: 1 };
  const key = "stock/shelf-1/bolt/";
  const history = { version: 1, from: 20_000, days: [3, 2] };
  const first = rig.open().store;
  const known = new Map<string, unknown>([
    [key, balance],
    ["demand/shelf-1/bolt", history],
  ]);
  first.commit({ ...none, movements: [movement("a", 40)], state: known });
  rig.close(first);
  const aside = `${rig.dir}.aside`;
  renameSync(rig.dir, aside);
  writeFileSync(rig.dir, "a file where the folder should be");

  const { store } = rig.open();
  expect(store.onDisk).toBe(false);
  expect(store.stale).toBe(false);
  const seen = new Map<string, unknown>([
    [key, { ...balance, quantity: -2, movedAt: 2 }],
    ["demand/shelf-1/bolt", { version: 1, from: 20_001, days: [2] }],
  ]);
  store.commit({ ...none, movements: [movement("b", -2)], state: seen });
  rmSync(rig.dir);
  renameSync(aside, rig.dir);

  expect(store.heal()).toBe(true);
  expect(store.stale).toBe(true);
  expect(store.readState("stock/").get(key)).toMatchObject({ quantity: 38, movedAt: 2 });
  expect(store.readState("demand/").get("demand/shelf-1/bolt")).toEqual(history);
  expect(store.movementSums()).toMatchObject([{ item: "bolt", quantity: 38 }]);
});
