import { join } from "node:path";
import Database from "better-sqlite3";
import { afterEach, beforeEach, expect, test } from "vitest";
import { runCommand } from "../../gateway/cli/command.ts";
import { stockCommand } from "../../gateway/cli/stock.ts";
import { calendarOf } from "../../gateway/stock/ledger/calendar.ts";
import { Ledger } from "../../gateway/stock/ledger/ledger.ts";
import type { MovementDraft } from "../../gateway/stock/movement.ts";
import { memoryIo } from "../support/command-io.ts";
import { none, StoreRig } from "../support/store-rig.ts";

const rig = new StoreRig();
beforeEach(() => rig.begin());
afterEach(() => rig.end());

/** A data folder in which 10 came, 3 went and a day later 8 were counted. */
function write() {
  const { store } = rig.open();
  const at = rig.clock.now();
  const calendar = calendarOf("Asia/Shanghai", () => true);
  const ledger = new Ledger({ saved: new Map(), items: [], calendar, keepForMs: 1e11 });
  const basis = { item: "bolt", location: "shelf-1", unit: "pcs", clock: "synchronized" } as const;
  const drafts: MovementDraft[] = [
    {
      ...basis,
      kind: "receipt",
      quantity: 10,
      at,
      lot: "A1",
      evidence: { by: "person", person: "li" },
    },
    {
      ...basis,
      kind: "pick",
      quantity: -3,
      at: at + 1,
      evidence: { by: "weight", weightAfter: 0.7 },
    },
    {
      ...basis,
      kind: "count",
      quantity: 0,
      at: at + 86_400_000,
      evidence: { by: "person", counted: 8 },
    },
  ];
  const { state, movements } = ledger.book(drafts, {
    instant: { at, mono: 1 },
    known: (id) => store.hasMovement(id),
    lots: [{ item: "bolt", lot: "A1", expires: "2027-03-31" }],
  });
  store.commit({ ...none, state, movements });
  rig.close(store);
}

async function stock(...args: string[]) {
  const { io, seen } = memoryIo();
  await runCommand(stockCommand({ ...io, cwd: rig.dir }), [...args, "--data", rig.dir], io);
  return seen;
}

function tamper(sql: string) {
  const db = new Database(join(rig.dir, "gateway.db"));
  db.exec(sql);
  db.close();
}

test("the list shows lots with their quantity and date", async () => {
  write();
  expect((await stock("list")).out).toMatch(/shelf-1 +bolt +A1 +8 +2027-03-31/);
  const [row = "{}"] = (await stock("list", "--json", "--item", "bolt")).out.split("\n");
  expect(JSON.parse(row)).toMatchObject({ location: "shelf-1", lot: "A1", quantity: 8 });
  expect((await stock("list", "--json", "--item", "nut")).out).toBe("");
});

test("movements come newest first, of an item and a time only", async () => {
  write();
  const json = async (...args: string[]) =>
    (await stock("movements", "--json", ...args)).out
      .split("\n")
      .filter((line) => line !== "")
      .map((line) => JSON.parse(line));
  expect((await json()).map(({ kind, quantity }) => [kind, quantity])).toEqual([
    ["count", 1],
    ["pick", -3],
    ["receipt", 10],
  ]);
  expect(await json("--to", "2026-01-02")).toHaveLength(2);
  expect(await json("--item", "nut")).toEqual([]);
  expect((await stock("movements", "--lang", "zh")).out).toContain("单据");
  expect((await stock("movements", "--from", "soon")).code).toBe(2);
});

test("a whole ledger verifies", async () => {
  write();
  const seen = await stock("verify");
  expect([seen.code, seen.out]).toEqual([0, expect.stringContaining("3 movements, 1 balances")]);
});

test("stock that was changed beside its movements is found with both figures", async () => {
  write();
  tamper(`UPDATE state SET value = json_set(value, '$.quantity', 80) WHERE key LIKE 'stock/%/A1'`);
  const seen = await stock("verify");
  expect(seen.code).toBe(1);
  expect(seen.out).toContain("shelf-1/bolt/A1: stock says 80, its movements come to 8");
});

test("a movement that was changed around the triggers is named, and the stock that does not fit any more", async () => {
  write();
  tamper("DROP TRIGGER movement_no_update; UPDATE movement SET parts = -1000000 WHERE seq = 2");
  const seen = await stock("verify", "--json");
  expect(seen.code).toBe(1);
  expect(JSON.parse(seen.out).differences).toMatchObject([
    { is: "balance", stock: 8, movements: 10 },
    { is: "altered", seq: 2 },
  ]);
});

test("a folder without a gateway is said to be none", async () => {
  const seen = await stock("verify");
  expect(seen.code).toBe(2);
  expect(seen.err).toContain("gateway.db");
});
