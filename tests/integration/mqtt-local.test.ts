import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { connectAsync } from "mqtt";
import { afterEach, expect, test } from "vitest";
import { loadConfig } from "../../config/load.ts";
import { drivers } from "../../drivers/index.ts";
import { mqtt } from "../../drivers/mqtt/driver.ts";
import { startMqttSensor } from "../../drivers/mqtt/simulator.ts";
import { openBroker } from "../../gateway/broker/broker.ts";
import { failedLoginsPerMinuteMax } from "../../gateway/broker/limits.ts";
import { LocalAccount } from "../../gateway/broker/local-account.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { runDriver } from "../support/contract-runner.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { eventually, gatewayRig, scratchFolder } from "../support/spine.ts";

const cleanups: (() => Promise<unknown> | unknown)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

const yaml = `version: 1
gateway: { id: wh1 }
channels:
  sensors:
    driver: mqtt
    broker: local
    every: 100ms
    devices:
      fridge:
        topic: shop/fridge
        availability: { topic: "{topic}/status" }
        points:
          temperature: { path: temperature, unit: Cel }
          horn: { access: write, kind: boolean, role: buzzer, command: { topic: "{topic}/horn" } }
broker:
  listen: 127.0.0.1:{broker}
  maxClients: 2
  users:
    fridge: { password: !secret fridge, publish: [shop/fridge/#], subscribe: [shop/fridge/horn] }
panel: { listen: "127.0.0.1:{panel}" }
`;
const env = { RACKWATCH_SECRET_FRIDGE: "cold" };

async function open() {
  const folder = scratchFolder();
  cleanups.push(() => folder[Symbol.dispose]());
  const file = join(folder.path, "gateway.yaml");
  writeFileSync(file, yaml.replace("{broker}", "0").replace("{panel}", "0"));
  const loaded = loadConfig(file, { env });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { config } = loaded;
  const account = new LocalAccount(config, drivers);
  if (account === undefined) throw new Error("the broker is on");
  const { log, entries } = memoryLog();
  const broker = await openBroker({
    config: config.broker,
    gatewayId: "wh1",
    clock: systemClock,
    log,
    localAccount: account,
  });
  cleanups.push(() => broker[Symbol.asyncDispose]());
  const channel = config.channels["sensors"];
  const runner = runDriver(mqtt, channel, { clock: systemClock, log, localBroker: account });
  cleanups.push(() => runner[Symbol.asyncDispose]());
  const asFridge = { broker: account.address, user: "fridge", password: "cold" };
  return { account, broker, runner, asFridge, entries };
}

const sensorOf = (asFridge: { broker: string; user: string; password: string }) =>
  startMqttSensor({
    ...asFridge,
    topic: "shop/fridge",
    availability: "shop/fridge/status",
    everyMs: 100,
    message: () => '{"temperature": 4.5}',
  });

test("the gateway's own account publishes its outputs' topics and nothing else", async () => {
  const { account } = await open();
  expect(account.grant).toEqual({
    user: "gateway:channels",
    publish: ["shop/fridge/horn"],
    subscribe: ["#"],
  });
  expect(JSON.stringify(account)).not.toContain(account.password.reveal());
});

