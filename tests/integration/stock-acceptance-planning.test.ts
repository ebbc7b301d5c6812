import { expect, test } from "vitest";
import { z } from "zod";
import { itemOutlookSchema } from "../../gateway/panel/stock-api.ts";
import { quietSite, raisedTimes } from "../support/quiet-stock-site.ts";
import type { StockClient } from "../support/stock-client.ts";

const day = 86_400_000;
const startAt = Date.UTC(2026, 10, 23, 8);
const place = { location: "shelf-b" };
const locations = { "shelf-b": { kind: "shelf" } };

test("orders count into the position, which is what the reorder point is about", {
  timeout: 60_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { gateway, client } = await quietSite(cleanup, {
    ...{ startAt, locations },
    items: { bolt: { ...place, min: 5, reorderPoint: 20, leadTime: "5d" } },
  });
  const bolt = { item: "bolt", location: "shelf-b" };
  await client.book({ ...bolt, kind: "receipt", quantity: 30, document: "DN-0" });
  gateway.tick();
  expect(await client.inForce()).toEqual([]);
  await client.book({ ...bolt, kind: "issue", quantity: 11, document: "W-1" });
  gateway.tick();
  expect(await client.line("shelf-b", "bolt")).toMatchObject({ quantity: 19, position: 19 });
  expect(await client.inForce()).toEqual(["below-reorder:shelf-b:bolt"]);
  const told = (await client.warnings()).get("below-reorder:shelf-b:bolt");
  expect(told?.figures).toMatchObject({ position: 19, reorderPoint: 20 });

  const orders = "document,line,item,location,quantity,due\nPO-1,1,bolt,shelf-b,40,2026-12-01\n";
  expect(await client.import("orders", orders)).toMatchObject({ rows: 1, landed: 1, bad: [] });
  gateway.tick();
  expect(await client.line("shelf-b", "bolt")).toMatchObject({ onOrder: 40, position: 59 });
  expect(await client.inForce()).toEqual([]);
  const again = await client.import("orders", orders);
  expect(again).toMatchObject({ rows: 1, landed: 0, repeated: 1, bad: [] });
  expect(await client.line("shelf-b", "bolt")).toMatchObject({ onOrder: 40, position: 59 });

  // What somebody has claimed is not there for others.
  const claim = "document,line,kind,item,location,quantity\nSO-1,1,reservation,bolt,shelf-b,45\n";
  expect((await client.import("orders", claim)).landed).toBe(1);
  gateway.tick();
  expect(await client.line("shelf-b", "bolt")).toMatchObject({ reserved: 45, position: 14 });
  expect(await client.inForce()).toEqual(["below-reorder:shelf-b:bolt"]);

  // The delivery closes its order; on hand and on order are not counted twice.
  await client.book({ ...bolt, kind: "receipt", quantity: 40, document: "PO-1" });
  gateway.tick();
  const line = await client.line("shelf-b", "bolt");
  expect(line).toMatchObject({ quantity: 59, onOrder: 0, reserved: 45, position: 14 });
  await client.book({ ...bolt, kind: "issue", quantity: 45, document: "SO-1" });
  gateway.tick();
  expect(await client.line("shelf-b", "bolt")).toMatchObject({ quantity: 14, reserved: 0 });

  await client.book({ ...bolt, kind: "issue", quantity: 10, document: "W-2" });
  gateway.tick();
  expect(await client.line("shelf-b", "bolt")).toMatchObject({ state: "below-minimum" });
  await client.book({ ...bolt, kind: "issue", quantity: 4, document: "W-3" });
  gateway.tick();
  expect(await client.line("shelf-b", "bolt")).toMatchObject({ state: "out", quantity: 0 });
  // A return of one is no refill: what was told is not told again when it goes.
  await client.book({ ...bolt, kind: "put", quantity: 1 });
  gateway.tick();
  await client.book({ ...bolt, kind: "pick", quantity: 1 });
  gateway.tick();
  expect(raisedTimes(gateway).get("below-minimum:shelf-b:bolt")).toBe(1);
  await client.isWhole();
});

test("an import of movements lands once, however often it is sent, and bad rows say why", {
  timeout: 60_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { client } = await quietSite(cleanup, {
    ...{ startAt, locations },
    items: { bolt: place, nut: place },
  });
  const csv = [
    "kind,item,location,quantity,time,document",
    "receipt,bolt,shelf-b,100,2026-11-20 08:00,D1",
    "issue,bolt,shelf-b,7,2026-11-20 09:00,W1",
    "receipt,screw,shelf-b,5,2026-11-20 09:00,D2",
    "receipt,nut,shelf-z,5,2026-11-20 09:00,D3",
    "receipt,nut,shelf-b,-5,2026-11-20 09:00,D4",
    "receipt,nut,shelf-b,five,2026-11-20 09:00,D5",
    "receipt,nut,shelf-b,40,2026-11-20 10:00,D6",
  ].join("\n");
  const first = await client.import("movements", csv);
  expect(first).toMatchObject({ rows: 7, landed: 3, repeated: 0 });
  expect(first.bad.map(({ line, column }) => [line, column])).toEqual([
    [4, "item"],
    [5, "location"],
    [6, "quantity"],
    [7, "quantity"],
  ]);
  const stock = await client.stock();
  const movements = await client.movements();
  const second = await client.import("movements", csv);
  expect(second).toMatchObject({ rows: 7, landed: 0, repeated: 3 });
  expect(second.bad).toHaveLength(4);
  expect(await client.stock()).toEqual(stock);
  expect(await client.movements()).toEqual(movements);
  await client.isWhole();
  expect((await client.line("shelf-b", "bolt")).quantity).toBe(93);
});

