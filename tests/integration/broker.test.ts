import { once } from "node:events";
import { connect as connectSocket, type Socket } from "node:net";
import mqtt, { type IClientOptions, type MqttClient } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { brokerSchema } from "../../config/schema/services.ts";
import { Secret } from "../../drivers/secret.ts";
import type { Alarm } from "../../gateway/alarms/alarm.ts";
import { type Broker, openBroker } from "../../gateway/broker/broker.ts";
import { connectingMax, connectTimeoutMs, subscriptionsMax } from "../../gateway/broker/limits.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { alarmIn } from "../support/alarms.ts";
import { ManualClock, memoryLog } from "../support/manual-clock.ts";

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const users = {
  lamp: { password: new Secret("lamp-secret"), publish: ["lamps/#"], subscribe: ["lamps/#"] },
  wall: { password: new Secret("wall-secret") },
};

async function open(settings: Record<string, unknown> = {}, clock = systemClock) {
  const { log, entries } = memoryLog();
  const config = brokerSchema.parse({ listen: "127.0.0.1:0", ...settings });
  const units = new Map([["cold-2/temperature", "Cel"]] as const);
  const broker = await openBroker({ config, gatewayId: "wh1", clock, log, units });
  cleanups.push(() => broker[Symbol.asyncDispose]());
  return { broker, entries };
}

/** A client that reports a refusal in place of trying again. */
async function join(broker: Broker, options: IClientOptions = {}): Promise<MqttClient> {
  const client = mqtt.connect(`mqtt://${broker.address}`, { reconnectPeriod: 0, ...options });
  cleanups.push(() => client.endAsync(true).catch(() => undefined));
  await new Promise((resolve, reject) => {
    client.once("connect", resolve);
    client.once("error", reject);
    client.once("close", () => reject(new Error("closed")));
  });
  return client;
}

const asLamp = { username: "lamp", password: "lamp-secret" };
const asWall = { username: "wall", password: "wall-secret" };

function heard(client: MqttClient): { topic: string; payload: string; retain: boolean }[] {
  const messages: { topic: string; payload: string; retain: boolean }[] = [];
  client.on("message", (topic, payload, { retain }) => {
    messages.push({ topic, payload: payload.toString(), retain });
  });
  return messages;
}

/** Everything that was sent before has arrived: a message of the client to itself closes the row. */
async function flushed(client: MqttClient, topic = "lamps/flush"): Promise<void> {
  await client.subscribeAsync(topic);
  const arrived = new Promise<void>((resolve) => {
    client.on("message", (it) => it === topic && resolve());
  });
  await client.publishAsync(topic, "x");
  await arrived;
}

function closing(client: MqttClient): Promise<void> {
  return new Promise((resolve) => client.once("close", resolve));
}

function alarm(rule: string, state: Alarm["state"] = "unacknowledged"): Alarm {
  return alarmIn(state, { id: `${rule}#1`, rule, raisedAt: 1, since: 1 });
}

async function rawSocket(broker: Broker): Promise<Socket> {
  const [host, port] = broker.address.split(":");
  const socket = connectSocket(Number(port), host);
  socket.on("error", () => undefined);
  cleanups.push(() => socket.destroy());
  await once(socket, "connect");
  return socket;
}

test("who subscribes later finds each point and alarm as it stands", async () => {
  const { broker } = await open();
  const point = "cold-2/temperature";
  broker.publishPoints([
    { point, sampledAt: 1, quality: "good", value: 4 },
    { point, sampledAt: 2, quality: "good", value: 5 },
  ]);
  broker.publishAlarms([alarm("warm"), alarm("gone")]);
  broker.publishAlarms([alarm("warm", "acknowledged")]);

  const client = await join(broker);
  const messages = heard(client);
  await client.subscribeAsync("rackwatch/wh1/#", { qos: 1 });
  await expect.poll(() => messages.length).toBe(2);
  expect(messages.every(({ retain }) => retain)).toBe(true);
  const byTopic = new Map(messages.map((it) => [it.topic, JSON.parse(it.payload)]));
  expect(byTopic.get("rackwatch/wh1/points/cold-2/temperature")).toEqual({
    value: 5,
    unit: "Cel",
    quality: "good",
    sampledAt: 2,
  });
  expect(byTopic.get("rackwatch/wh1/alarms/warm")).toMatchObject({ state: "acknowledged" });
});

test("ten thousand points in one go, of which a client hears some, do not overflow the stack", async () => {
  const { broker } = await open();
  const client = await join(broker);
  const messages = heard(client);
  await client.subscribeAsync("rackwatch/wh1/points/heard/+");
  broker.publishPoints(
    Array.from({ length: 10_000 }, (_, i) => ({
      point: `${i < 200 ? "heard" : "unheard"}/${i}` as const,
      sampledAt: 1,
      quality: "good" as const,
      value: i,
    })),
  );
  await expect.poll(() => messages.length).toBe(200);
});

