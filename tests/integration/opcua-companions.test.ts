import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import type { OpcUaChannel } from "../../drivers/opcua/schema.ts";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import type { OpcUaServerProcess } from "../support/opcua-server.ts";
import { opcuaFolder, patient, readParsed, startServer } from "./opcua-rig.ts";

const folder = await opcuaFolder();
let server: OpcUaServerProcess;

beforeAll(async () => {
  server = await startServer(folder.server, { companions: true });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder.remove();
});

/** The channel as the gateway gets it: templates merged, schema applied. */
function channelOf(devices: string): OpcUaChannel {
  const dir = mkdtempSync(join(tmpdir(), "rackwatch-opcua-yaml-"));
  try {
    const file = join(dir, "gateway.yaml");
    const lines = [
      "version: 1",
      "gateway: { id: test }",
      "channels:",
      "  plc:",
      "    driver: opcua",
      `    endpoint: ${server.endpoint}`,
      "    security: { mode: none }",
      "    publishing: 250ms",
      `    namespaces: { sim: "${simulatorNamespace}" }`,
      `    devices: ${devices}`,
    ];
    writeFileSync(file, lines.join("\n"));
    const loaded = loadConfig(file, { env: {} });
    if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
    return loaded.config.channels["plc"] as unknown as OpcUaChannel;
  } finally {
    rmSync(dir, { recursive: true });
  }
}

const valueIn = (found: unknown) => (found as { value?: unknown } | undefined)?.value;

test("a scale of OPC 40200 delivers its weights in kg, and none while it is overloaded or underloaded", async () => {
  const channel = channelOf(
    `{ s1: { template: opcua-scale, root: "/Objects/DI:DeviceSet/sim:Scale1" } }`,
  );
  await server.tell({ do: "weigh", weight: { gross: 12_500, tare: 1_250, stable: true } });
  await using reading = await readParsed(channel, folder.dataDir);
  await expect.poll(() => valueIn(reading.last("s1/weight")), patient).toBe(11.25);
  await expect.poll(() => valueIn(reading.last("s1/gross")), patient).toBe(12.5);
  await expect.poll(() => valueIn(reading.last("s1/tare")), patient).toBe(1.25);
  await expect.poll(() => valueIn(reading.last("s1/stable")), patient).toBe(true);
  await expect.poll(() => valueIn(reading.last("s1/overload")), patient).toBe(false);
  const weight = { gross: 30_000, tare: 0, stable: false, overload: true };
  await server.tell({ do: "weigh", weight });
  await expect.poll(() => valueIn(reading.last("s1/overload")), patient).toBe(true);
  await expect.poll(() => valueIn(reading.last("s1/stable")), patient).toBe(false);
  const bad = (reason: string) => ({ quality: "bad", reason });
  await expect.poll(() => reading.last("s1/weight"), patient).toMatchObject(bad("overload"));
  await expect.poll(() => reading.last("s1/gross"), patient).toMatchObject(bad("overload"));
  await server.tell({ do: "weigh", weight: { ...weight, overload: false } });
  await expect.poll(() => valueIn(reading.last("s1/weight")), patient).toBe(30);
  await server.tell({
    do: "weigh",
    weight: { gross: -500, tare: 0, stable: true, underload: true },
  });
  await expect.poll(() => reading.last("s1/weight"), patient).toMatchObject(bad("underload"));
});

test("each tag of a scan event of OPC 30010 is a sample with antenna and strength", async () => {
  const channel = channelOf(
    `{ g1: { template: opcua-autoid-rfid, root: "/Objects/DI:DeviceSet/sim:Gate1" } }`,
  );
  await using reading = await readParsed(channel, folder.dataDir);
  await expect.poll(() => valueIn(reading.last("g1/status")), patient).toBe("idle");
  await server.tell({
    do: "scan",
    tags: [
      { epc: "30340000000000000000000A", antenna: 1, rssi: -55 },
      { epc: "30340000000000000000000B", antenna: 2, rssi: -61 },
    ],
  });
  const values = (point: string) =>
    reading.samples.filter((sample) => sample.point === point).map(valueIn);
  await expect
    .poll(() => values("g1/epc"), patient)
    .toEqual(["30340000000000000000000A", "30340000000000000000000B"]);
  await expect.poll(() => values("g1/antenna"), patient).toEqual([1, 2]);
  await expect.poll(() => values("g1/rssi"), patient).toEqual([-55, -61]);
  await expect
    .poll(() => valueIn(reading.last("g1/last-epc")), patient)
    .toBe("30340000000000000000000B");
});