const proposals = z.array(z.object({ id: z.string() }).loose());

async function outlook(client: StockClient) {
  const reply = await client.send("/api/stock/outlook?location=shelf-b&item=bolt");
  return itemOutlookSchema.parse(reply.body);
}

test("demand that doubles is proposed as a higher reorder point, which holds once it is approved", {
  timeout: 120_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { gateway, client } = await quietSite(cleanup, {
    ...{ startAt, locations },
    items: { bolt: { ...place, leadTime: "7d" } },
    stock: { deadAfter: "60d" },
  });
  const bolt = { item: "bolt", location: "shelf-b" };
  await client.book({ ...bolt, kind: "receipt", quantity: 5_000, document: "DN-0" });
  const live = async (days: number, perDay: number) => {
    for (let gone = 0; gone < days; gone += 1) {
      // Around the mean, the same each time.
      const quantity = perDay + ((gone * 7) % 5) - 2;
      if (perDay > 0) await client.book({ ...bolt, kind: "issue", quantity, note: `${gone}` });
      await gateway.pass(day, day / 2);
    }
  };
  await live(60, 10);
  const calm = await client.line("shelf-b", "bolt");
  expect(calm.reorderPointBy).toBe("forecast");
  // 8 days at 10 a day, and some more for what varies.
  expect(calm.reorderPoint).toBeGreaterThan(80);
  expect(calm.reorderPoint).toBeLessThan(110);
  expect((await outlook(client)).perDay).toBeCloseTo(10, 0);

  await live(14, 20);
  const { proposal } = await outlook(client);
  expect(proposal?.from).toBe(calm.reorderPoint);
  expect(proposal?.to).toBeGreaterThan(calm.reorderPoint ?? 0);
  expect(proposal?.to).toBeLessThanOrEqual((calm.reorderPoint ?? 0) * 1.25 + 1);
  expect(proposal?.wanted).toBeGreaterThan(130);
  // Nobody has approved it.
  expect((await client.line("shelf-b", "bolt")).reorderPoint).toBe(calm.reorderPoint);
  const open = proposals.parse((await client.send("/api/stock/proposals")).body);
  expect(open.map(({ id }) => id)).toEqual([proposal?.id]);

  const path = `/api/stock/proposals/${encodeURIComponent(proposal?.id ?? "")}`;
  expect((await client.post(path, { approve: true }, "otto")).status).toBe(403);
  expect((await client.post(path, { approve: true, comment: "ok" }, "susan")).status).toBe(200);
  expect((await client.line("shelf-b", "bolt")).reorderPoint).toBe(proposal?.to);
  expect((await client.post(path, { approve: true }, "susan")).status).toBe(409);
  // At most one change a review.
  expect((await outlook(client)).proposal).toBeUndefined();

  // Nothing goes any more: dead stock is told once, and nothing more is proposed.
  await live(70, 0);
  expect(await client.inForce()).toContain("dead-stock:shelf-b:bolt");
  expect(raisedTimes(gateway).get("dead-stock:shelf-b:bolt")).toBe(1);
  expect((await outlook(client)).proposal).toBeUndefined();
  await client.isWhole();
});

test("a steady draw-down is warned of before lead time and review are reached, and not twice as early", {
  timeout: 120_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { gateway, client } = await quietSite(cleanup, {
    ...{ startAt, locations },
    items: { bolt: { ...place, leadTime: "9d", review: "1d" } },
    stock: { horizon: "10d" },
  });
  const bolt = { item: "bolt", location: "shelf-b" };
  await client.book({ ...bolt, kind: "receipt", quantity: 600, document: "DN-0" });
  let warnedAt: number | undefined;
  let gone = 0;
  for (; (await client.line("shelf-b", "bolt")).quantity > 0; gone += 1) {
    await client.book({ ...bolt, kind: "issue", quantity: 10, note: `${gone}` });
    await gateway.pass(day, day / 2);
    if ((await client.inForce()).length > 0) warnedAt ??= gone;
  }
  const ahead = gone - (warnedAt ?? gone);
  expect(ahead).toBeGreaterThanOrEqual(10);
  expect(ahead).toBeLessThan(20);
  for (const [key, times] of raisedTimes(gateway)) expect(times, key).toBe(1);
});
