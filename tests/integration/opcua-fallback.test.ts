import { afterAll, expect, test } from "vitest";
import type { Clock } from "../../drivers/contract.ts";
import { simulatorNamespace } from "../../drivers/opcua/simulator.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import type { OpcUaServerProcess } from "../support/opcua-server.ts";
import { opcuaFolder, patient, type Reading, read, startServer } from "./opcua-rig.ts";

const folder = await opcuaFolder();
afterAll(() => folder.remove());

const variables = ["A", "B", "C", "D"].map((name) => ({ name, type: "Double", value: 1 }));

const channelOf = (server: OpcUaServerProcess, points: Record<string, unknown>) => ({
  driver: "opcua",
  endpoint: server.endpoint,
  security: { mode: "none" },
  namespaces: { sim: simulatorNamespace },
  publishing: "250ms",
  devices: { plc: { sampling: "250ms", every: "250ms", points } },
});

const fourPoints = Object.fromEntries(
  variables.map(({ name }) => [name.toLowerCase(), { node: `ns=sim;s=${name}` }]),
);

const countOf = ({ samples }: Reading, point: string) =>
  samples.filter((sample) => sample.point === `plc/${point}`).length;

/** Long pauses of a session pass at once. */
const hastyClock: Clock = {
  now: systemClock.now,
  monotonicMs: systemClock.monotonicMs,
  sleep: (ms, signal) => systemClock.sleep(Math.min(ms, 300), signal),
};

test("a server that refuses subscriptions is polled, and what needs one is bad", async () => {
  await using server = await startServer(folder.server, { variables, maxSubscriptions: 0 });
  const event = { node: "/Objects", event: "i=2041", field: "Message" };
  const channel = channelOf(server, { ...fourPoints, event });
  await using reading = await read(channel, folder.dataDir);
  await expect.poll(() => countOf(reading, "a"), patient).toBeGreaterThan(3);
  expect(reading.events()).toContain("opcua subscription refused, polling instead");
  await server.tell({ do: "set", name: "D", value: 2 });
  await expect.poll(() => reading.last("plc/d"), patient).toMatchObject({ value: 2 });
  expect(reading.last("plc/event")).toMatchObject({ quality: "bad", reason: "no subscription" });
});

test("items that a server does not monitor are polled, the others stay subscribed", async () => {
  await using server = await startServer(folder.server, { variables, maxMonitoredItems: 2 });
  await using reading = await read(channelOf(server, fourPoints), folder.dataDir);
  await expect.poll(() => countOf(reading, "c"), patient).toBeGreaterThan(4);
  expect(reading.events()).toEqual(["opcua items polled"]);
  expect(["a", "b"].map((point) => countOf(reading, point))).toEqual([1, 1]);
  for (const name of ["A", "D"]) await server.tell({ do: "set", name, value: 2 });
  await expect.poll(() => reading.last("plc/a"), patient).toMatchObject({ value: 2 });
  await expect.poll(() => reading.last("plc/d"), patient).toMatchObject({ value: 2 });
});

test("a node that comes while the channel is open is found and polled from then on", async () => {
  await using server = await startServer(folder.server, { variables });
  const late = { node: "/Objects/sim:Plant/sim:Late" };
  const channel = channelOf(server, { a: { node: "ns=sim;s=A" }, late });
  await using reading = await read(channel, folder.dataDir, hastyClock);
  await expect
    .poll(() => reading.last("plc/late"), patient)
    .toMatchObject({ quality: "bad", reason: "BadNoMatch" });
  await server.tell({ do: "add", variable: { name: "Late", type: "Double", value: 7 } });
  await expect.poll(() => reading.last("plc/late"), patient).toMatchObject({ value: 7 });
  await server.tell({ do: "set", name: "Late", value: 8 });
  await expect.poll(() => reading.last("plc/late"), patient).toMatchObject({ value: 8 });
});
