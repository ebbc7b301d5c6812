import { afterAll, expect, test } from "vitest";
import { opcua } from "../../drivers/opcua/driver.ts";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { opcuaFolder, patient, startServer } from "./opcua-rig.ts";

const folder = await opcuaFolder();
afterAll(() => folder.remove());

const scan = Array.from({ length: 1_000 }, (_, index) => ({
  epc: `3034${index.toString(16).padStart(20, "0")}`,
  antenna: 1,
  rssi: -60,
}));

test("what nobody takes in time is dropped, and told of in the log", {
  timeout: 120_000,
}, async () => {
  await using server = await startServer(folder.server, { companions: true });
  const tag = { node: ".", event: "ns=AutoID;i=1006" };
  const field = "AutoID:ScanResult[]";
  const channel = opcua.schema.parse({
    driver: "opcua",
    endpoint: server.endpoint,
    security: { mode: "none" },
    namespaces: { sim: simulatorNamespace },
    publishing: "250ms",
    devices: {
      gate: {
        root: "/Objects/DI:DeviceSet/sim:Gate1",
        points: {
          epc: { ...tag, field: `${field}.ScanData` },
          antenna: { ...tag, field: `${field}.Sighting[0].Antenna`, kind: "number" },
          rssi: { ...tag, field: `${field}.Sighting[0].Strength`, kind: "number" },
          status: { node: "AutoID:DeviceStatus" },
        },
      },
    },
  });
  const { log, entries } = memoryLog();
  const context = { clock: systemClock, log, dataDir: folder.dataDir };
  const stop = new AbortController();
  await using session = await opcua.open(channel, context, stop.signal);
  const batches = session.samples()[Symbol.asyncIterator]();
  await batches.next();
  const told = () => entries.filter(({ event }) => event === "opcua samples dropped");
  // Samples wait by the twenty thousand: eight scans of three points are more.
  for (let count = 0; count < 8; count += 1) await server.tell({ do: "scan", tags: scan });
  await expect.poll(() => told().length, { ...patient, timeout: 90_000 }).toBe(1);
  const next = await batches.next();
  expect(next.value).toHaveLength(1_000);
  await batches.return?.();
});