test("a rule that disappears is cleared for those who are subscribed", async () => {
  const { broker } = await open();
  const client = await join(broker);
  const messages = heard(client);
  await client.subscribeAsync("rackwatch/wh1/alarms/+");
  broker.publishAlarms([alarm("warm")]);
  broker.publishAlarms([alarm("warm")]);
  broker.publishAlarms([]);
  await expect.poll(() => messages.map(({ payload }) => payload.length > 0)).toEqual([true, false]);
});

test("without users a client of this machine reads and its messages go nowhere", async () => {
  const { broker, entries } = await open();
  const writer = await join(broker);
  const reader = await join(broker);
  const messages = heard(reader);
  await reader.subscribeAsync("rackwatch/#");
  await writer.publishAsync("rackwatch/other", "forged", { qos: 1 });
  broker.publishPoints([{ point: "a/b", sampledAt: 1, quality: "bad", reason: "timeout" }]);
  await expect.poll(() => messages.map(({ topic }) => topic)).toEqual(["rackwatch/wh1/points/a/b"]);
  expect(writer.connected).toBe(true);
  expect(entries.filter(({ event }) => event === "mqtt message refused")).toHaveLength(1);
});

test.each([
  ["a wrong password", { username: "lamp", password: "wrong" }],
  ["no user", {}],
])("%s is answered with code 4 and told in the log", async (_, login) => {
  const { broker, entries } = await open({ users });
  await expect(join(broker, login)).rejects.toMatchObject({ code: 4 });
  expect(entries.some(({ event }) => event === "mqtt login refused")).toBe(true);
  expect(JSON.stringify(entries)).not.toContain("wrong");
  expect(broker.clients).toBe(0);
});

test("after ten wrong logins in a minute an address is refused unread", async () => {
  const { broker } = await open({ users });
  for (let i = 0; i < 10; i += 1) {
    await expect(join(broker, { ...asLamp, password: `guess ${i}` })).rejects.toBeTruthy();
  }
  await expect(join(broker, asLamp)).rejects.toMatchObject({ code: 3 });
});

test("a user publishes and hears what the configuration grants, nothing else", async () => {
  const { broker } = await open({ users });
  const lamp = await join(broker, asLamp);
  const other = await join(broker, asLamp);
  const messages = heard(other);
  await other.subscribeAsync("lamps/#");
  for (const topic of ["doors/1", "rackwatch/wh1/alarms/warm", "$SYS/x", "lamps/1"]) {
    await lamp.publishAsync(topic, "on", { qos: 1 });
  }
  await expect.poll(() => messages.map(({ topic }) => topic)).toEqual(["lamps/1"]);
  const granted = await other
    .subscribeAsync(["$SYS/#", "#", "rackwatch/#", "lamps/+"])
    .catch((error: unknown) => error);
  expect(granted).toBeInstanceOf(Error);
  expect(lamp.connected).toBe(true);
});

test("what the gateway publishes cannot be forged, not even with every right", async () => {
  const { broker } = await open({
    users: { admin: { password: new Secret("x"), publish: ["#"], subscribe: ["#"] } },
  });
  const admin = await join(broker, { username: "admin", password: "x" });
  const messages = heard(admin);
  await admin.subscribeAsync("#");
  await admin.publishAsync("rackwatch/wh1/points/cold-2/temperature", "-5", {
    qos: 1,
    retain: true,
  });
  await admin.publishAsync("free", "x", { qos: 1 });
  await expect.poll(() => messages.map(({ topic }) => topic)).toEqual(["free"]);
});

test("a message that a client wants retained is delivered and not kept", async () => {
  const { broker } = await open({ users });
  const lamp = await join(broker, asLamp);
  const messages = heard(lamp);
  await lamp.subscribeAsync("lamps/1");
  await lamp.publishAsync("lamps/1", "on", { qos: 1, retain: true });
  await expect.poll(() => messages.length).toBe(1);
  const later = await join(broker, asLamp);
  const found = heard(later);
  await later.subscribeAsync("lamps/#");
  await flushed(later);
  expect(found.map(({ topic }) => topic)).toEqual(["lamps/flush"]);
});

test("a will outside the grant is not published, one inside it is", async () => {
  const { broker } = await open({ users });
  const watcher = await join(broker, asLamp);
  const messages = heard(watcher);
  await watcher.subscribeAsync("lamps/#");
  for (const topic of ["rackwatch/wh1/alarms/warm", "lamps/will"]) {
    const will = { topic, payload: Buffer.from("gone"), qos: 0, retain: true } as const;
    const client = await join(broker, { ...asLamp, will });
    client.stream.destroy();
  }
  await expect.poll(() => messages.map(({ topic }) => topic)).toEqual(["lamps/will"]);
});

