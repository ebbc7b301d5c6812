import { afterAll, beforeAll, expect, test } from "vitest";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import type { OpcUaServerProcess } from "../support/opcua-server.ts";
import { opcuaFolder, patient, read, startServer } from "./opcua-rig.ts";

const folder = await opcuaFolder();
let server: OpcUaServerProcess;

beforeAll(async () => {
  server = await startServer(folder.server, {
    variables: [
      { name: "Level", type: "Double", value: 4.5 },
      { name: "Temperature", type: "Float", value: 23.1, range: [-40, 80] },
      { name: "Count", type: "UInt64", value: [0, 7] },
      { name: "Huge", type: "UInt64", value: [0xffffffff, 0xffffffff] },
      { name: "Door", type: "Boolean", value: false },
      { name: "Mode", type: "Int32", value: 1 },
      { name: "Batch", type: "String", value: "A2301" },
      { name: "Nothing", type: "Double", value: "NaN" },
      { name: "List", type: "Double", value: [1, 2] },
      { name: "Lamp", type: "Boolean", value: false },
      { name: "Speed", type: "Int16", value: 0 },
      { name: "Total", type: "Int64", value: [0, 0] },
      { name: "Fixed", type: "Double", value: 1, isReadOnly: true },
    ],
    maxNodesPerRead: 3,
  });
});

afterAll(async () => {
  await server[Symbol.asyncDispose]();
  await folder.remove();
});

const channel = (points: Record<string, unknown>, more: Record<string, unknown> = {}) => ({
  driver: "opcua",
  endpoint: server.endpoint,
  security: { mode: "none" },
  namespaces: { sim: simulatorNamespace },
  publishing: "250ms",
  devices: { plc: { sampling: "250ms", every: "250ms", ...more, points } },
});

const value = (found: unknown) => found as { value?: unknown; reason?: string; quality: string };

test("subscribed values come with quality, and follow the server", async () => {
  await using reading = await read(
    channel({
      level: { node: "ns=sim;s=Level" },
      temperature: { node: "/Objects/sim:Plant/sim:Temperature", unit: "Cel" },
      count: { node: `nsu=${simulatorNamespace};s=Count` },
      huge: { node: "ns=sim;s=Huge" },
      door: { node: "ns=sim;s=Door", kind: "boolean" },
      mode: { node: "ns=sim;s=Mode", enum: { "1": "cooling", "2": "defrost" } },
      batch: { node: "ns=sim;s=Batch", kind: "text" },
      nothing: { node: "ns=sim;s=Nothing" },
      list: { node: "ns=sim;s=List" },
      gone: { node: "ns=sim;s=Gone" },
      lost: { node: "/Objects/sim:Plant/sim:Lost" },
      foreign: { node: "nsu=http://other;s=Level" },
    }),
    folder.dataDir,
  );
  const seen = () =>
    Object.fromEntries(
      reading.samples.map((sample) => [
        sample.point.slice(4),
        sample.quality === "bad" ? sample.reason : sample.value,
      ]),
    );
  await expect.poll(seen, patient).toEqual({
    level: 4.5,
    temperature: 23.1,
    count: 7,
    huge: "too large",
    door: false,
    mode: "cooling",
    batch: "A2301",
    nothing: "not a number",
    list: "not a scalar",
    gone: "BadNodeIdUnknown",
    lost: "BadNoMatch",
    foreign: "unknown namespace",
  });
  await server.tell({ do: "set", name: "Level", value: 5.25 });
  await expect.poll(() => value(reading.last("plc/level")).value, patient).toBe(5.25);
  await server.tell({ do: "status", name: "Level", status: "BadSensorFailure" });
  await expect
    .poll(() => reading.last("plc/level"), patient)
    .toMatchObject({ quality: "bad", reason: "BadSensorFailure" });
  await server.tell({ do: "status", name: "Level", status: "UncertainLastUsableValue" });
  await expect
    .poll(() => reading.last("plc/level"), patient)
    .toMatchObject({ quality: "uncertain", value: 5.25, reason: "UncertainLastUsableValue" });
});

