import { expect, test } from "vitest";
import { StockClient } from "../support/stock-client.ts";
import { startStockGateway, stockDevices } from "../support/stock-world.ts";

async function site(cleanup: AsyncDisposableStack, more: object = {}, grossKg = 0.5) {
  const startAt = Date.UTC(2026, 10, 23, 1);
  const devices = cleanup.use(await stockDevices(startAt, grossKg));
  const gateway = await startStockGateway(
    {
      startAt,
      locations: {
        "shelf-a": {
          kind: "shelf",
          weight: "s/weight",
          tare: "500 g",
          division: "1 g",
          capacity: "20 kg",
        },
        "shelf-b": { kind: "shelf" },
        rack: { kind: "rack", tags: "r/tags" },
      },
      items: {
        nut: {
          location: ["shelf-a", "shelf-b"],
          unitWeight: "50 g",
          at: { "shelf-a": { min: 10, max: 60 } },
        },
      },
      ...more,
    },
    devices,
  );
  cleanup.defer(() => gateway.stop());
  const client = new StockClient(gateway.panel);
  await client.begin(gateway.panel.setupCode, {
    vera: ["viewer"],
    otto: ["operator"],
    quinn: ["quality"],
  });
  return { devices, gateway, client };
}

test("a day of a shelf: refill, picks, a hand, a wrong item, a count, a transfer", {
  timeout: 120_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { devices, gateway, client } = await site(cleanup);
  const { scale } = devices;
  const net = (kg: number) => scale.set({ weight: Number((0.5 + kg).toFixed(3)), moving: false });
  const has = async (quantity: number) => {
    expect((await client.line("shelf-a", "nut")).quantity).toBe(quantity);
    await client.isWhole();
  };
  await gateway.live(8);
  await has(0);

  net(2);
  await gateway.live(12);
  await has(40);
  expect(await client.line("shelf-a", "nut")).toMatchObject({ state: "ok", min: 10, max: 60 });

  // A pick of three.
  net(1.85);
  await gateway.live(12);
  await has(37);
  const [pick] = await client.movements();
  expect(pick).toMatchObject({ kind: "pick", quantity: -3, evidence: { by: "weight" } });
  expect(pick?.evidence.weightBefore).toBeCloseTo(2, 6);
  expect(pick?.evidence.weightAfter).toBeCloseTo(1.85, 6);

  // A hand on the shelf, restless and then gone: nothing.
  const before = (await client.movements()).length;
  for (const kg of [3.1, 2.7, 3.6, 2.95]) {
    scale.set({ weight: 0.5 + kg, moving: true });
    await gateway.live(2);
  }
  net(1.85);
  await gateway.live(12);
  expect(await client.movements()).toHaveLength(before);
  await has(37);

  // Something that is no nut: 73 g.
  net(1.923);
  await gateway.live(12);
  await has(37);
  expect(await client.inForce()).toEqual([expect.stringContaining("wrong-item:shelf-a")]);
  net(1.85);
  await gateway.live(12);
  await has(37);

  // Out comes nearly all: below the minimum, once, with the figures of that moment.
  net(0.45);
  await gateway.live(12);
  await has(9);
  const low = (await client.warnings()).get("below-minimum:shelf-a:nut");
  expect(low).toMatchObject({ active: true, item: "nut", location: "shelf-a" });
  expect(low?.figures).toMatchObject({ min: 10 });
  // The first was when the shelf was empty in the morning.
  expect(low?.id.endsWith("#2")).toBe(true);
  expect(Object.values(low?.figures ?? {})).toContain(9);
  // One back and one away around the limit: it does not call again.
  for (const kg of [0.5, 0.45, 0.5, 0.45]) {
    net(kg);
    await gateway.live(12);
  }
  expect((await client.warnings()).get("below-minimum:shelf-a:nut")?.id).toBe(low?.id);
  expect((await client.warnings()).get("below-minimum:shelf-a:nut")?.figures).toEqual(low?.figures);

  net(0);
  await gateway.live(12);
  await has(0);
  expect(await client.line("shelf-a", "nut")).toMatchObject({ state: "out" });
  expect(await client.inForce()).toContain("out:shelf-a:nut");

  // A refill beyond the maximum, and back under it.
  net(3.5);
  await gateway.live(12);
  await has(70);
  expect(await client.inForce()).toEqual(["above-maximum:shelf-a:nut"]);
  net(2);
  await gateway.live(12);
  await has(40);
  expect(await client.inForce()).toEqual([]);

  // A person counts two fewer than the scale says; what lies there is what the person says.
  await client.book({ kind: "count", item: "nut", location: "shelf-a", quantity: 38 }, "otto");
  await has(38);
  // Two that nobody was seen to take.
  expect(await client.inForce()).toEqual(["unexplained-loss:shelf-a:nut"]);
  net(1.85);
  await gateway.live(12);
  await has(35);

  // Two move to the other shelf by a document; the scale sees them go a moment later.
  await client.book({ kind: "receipt", item: "nut", location: "shelf-b", quantity: 5 }, "otto");
  await client.book(
    { kind: "transfer", item: "nut", location: "shelf-b", to: "shelf-a", quantity: 2 },
    "otto",
  );
  expect((await client.line("shelf-b", "nut")).quantity).toBe(3);
  await has(37);

  // Too much for the shelf is told while it lasts.
  scale.set({ weight: 24, moving: false });
  await gateway.live(4);
  expect(await client.inForce()).toContain("overload:shelf-a:");
});
