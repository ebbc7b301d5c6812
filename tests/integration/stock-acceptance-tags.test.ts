import { expect, test } from "vitest";
import type { PointKey } from "../../drivers/contract.ts";
import { encodeEpc } from "../../drivers/epc/epc.ts";
import { quietSite } from "../support/quiet-stock-site.ts";
import { StockClient } from "../support/stock-client.ts";
import { startStockGateway, stockDevices } from "../support/stock-world.ts";

const startAt = Date.UTC(2026, 10, 23, 8);

/** GTIN 04012345123456 by its prefix 4012345. */
function tag(serial: number): string {
  const encoded = encodeEpc(`urn:epc:tag:sgtin-96:1.4012345.012345.${serial}`);
  if (!encoded.ok) throw new Error(encoded.reason);
  return encoded.hex;
}

/** Real time that a quarter of a second takes: enough for the reader to read each tag some times. */
const readerPauseMs = 40;

test("tags before a real reader come, go and come back; the ledger follows and names their lots", {
  timeout: 120_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const devices = cleanup.use(await stockDevices(startAt, 0));
  const gateway = await startStockGateway(
    {
      startAt,
      locations: { rack: { kind: "rack", tags: "r/tags" } },
      items: { vial: { location: "rack" } },
    },
    devices,
  );
  cleanup.defer(() => gateway.stop());
  const client = new StockClient(gateway.panel);
  await client.begin(gateway.panel.setupCode);
  const rows = [1, 2, 3, 4].map((serial) => `${tag(serial)},vial,${serial < 3 ? "A1" : "B2"}`);
  const told = await client.import("tags", ["epc,item,lot", ...rows].join("\n"));
  expect(told).toMatchObject({ landed: 4, bad: [] });

  const lots = async () =>
    (await client.line("rack", "vial")).lots
      .filter(({ quantity }) => quantity !== 0)
      .map(({ lot, quantity }) => `${lot} ${quantity}`)
      .sort();
  // The reader reads in real time: the clock may not run away from it.
  const live = (seconds: number) => gateway.live(seconds, readerPauseMs);
  const become = async (expected: readonly string[]) => {
    for (let waited = 0; waited < 120; waited += 3) {
      await live(3);
      if ((await lots()).join() === expected.join()) break;
    }
    expect(await lots()).toEqual(expected);
  };
  for (const serial of [1, 2, 3]) devices.field.put({ epc: tag(serial) });
  await become(["A1 2", "B2 1"]);
  // Lifted, looked at and put back.
  devices.field.take(tag(3));
  await live(12);
  devices.field.put({ epc: tag(3) });
  await live(12);
  expect(await lots()).toEqual(["A1 2", "B2 1"]);
  devices.field.take(tag(1));
  devices.field.put({ epc: tag(4) });
  await become(["A1 1", "B2 2"]);
  const [latest] = await client.movements();
  expect(latest?.evidence.by).toBe("tags");
  await client.isWhole();
});

test("ledger, scale and tags that differ are told as what they are, once, and no more when they agree", {
  timeout: 60_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { gateway, client, devices } = await quietSite(cleanup, {
    startAt,
    locations: { rack: { kind: "rack", tags: "r/tags" } },
    items: { vial: { location: "rack" } },
  });
  const epcs = [1, 2, 3, 4, 5].map(tag);
  await client.import("tags", ["epc,item", ...epcs.map((epc) => `${epc},vial`)].join("\n"));
  const see = async (set: readonly string[], minutes: number) => {
    for (let gone = 0; gone < minutes * 2; gone += 1) {
      const sampledAt = devices.clock.now();
      const point: PointKey = "r/tags";
      gateway.accept([{ point, sampledAt, quality: "good", value: [...set].sort().join(" ") }]);
      await gateway.pass(30_000);
    }
  };
  await see(epcs, 3);
  expect((await client.line("rack", "vial")).quantity).toBe(5);
  expect(await client.inForce()).toEqual([]);

  // Somebody counts two fewer than the tags say.
  await client.book({ kind: "count", item: "vial", location: "rack", quantity: 3 });
  await see(epcs, 45);
  const mismatches = (await client.send("/api/stock/mismatches")).body;
  expect(mismatches).toMatchObject([{ location: "rack", item: "vial", ledger: 3, tags: 5 }]);
  expect(await client.inForce()).toContain("count-mismatch:rack:vial");
  await client.book({ kind: "count", item: "vial", location: "rack", quantity: 5 });
  await see(epcs, 45);
  expect(await client.inForce()).not.toContain("count-mismatch:rack:vial");
  expect((await client.send("/api/stock/mismatches")).body).toEqual([]);
  await client.isWhole();
});

test("what is carried out of a gate leaves the room's stock, what is carried in enters it", {
  timeout: 60_000,
}, async () => {
  await using cleanup = new AsyncDisposableStack();
  const { gateway, client, devices } = await quietSite(cleanup, {
    startAt,
    locations: {
      room: { kind: "room" },
      door: { kind: "gate", gate: { inside: "in/tags", outside: "out/tags", into: "room" } },
    },
    items: { vial: { location: "room" } },
    more: {
      gate: {
        driver: "rfid",
        port: "tcp://127.0.0.1:9",
        protocol: "uhfreader288",
        devices: { in: { antennas: [1] }, out: { antennas: [2] } },
      },
    },
  });
  const epc = tag(7);
  await client.import("tags", `epc,item\n${epc},vial\n`);
  const read = async (point: PointKey, value: string) => {
    gateway.accept([{ point, sampledAt: devices.clock.now(), quality: "good", value }]);
    await gateway.pass(500);
  };
  const walk = async (first: PointKey, then: PointKey) => {
    await read("in/tags", "");
    await read("out/tags", "");
    await read(first, epc);
    await read(then, epc);
    await read(first, "");
    await read(then, "");
    for (let gone = 0; gone < 60; gone += 1) {
      await read("in/tags", "");
      await read("out/tags", "");
    }
  };
  await walk("out/tags", "in/tags");
  expect((await client.line("room", "vial")).quantity).toBe(1);
  await walk("in/tags", "out/tags");
  expect((await client.line("room", "vial")).quantity).toBe(0);
  await walk("out/tags", "in/tags");
  expect((await client.line("room", "vial")).quantity).toBe(1);
  await client.isWhole();
});
