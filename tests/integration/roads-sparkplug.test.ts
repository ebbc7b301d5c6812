import { afterAll, beforeAll, expect, test } from "vitest";
import { startSparkplugReception } from "../../cloud-sync/central/roads/sparkplug-reception.ts";
import { brokerAccount } from "../../cloud-sync/uplinks/broker-account.ts";
import type { UplinkParts } from "../../cloud-sync/uplinks/mqtt-uplink.ts";
import { birthPointsOf } from "../../cloud-sync/uplinks/sparkplug-metrics.ts";
import {
  openSparkplugUplink,
  type SparkplugSettings,
} from "../../cloud-sync/uplinks/sparkplug-uplink.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { type BrokerHouse, brokerHouse, rowsAt } from "../support/broker-house.ts";
import { alarmEvent, MemoryOutbox, someEvents, someSamples } from "../support/memory-outbox.ts";
import { startAedes } from "../support/mqtt-broker.ts";
import { scada } from "../support/scada.ts";

let house: BrokerHouse;
beforeAll(async () => {
  house = await brokerHouse();
});
afterAll(() => house[Symbol.asyncDispose]());

const patience = { timeout: 60_000 };

const settings = (broker: string, more: Partial<SparkplugSettings> = {}): SparkplugSettings => ({
  via: "sparkplug",
  broker: broker.replace("tcp:", "mqtt:"),
  group: "site",
  central: false,
  required: false,
  ...more,
});

/** An agent at work on a node. */
async function running(
  gateway: string,
  outbox: MemoryOutbox,
  of: SparkplugSettings,
  more: Partial<UplinkParts> = {},
) {
  const points = () => birthPointsOf(outbox);
  const uplink = await openSparkplugUplink(of, {
    ...{ ...house.parts(gateway, more), points, hostWaitMs: 500 },
  });
  const agent = house.agent(gateway, outbox, uplink);
  const stop = new AbortController();
  const run = agent.run(stop.signal);
  return {
    agent,
    [Symbol.asyncDispose]: async () => {
      stop.abort();
      await run;
      await uplink[Symbol.asyncDispose]();
    },
  };
}

/** The broker has them when the agent is done; it hands them on when it gets round to it. */
async function arrived(host: Awaited<ReturnType<typeof scada>>, ofEach: number): Promise<void> {
  const rows = () =>
    [0, 1, 2, 3].map(
      (room) => new Set(host.values(`room-${room}`, "temperature").map((it) => it.timestamp)).size,
    );
  await expect.poll(rows, { timeout: 60_000 }).toEqual(Array(4).fill(ofEach));
}

const warmAt = (sampledAt: number, value: number) =>
  ({ point: "room-1/temperature", sampledAt, quality: "good", value }) as const;

test("births come first after a connection, in step, and old rows are told as history", async () => {
  await using broker = await startAedes();
  await using host = await scada(broker.port, "site");
  const outbox = new MemoryOutbox();
  const note = { key: "room-1/temperature", kind: "number", unit: "°C" };
  outbox.addEvents([
    { kind: "boot", at: 1, mono: 1, body: { boot: "b", points: [note] } },
    alarmEvent("warm", "unacknowledged"),
  ]);
  outbox.addSamples([...someSamples(40), warmAt(Date.now(), 9.5)]);
  await using node = await running("gw-1", outbox, settings(broker.address));
  await expect.poll(() => node.agent.drained, patience).toBe(true);
  const later = Date.now();
  outbox.addSamples([
    { ...warmAt(later, 8.25), quality: "uncertain", reason: "drifts" },
    { point: "room-2/door", sampledAt: later, quality: "good", value: true },
    { point: "room-3/temperature", sampledAt: later, quality: "bad", reason: "timeout" },
  ]);
  await expect.poll(() => host.values("room-3", "temperature").length, patience).toBe(11);
  const [first] = host.messages;
  expect(first?.type).toBe("NBIRTH");
  expect(first?.metrics.map(({ name }) => name)).toEqual(["bdSeq", "Node Control/Rebirth"]);
  expect(host.messages.map(({ seq }) => seq)).toEqual(host.messages.map((_, at) => at % 256));
  expect(host.nameless).toEqual([]);
  const birth = host.messages.find(({ type, device }) => type === "DBIRTH" && device === "room-1");
  expect(birth?.metrics).toMatchObject([
    { name: "temperature", type: "Double", value: 9.5, unit: "°C", quality: 192 },
  ]);
  const warm = host.values("room-1", "temperature");
  expect(warm.map(({ isHistorical }) => isHistorical)).toEqual([...Array(11).fill(true), false]);
  expect(warm.at(-1)).toMatchObject({ value: 8.25, timestamp: later, quality: 500 });
  const times = warm.map(({ timestamp = 0 }) => timestamp);
  expect(times).toEqual([...times].sort((left, right) => left - right));
  expect(host.values("room-2", "door")).toMatchObject([{ type: "Boolean", value: true }]);
  expect(host.values("room-3", "temperature").at(-1)).toMatchObject({ isNull: true, quality: 0 });
  expect(host.values("~alarms", "warm").at(-1)?.value).toBe("unacknowledged");
});