test("nothing is kept for a client that is away, though it asked for a session", async () => {
  const { broker } = await open({ users });
  const options = { ...asLamp, clientId: "lamp-1", clean: false };
  const client = await join(broker, options);
  await client.subscribeAsync("lamps/#", { qos: 1 });
  await client.endAsync(true);
  const writer = await join(broker, asLamp);
  for (let i = 0; i < 50; i += 1) await writer.publishAsync("lamps/1", "x", { qos: 1 });
  const again = mqtt.connect(`mqtt://${broker.address}`, { ...options, reconnectPeriod: 0 });
  cleanups.push(() => again.endAsync(true));
  const messages = heard(again);
  const connack = await new Promise((resolve) => again.once("connect", resolve));
  expect(connack).toMatchObject({ sessionPresent: false });
  await flushed(again);
  expect(messages.map(({ topic }) => topic)).toEqual(["lamps/flush"]);
});

test("an MQTT 5 client is told so in its own language and in the log", async () => {
  const { broker, entries } = await open();
  await expect(join(broker, { protocolVersion: 5 })).rejects.toMatchObject({ code: 0x84 });
  expect(entries.map(({ event }) => event)).toContain(
    "mqtt 5 client refused: this broker speaks MQTT 3.1.1",
  );
  const client = await join(broker);
  expect(client.connected).toBe(true);
});

test("over broker.maxClients a client is refused, one that returns under its own id is not", async () => {
  const { broker } = await open({ maxClients: 2 });
  await join(broker, { clientId: "one" });
  await join(broker, { clientId: "two" });
  await expect(join(broker, { clientId: "three" })).rejects.toMatchObject({ code: 3 });
  const again = await join(broker, { clientId: "two" });
  expect(again.connected).toBe(true);
  await expect.poll(() => broker.clients).toBe(2);
});

test("a user cannot push another user's client out by taking its id", async () => {
  const { broker } = await open({ users });
  const lamp = await join(broker, { ...asLamp, clientId: "lamp-1" });
  await expect(join(broker, { ...asWall, clientId: "lamp-1" })).rejects.toMatchObject({ code: 2 });
  expect(lamp.connected).toBe(true);
});

test("subscriptions per client have a limit, and room comes back when one ends", async () => {
  const { broker } = await open({ users });
  const client = await join(broker, asLamp);
  for (let i = 0; i < subscriptionsMax; i += 1) await client.subscribeAsync(`lamps/${i}`);
  await expect(client.subscribeAsync("lamps/more")).rejects.toThrow();
  await client.unsubscribeAsync("lamps/0");
  await client.subscribeAsync("lamps/more");
});

test("topics that are too deep or too long are refused and the broker lives", async () => {
  const { broker } = await open({ users });
  const client = await join(broker, asLamp);
  await client.publishAsync(`lamps/${"x".repeat(1_000)}`, "x", { qos: 1 });
  await expect(client.subscribeAsync(`lamps/${"x".repeat(1_000)}`)).rejects.toThrow();
  const closed = closing(client);
  client.publish(`lamps/${"a/".repeat(200)}a`, "x", { qos: 0 });
  await closed;
  expect((await join(broker, asLamp)).connected).toBe(true);
});

test("a thousand connections that never log in keep nobody out", async () => {
  const { broker, entries } = await open();
  const idle = await Promise.all(
    Array.from({ length: 200 }, () => rawSocket(broker).catch(() => undefined)),
  );
  for (let round = 0; round < 4; round += 1) {
    idle.push(...(await Promise.all(Array.from({ length: 200 }, () => rawSocket(broker)))));
  }
  const client = await join(broker);
  expect(client.connected).toBe(true);
  const openOnes = () => idle.filter((socket) => socket !== undefined && !socket.closed).length;
  await expect.poll(openOnes).toBeLessThanOrEqual(connectingMax);
  const told = entries.filter(({ fields }) => fields["reason"] === "too-many-connecting");
  expect(told).toHaveLength(1);
});

test("a connection that sends no CONNECT in time is closed", async () => {
  const clock = new ManualClock();
  const { broker } = await open({}, clock);
  const client = await join(broker);
  await expect.poll(() => clock.sleeping).toBe(0);
  const socket = await rawSocket(broker);
  socket.write(Buffer.from([0x10, 13, 0, 4]));
  await expect.poll(() => clock.sleeping).toBe(1);
  await clock.advance(connectTimeoutMs - 1);
  expect(socket.closed).toBe(false);
  const closed = once(socket, "close");
  await clock.advance(1);
  await closed;
  expect(client.connected).toBe(true);
});

test("a port that is taken is said with where and what to do", async () => {
  const { broker } = await open();
  await expect(open({ listen: broker.address })).rejects.toMatchObject({
    code: "broker/listen",
    where: broker.address,
    message: expect.stringContaining("held by another program"),
    todo: expect.stringContaining("ss -ltnp"),
  });
});

test("closing the broker ends its clients and frees its port", async () => {
  const { broker } = await open();
  const client = await join(broker);
  const closed = closing(client);
  await broker[Symbol.asyncDispose]();
  await closed;
  const { broker: next } = await open({ listen: broker.address });
  expect(next.address).toBe(broker.address);
});