test("polled values are read in requests as small as the server asks for", async () => {
  await using reading = await read(
    channel(
      {
        level: { node: "ns=sim;s=Level" },
        temperature: { node: "ns=sim;s=Temperature" },
        count: { node: "ns=sim;s=Count" },
        door: { node: "ns=sim;s=Door", kind: "boolean" },
        gone: { node: "ns=sim;s=Gone" },
      },
      { mode: "poll" },
    ),
    folder.dataDir,
  );
  await expect
    .poll(() => reading.samples.filter(({ point }) => point === "plc/door").length, patient)
    .toBeGreaterThan(2);
  expect(reading.last("plc/count")).toMatchObject({ quality: "good", value: 7 });
  expect(reading.last("plc/gone")).toMatchObject({ quality: "bad", reason: "BadNodeIdUnknown" });
});

test("a deadband that the node cannot have is given up, with a word in the log", async () => {
  await using reading = await read(
    channel({
      level: { node: "ns=sim;s=Level", deadband: { percent: 10 } },
      temperature: { node: "ns=sim;s=Temperature", deadband: { percent: 10 } },
      mode: { node: "ns=sim;s=Mode", deadband: { absolute: 5 } },
    }),
    folder.dataDir,
  );
  await expect.poll(() => reading.samples.length, patient).toBeGreaterThanOrEqual(3);
  expect(reading.events()).toEqual(["opcua deadband refused, every change is taken"]);
  await server.tell({ do: "set", name: "Temperature", value: 24 });
  await server.tell({ do: "set", name: "Mode", value: 4 });
  await server.tell({ do: "set", name: "Level", value: 5.5 });
  await expect.poll(() => value(reading.last("plc/level")).value, patient).toBe(5.5);
  await server.tell({ do: "set", name: "Temperature", value: 70 });
  await server.tell({ do: "set", name: "Mode", value: 9 });
  await expect.poll(() => value(reading.last("plc/temperature")).value, patient).toBe(70);
  await expect.poll(() => value(reading.last("plc/mode")).value, patient).toBe(9);
  const temperatures = reading.samples.filter(({ point }) => point === "plc/temperature");
  expect(temperatures).toHaveLength(2);
});

test("a writable node takes what fits its type, and says why it takes nothing else", async () => {
  await using reading = await read(
    channel({
      lamp: { node: "ns=sim;s=Lamp", kind: "boolean", access: "write" },
      speed: { node: "/Objects/sim:Plant/sim:Speed", access: "read-write" },
      total: { node: "ns=sim;s=Total", access: "write" },
      fixed: { node: "ns=sim;s=Fixed", access: "write" },
      gone: { node: "ns=sim;s=Gone", access: "write" },
      level: { node: "ns=sim;s=Level" },
    }),
    folder.dataDir,
  );
  const { session } = reading;
  await session.write?.("plc/lamp", true);
  expect(await server.tell({ do: "get", name: "Lamp" })).toBe(true);
  await session.write?.("plc/speed", 1200);
  await expect.poll(() => value(reading.last("plc/speed")).value, patient).toBe(1200);
  await session.write?.("plc/total", -7);
  expect(await server.tell({ do: "get", name: "Total" })).toEqual([0xffff_ffff, 0xffff_fff9]);
  await expect(session.write?.("plc/speed", 40_000)).rejects.toMatchObject({
    code: "driver/not-writable",
    message: "plc/speed: 40000 is not within -32768 to 32767",
  });
  await expect(session.write?.("plc/fixed", 2)).rejects.toMatchObject({
    code: "driver/refused",
    message: "The server does not set plc/fixed: BadNotWritable",
  });
  await expect(session.write?.("plc/gone", 2)).rejects.toMatchObject({ code: "driver/refused" });
  await expect(session.write?.("plc/level", 2)).rejects.toMatchObject({
    code: "driver/not-writable",
  });
  expect(reading.samples.some(({ point }) => point === "plc/lamp")).toBe(false);
});