test("after a cut the births have the next number and come before all else", async () => {
  await using broker = await startAedes();
  await using host = await scada(broker.port, "site");
  const outbox = new MemoryOutbox();
  outbox.addSamples(someSamples(8));
  await using node = await running("gw-cut", outbox, settings(broker.address));
  await expect.poll(() => node.agent.drained, patience).toBe(true);
  await arrived(host, 2);
  const bdSeqs = () =>
    host.messages
      .filter(({ type }) => type === "NBIRTH" || type === "NDEATH")
      .map(({ type, metrics }) => ({
        type,
        bdSeq: Number(String(metrics.find(({ name }) => name === "bdSeq")?.value)),
      }));
  const [{ bdSeq: before } = { bdSeq: -1 }] = bdSeqs();
  broker.cut();
  outbox.addSamples([warmAt(Date.now(), 5)]);
  await expect.poll(() => bdSeqs().at(-1)?.bdSeq, patience).toBe((before + 1) % 256);
  await expect.poll(() => host.values("room-1", "temperature").at(-1)?.value, patience).toBe(5);
  const at = host.messages.findLastIndex(({ type }) => type === "NBIRTH");
  expect(host.messages.slice(at).map(({ seq }) => seq)).toEqual(
    host.messages.slice(at).map((_, index) => index),
  );
});

test("a host that asks for births gets them, with the same number and from 0 on", async () => {
  await using broker = await startAedes();
  await using host = await scada(broker.port, "site");
  const outbox = new MemoryOutbox();
  outbox.addSamples(someSamples(8));
  await using node = await running("gw-again", outbox, settings(broker.address));
  await expect.poll(() => node.agent.drained, patience).toBe(true);
  await arrived(host, 2);
  const before = host.messages.length;
  await host.command("gw-again", { name: "Node Control/Rebirth", value: true });
  await expect.poll(() => host.messages.length, patience).toBe(before + 5);
  const again = host.messages.slice(before);
  expect(again.map(({ type }) => type)).toEqual(["NBIRTH", ...Array(4).fill("DBIRTH")]);
  expect(again.map(({ seq }) => seq)).toEqual([0, 1, 2, 3, 4]);
  const bdSeq = (at: number) =>
    String(host.messages[at]?.metrics.find(({ name }) => name === "bdSeq")?.value);
  expect(bdSeq(before)).toBe(bdSeq(0));
});

test("nothing is told while the primary host is offline, and each row at least once when it is back", async () => {
  await using broker = await startAedes();
  await using host = await scada(broker.port, "site", "hmi");
  const outbox = new MemoryOutbox();
  outbox.addSamples(someSamples(400));
  await using node = await running("gw-host", outbox, settings(broker.address, { host: "hmi" }));
  await expect.poll(() => node.agent.failures, { timeout: 60_000 }).toBeGreaterThan(0);
  expect(host.messages).toEqual([]);
  await host.state(true, 1_000);
  await expect.poll(() => node.agent.drained, patience).toBe(true);
  await arrived(host, 100);
  // A state from before says nothing.
  await host.state(false, 500);
  await host.state(false, 2_000);
  await expect.poll(() => host.messages.at(-1)?.type, patience).toBe("NDEATH");
  const told = host.messages.length;
  outbox.addSamples(someSamples(40, Date.UTC(2026, 10, 21)));
  await expect.poll(() => node.agent.failures, { timeout: 60_000 }).toBeGreaterThan(0);
  expect(host.messages).toHaveLength(told);
  await host.state(true, 3_000);
  await arrived(host, 110);
  // What was sent shortly before the host was known to be gone comes again.
  const values = host.values("room-1", "temperature");
  expect(values.length).toBeGreaterThan(110);
  expect(host.nameless).toEqual([]);
}, 180_000);

test("with central as the host each row is there once, and others read the same values", async () => {
  await using broker = await startAedes();
  await using other = await scada(broker.port, "site");
  await house.enrol("gw-own");
  const central = startSparkplugReception({
    account: brokerAccount(broker.address.replace("tcp:", "mqtt:"), {}),
    ...{ group: "site", host: "hq", desk: house.desk(), clock: systemClock, log: house.log },
    random: () => 0,
  });
  const outbox = new MemoryOutbox();
  outbox.addSamples(someSamples(6_000));
  outbox.addEvents(someEvents(30));
  const of = settings(broker.address, { host: "hq", central: true });
  await using node = await running("gw-own", outbox, of);
  await expect.poll(() => node.agent.drained, { timeout: 60_000 }).toBe(true);
  broker.cut();
  outbox.addSamples(someSamples(100, Date.UTC(2026, 10, 22)));
  await expect
    .poll(async () => (await rowsAt(house.database, "gw-own")).samples.length, {
      timeout: 60_000,
    })
    .toBe(6_100);
  await central.stop();
  const { samples, events } = await rowsAt(house.database, "gw-own");
  expect(samples.map(({ seq }) => seq)).toEqual(samples.map((_, at) => at + 1));
  expect(events).toHaveLength(30);
  const heard = new Set(other.values("room-1", "temperature").map(({ timestamp }) => timestamp));
  expect(heard.size).toBeGreaterThanOrEqual(1_500);
}, 180_000);