test("values of a device on the gateway's own broker arrive, its will makes them bad, an output reaches it", async () => {
  const { runner, asFridge, account } = await open();
  const sensor = await sensorOf(asFridge);
  cleanups.push(() => sensor[Symbol.asyncDispose]());
  await runner.until(({ samples }) => samples.some(({ quality }) => quality === "good"), 15_000);
  expect(runner.samples.find(({ quality }) => quality === "good")).toMatchObject({
    point: "fridge/temperature",
    value: 4.5,
  });
  sensor.die();
  await runner.until(({ samples }) => samples.at(-1)?.quality === "bad", 15_000);
  expect(runner.samples.at(-1)).toMatchObject({ quality: "bad", reason: "offline" });

  const { host, port } = new URL(account.address.replace("tcp:", "http:"));
  expect(host).toBe(`127.0.0.1:${port}`);
  const horn = await connectAsync({ port: Number(port), username: "fridge", password: "cold" });
  cleanups.push(() => horn.endAsync(true));
  const heard: string[] = [];
  horn.on("message", (_, payload) => heard.push(payload.toString()));
  await horn.subscribeAsync("shop/fridge/horn");
  const channel = mqtt.schema.parse({
    driver: "mqtt",
    broker: "local",
    devices: {
      fridge: {
        topic: "shop/fridge",
        points: {
          horn: {
            access: "write",
            kind: "boolean",
            command: { topic: "{topic}/horn", on: "loud", off: "still" },
          },
        },
      },
    },
  });
  const signal = new AbortController().signal;
  const context = { clock: systemClock, log: memoryLog().log, localBroker: account };
  await using session = await mqtt.open(channel, context, signal);
  await session.write?.("fridge/horn", true);
  await session.write?.("fridge/horn", false);
  await expect.poll(() => heard).toEqual(["loud", "still"]);
  await expect(session.write?.("fridge/other", true)).rejects.toMatchObject({
    code: "driver/not-writable",
  });
});

test("a device with a wrong password locks itself out, and not the gateway's channels", async () => {
  const { account, broker, entries } = await open();
  const port = Number(account.address.split(":").at(-1));
  const wrong = { port, username: "fridge", password: "warm", reconnectPeriod: 0 };
  for (let tries = 0; tries <= failedLoginsPerMinuteMax; tries += 1)
    await connectAsync(wrong).catch(() => undefined);
  await expect(connectAsync({ ...wrong, password: "cold" })).rejects.toMatchObject({ code: 3 });
  expect(entries.some(({ event }) => event.includes("too many wrong ones"))).toBe(true);
  const before = broker.clients;
  const own = await connectAsync({
    port,
    username: account.user,
    password: account.password.reveal(),
  });
  cleanups.push(() => own.endAsync(true));
  expect(broker.clients).toBe(before + 1);
});

test("a full house has room for the gateway's own channels", async () => {
  const { account, asFridge } = await open();
  const port = Number(account.address.split(":").at(-1));
  const join = (clientId: string) =>
    connectAsync({
      port,
      clientId,
      username: "fridge",
      password: asFridge.password,
      reconnectPeriod: 0,
    });
  for (const id of ["a", "b"]) {
    const client = await join(id);
    cleanups.push(() => client.endAsync(true));
  }
  await expect(join("c")).rejects.toMatchObject({ code: 3 });
  const channel = mqtt.schema.parse({ driver: "mqtt", broker: "local", devices: {} });
  const signal = new AbortController().signal;
  const context = { clock: systemClock, log: memoryLog().log, localBroker: account };
  const session = await mqtt.open(channel, context, signal);
  await session[Symbol.asyncDispose]();
});

test("without a broker of its own the gateway says what to do", async () => {
  const channel = mqtt.schema.parse({ driver: "mqtt", broker: "local", devices: {} });
  const context = { clock: systemClock, log: memoryLog().log };
  await expect(mqtt.open(channel, context, new AbortController().signal)).rejects.toMatchObject({
    code: "driver/connect-failed",
    todo: expect.stringContaining("broker.enabled"),
  });
});

test("a gateway process shows the value of a sensor that logs in at its broker", async () => {
  const folder = scratchFolder();
  cleanups.push(() => folder[Symbol.dispose]());
  const rig = await gatewayRig(folder.path, yaml, env);
  const gateway = await rig.start();
  cleanups.push(() => gateway.kill("SIGTERM"));
  const asFridge = {
    broker: `tcp://127.0.0.1:${rig.brokerPort}`,
    user: "fridge",
    password: "cold",
  };
  const sensor = await eventually(
    () => sensorOf(asFridge),
    () => true,
  );
  cleanups.push(() => sensor[Symbol.asyncDispose]());
  type Row = { key: string; value?: number; unit?: string; quality?: string };
  const shown = await eventually(
    () => rig.get<readonly Row[]>("/api/points"),
    (rows) => rows.some((it) => it.key === "fridge/temperature" && it.quality === "good"),
    30_000,
  );
  expect(shown.find(({ key }) => key === "fridge/temperature")).toMatchObject({
    value: 4.5,
    unit: "Cel",
  });
});
