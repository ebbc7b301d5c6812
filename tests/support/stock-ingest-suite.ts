import fc from "fast-check";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { Database } from "../../cloud-sync/central/database/database.ts";
import { migrate } from "../../cloud-sync/central/database/migrations.ts";
import { Partitions } from "../../cloud-sync/central/database/partitions.ts";
import { ingest } from "../../cloud-sync/central/ingest.ts";
import { readMovements, readStock } from "../../cloud-sync/central/stock-readings.ts";
import { addGateway } from "../../cloud-sync/central/tokens.ts";
import { nextPortion } from "../../cloud-sync/portion.ts";
import type { Batch } from "../../cloud-sync/protocol.ts";
import { chainEvents } from "../../gateway/store/chain.ts";
import { decodeSentEvents } from "../../gateway/store/columns.ts";
import type { GatewayEvent } from "../../gateway/store/store.ts";
import { alarmEvent, MemoryOutbox } from "./memory-outbox.ts";

/** What central makes of movements, the same on every database; without one (undefined) the caller skips the tests. */
export function stockIngestSuite(open: () => Promise<Database | undefined>): void {
  const now = Date.UTC(2026, 10, 22);
  let database: Database;
  let opened: Database | undefined;
  let partitions: Partitions;
  let made = 0;

  beforeAll(async () => {
    opened = await open();
    if (opened === undefined) return;
    database = opened;
    await migrate(database);
    partitions = new Partitions(database);
  }, 180_000);
  afterAll(async () => opened?.[Symbol.asyncDispose]());

  async function newGateway(): Promise<string> {
    made += 1;
    await addGateway(database, `stock-${made}`, `stock-token-${made}`);
    return `stock-${made}`;
  }

  function batchOf(outbox: MemoryOutbox, gateway: string, cursor = 0, rowsMax = 5_000): Batch {
    const of = { gateway, epoch: outbox.epoch, lane: "events", cursor, rowsMax } as const;
    const portion = nextPortion(outbox, of);
    if (portion?.kind !== "batch") throw new Error("no batch");
    return portion.batch;
  }

  const send = (batch: Batch) => ingest({ database, partitions }, batch, now);

  const moved = (
    id: string,
    quantity: number,
    more: Readonly<Record<string, unknown>> = {},
  ): GatewayEvent => {
    const place = { location: "shelf-1", item: "bolt", unit: "pcs", at: now + quantity };
    const evidence = { by: "weight", weightBefore: 1.5 };
    const body = { id, kind: "pick", quantity, clock: "synchronized", evidence, ...place, ...more };
    return { kind: "movement", at: now, mono: 1, body };
  };
  const said = (part: number, ...balances: readonly object[]): GatewayEvent => ({
    ...{ kind: "stock", at: now, mono: 1, body: { do: "balances", part, balances } },
  });
  const balance = { location: "shelf-1", item: "bolt", unit: "pcs", name: "Bolt M8" };
  const stockOf = async (gateway: string) =>
    (await readStock(database, { gateway, limit: 100 })).map(({ item, lots }) => ({
      item,
      lots: lots.map(({ lot = "", quantity }) => [lot, quantity]),
    }));

  test("stock is what the gateway said it has and all that moved since, lot by lot and exactly", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents([
      said(1, { ...balance, lot: "A", quantity: 10 }, { ...balance, quantity: 0.3 }),
      said(2, { ...balance, item: "nut", quantity: 4 }),
      moved("m1", -3, { lot: "A" }),
      moved("m2", -0.1),
      moved("m3", -0.1),
      moved("m4", 6, { lot: "B", kind: "put" }),
    ]);
    await send(batchOf(outbox, gateway));
    const stock = await readStock(database, { gateway, limit: 100 });
    expect(stock).toMatchObject([
      {
        ...{ gateway, location: "shelf-1", item: "bolt", name: "Bolt M8", unit: "pcs" },
        ...{ quantity: 13.1, movedAt: now + 6, state: "ok", warnings: [] },
        lots: [{ quantity: 0.1 }, { lot: "A", quantity: 7 }, { lot: "B", quantity: 6 }],
      },
      { item: "nut", quantity: 4 },
    ]);
    const movements = await readMovements(database, { gateway, limit: 10 });
    expect(movements.map(({ id, quantity }) => [id, quantity])).toEqual([
      ["m4", 6],
      ["m3", -0.1],
      ["m2", -0.1],
      ["m1", -3],
    ]);
    expect(movements[0]).toMatchObject({
      ...{ epoch: "epoch-1", seq: 6, kind: "put", lot: "B", at: now + 6 },
      body: { evidence: { by: "weight", weightBefore: 1.5 } },
    });
  });

  test("however batches are repeated, split and overlapped, each movement counts once", async () => {
    const run = async (quantities: readonly number[], cuts: readonly (readonly number[])[]) => {
      const gateway = await newGateway();
      const outbox = new MemoryOutbox();
      outbox.addEvents(
        quantities.map((quantity, n) => moved(`m${n}`, quantity, { lot: n % 2 === 0 ? "A" : "B" })),
      );
      for (const [cursor = 0, rowsMax = 1] of cuts) {
        await send(batchOf(outbox, gateway, cursor % quantities.length, rowsMax));
      }
      const whole = batchOf(outbox, gateway);
      await Promise.all([send(whole), send(whole)]);
      const [row] = await readStock(database, { gateway, limit: 10 });
      expect(row?.quantity).toBe(quantities.reduce((sum, quantity) => sum + quantity, 0));
      expect(await readMovements(database, { gateway, limit: 100 })).toHaveLength(
        quantities.length,
      );
    };
    const quantity = fc.integer({ min: -50, max: 50 });
    const cut = fc.tuple(fc.nat(30), fc.integer({ min: 1, max: 12 }));
    await fc.assert(
      fc.asyncProperty(
        fc.array(quantity, { minLength: 1, maxLength: 25 }),
        fc.array(cut, { maxLength: 6 }),
        run,
      ),
      { numRuns: 12 },
    );
  });

  test("the same movement under another number counts once", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents([moved("m1", -3), moved("m1", -3), moved("m2", -1)]);
    outbox.addEvents([moved("m1", -3)]);
    await send(batchOf(outbox, gateway, 0, 3));
    await send(batchOf(outbox, gateway, 3));
    expect(await stockOf(gateway)).toEqual([{ item: "bolt", lots: [["", -4]] }]);
  });

  test("a gateway whose database is born anew says what it has, and movements before that stay on record", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents([moved("m1", 20, { kind: "receipt" }), moved("m2", -5)]);
    await send(batchOf(outbox, gateway));
    const born = new MemoryOutbox("epoch-2");
    // Restored to before m2, which happens again under the same identity.
    born.addEvents([said(1, { ...balance, quantity: 20 }), moved("m2", -5), moved("m3", -1)]);
    await send(batchOf(born, gateway));
    await send(batchOf(born, gateway));
    expect(await stockOf(gateway)).toEqual([{ item: "bolt", lots: [["", 14]] }]);
    const movements = await readMovements(database, { gateway, limit: 10 });
    expect(movements.map(({ id, epoch }) => [id, epoch])).toEqual([
      ["m1", "epoch-1"],
      ["m3", "epoch-2"],
      ["m2", "epoch-2"],
    ]);
  });

  test("what the first part of the balances does not name is gone", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents([moved("m1", 20), moved("m2", 5, { item: "nut" })]);
    outbox.addEvents([said(1, { ...balance, quantity: 19 }), moved("m3", -1)]);
    await send(batchOf(outbox, gateway));
    expect(await stockOf(gateway)).toEqual([{ item: "bolt", lots: [["", 18]] }]);
  });

  test("a line shows what its open alarms warn of", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents([
      moved("m1", 20),
      alarmEvent("stock:below-reorder:shelf-1:bolt", "acknowledged", now),
      alarmEvent("stock:below-minimum:shelf-1:bolt", "unacknowledged", now),
      alarmEvent("stock:out:shelf-1:bolt", "normal", now),
      alarmEvent("stock:out:shelf-2:bolt", "unacknowledged", now),
      moved("m2", 3, { item: "nut" }),
    ]);
    await send(batchOf(outbox, gateway));
    expect(await stockOf(gateway)).toHaveLength(2);
    expect(await readStock(database, { gateway, warned: true, limit: 10 })).toMatchObject([
      { item: "bolt", state: "below-minimum", warnings: ["below-minimum", "below-reorder"] },
    ]);
  });

  test("a movement that makes no sense, and events of kinds that nobody knows, are kept and stop nothing", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents([
      moved("m1", -1),
      moved("", -1),
      moved("m2", -1, { at: 9e18 }),
      moved("m3", -1, { quantity: "many" }),
      { kind: "audit", at: now, mono: 1, body: { do: "later" } },
      moved("m4", -1),
    ]);
    const batch = batchOf(outbox, gateway);
    const text = JSON.stringify(batch.blocks).replaceAll('"audit"', '"from-a-later-version"');
    const blocks: Batch["blocks"] = JSON.parse(text);
    const events = blocks.flatMap(({ columns }) => decodeSentEvents(columns));
    const before = batch.chain?.before ?? "";
    const chain = { before, after: chainEvents(before, 1, events) };
    expect(await send({ ...batch, blocks, chain })).toMatchObject({
      kind: "stored",
      ack: { mark: 6, rejected: [] },
    });
    expect(await stockOf(gateway)).toEqual([{ item: "bolt", lots: [["", -2]] }]);
    const kinds = await database.query("SELECT kind FROM event WHERE gateway = $1", [gateway]);
    expect(kinds.map((row) => row["kind"])).toContain("from-a-later-version");
  });

  test("pages of stock and movements are continued without a hole and without a repeat", async () => {
    const gateway = await newGateway();
    const outbox = new MemoryOutbox();
    outbox.addEvents(
      Array.from({ length: 7 }, (_, n) => moved(`m${n}`, 1, { item: `item-${n}`, at: now })),
    );
    await send(batchOf(outbox, gateway));
    const items: string[] = [];
    for (let after: readonly string[] | undefined; ; ) {
      const page = await readStock(database, { gateway, after, limit: 3 });
      items.push(...page.map(({ item }) => item));
      const last = page.at(-1);
      if (last === undefined) break;
      after = [last.gateway, last.location, last.item];
    }
    expect(items).toEqual(Array.from({ length: 7 }, (_, n) => `item-${n}`));
    const first = await readMovements(database, { gateway, limit: 4 });
    const before = first.at(-1);
    if (before === undefined) throw new Error("no movements");
    const second = await readMovements(database, { gateway, limit: 4, before });
    expect(new Set([...first, ...second].map(({ id }) => id)).size).toBe(7);
    expect(await readMovements(database, { gateway, item: "item-3", limit: 4 })).toHaveLength(1);
  });
}
