import { join } from "node:path";
import Database from "better-sqlite3";
import { expect, test } from "vitest";
import { readShelfState } from "../../gateway/stock/weighing/shelf-state.ts";
import { readLedger } from "../../gateway/store/ledger-file.ts";
import { ShelfSite } from "../support/shelf-site.ts";
import { eventually } from "../support/spine.ts";
import { storedEvents } from "../support/store-events.ts";

/** A start is alarming within this, whatever the disk holds. */
const startMsMax = 5_000;

/** Every kind of stock's state, as something that cannot be what it was. */
const prefixes = [
  ...["stock", "weigh", "demand", "lot", "hold", "order", "delivery", "tag", "item"],
  ...["presence", "mismatch", "outlook", "proposal", "booked"],
];

function change(dataDir: string, sql: string): void {
  const db = new Database(join(dataDir, "gateway.db"));
  db.exec(sql);
  db.close();
}

async function filled(): Promise<ShelfSite> {
  const site = await ShelfSite.open({
    shelves: 1,
    locations: "  store: { kind: room }",
    items: "  boxes: { location: store, min: 5 }",
  });
  await site.handle(1, 40, 0);
  await site.begin();
  await site.settled(1);
  const place = { item: "boxes", location: "store" } as const;
  await site.book({ kind: "receipt", ...place, quantity: 30, lot: "A1" });
  await site.book({ kind: "receipt", ...place, quantity: 10, lot: "A2" });
  await site.book({ kind: "issue", ...place, quantity: 7, lot: "A1" });
  await site.kill("SIGTERM");
  return site;
}

function shelfState(dataDir: string): unknown {
  using ledger = readLedger(dataDir);
  return ledger.state.read("weigh/").get("weigh/s1");
}

async function startInTime(site: ShelfSite): Promise<void> {
  const from = performance.now();
  await site.start();
  expect(performance.now() - from).toBeLessThan(startMsMax);
}

async function boxes(site: ShelfSite) {
  const { stock } = await site.get<{
    stock: { item: string; quantity: number; lots: { lot?: string; quantity: number }[] }[];
  }>("/api/stock?location=store");
  return stock[0];
}

for (const [name, value] of [
  ["another shape", '{"quantity":"many"}'],
  ["no JSON at all", '{"quan'],
] as const) {
  test(`stock's state with ${name}: it starts, warns, and balances are what the movements say`, async () => {
    await using site = await filled();
    const { dataDir } = site.rig;
    change(
      dataDir,
      prefixes
        .map((it) => `UPDATE state SET value = '${value}' WHERE key LIKE '${it}/%';`)
        .join(""),
    );
    await startInTime(site);
    await site.answers();
    expect(await boxes(site)).toMatchObject({
      quantity: 33,
      lots: [
        { lot: "A1", quantity: 23 },
        { lot: "A2", quantity: 10 },
      ],
    });
    // The shelf is looked at anew; what is picked after that counts.
    await eventually(
      () => shelfState(dataDir),
      (state) => readShelfState(state) !== undefined,
    );
    await site.handle(1, -37);
    expect(await site.settled(1)).toMatchObject({ quantity: 3 });
    await site.alarm(({ item, state }) => item === "i1" && state === "unacknowledged");
    await eventually(
      () => site.lamp(),
      (level) => level === 1,
    );
    await site.kill("SIGTERM");
    expect(site.verify()).toMatchObject({ ok: true, differences: [] });
    const told = storedEvents(dataDir).filter(({ body }) => body["do"] === "balances-rebuilt");
    expect(told).toHaveLength(1);
    expect(told[0]?.body["keys"]).toContain("stock/store/boxes/A1");
  });
}

test("movements that cannot be read any more: it starts, books and warns, and verify names them", async () => {
  await using site = await filled();
  const { dataDir } = site.rig;
  change(dataDir, "DROP TRIGGER movement_no_update; UPDATE movement SET body = 'x' WHERE seq = 2");
  await startInTime(site);
  await site.answers();
  expect(await boxes(site)).toMatchObject({ quantity: 33 });
  await site.handle(1, -37);
  expect(await site.settled(1)).toMatchObject({ quantity: 3 });
  await site.alarm(({ item }) => item === "i1");
  await site.kill("SIGTERM");
  expect(site.verify()).toMatchObject({ ok: false, differences: [{ seq: 2 }] });
});
