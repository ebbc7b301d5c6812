import { connect as connectMqtt } from "mqtt";
import { afterEach, beforeEach, expect, test } from "vitest";
import { mqtt } from "../../drivers/mqtt/driver.ts";
import { listenTopics } from "../../drivers/mqtt/listen-topics.ts";
import { startMqttSensor, startSparkplugNode } from "../../drivers/mqtt/simulator.ts";
import { datatypes } from "../../drivers/mqtt/sparkplug-payload.ts";
import { Secret } from "../../drivers/secret.ts";
import { systemClock } from "../../gateway/runtime/clock.ts";
import { type ContractRunner, runDriver } from "../support/contract-runner.ts";
import { memoryLog } from "../support/manual-clock.ts";
import { type Mosquitto, mosquitto } from "../support/mosquitto.ts";
import { needPrograms } from "../support/need-program.ts";
import { scratchFolder } from "../support/spine.ts";

let cleanup: AsyncDisposableStack;
let broker: Mosquitto;

beforeEach(async (context) => {
  needPrograms(context, "mosquitto", "mosquitto_pub", "mosquitto_passwd");
  cleanup = new AsyncDisposableStack();
  const folder = cleanup.use(scratchFolder());
  broker = cleanup.use(await mosquitto(folder.path, ["message_size_limit 0"]));
  await broker.start();
});
afterEach(() => cleanup.disposeAsync());

const fridge = {
  topic: "shop/fridge",
  availability: { topic: "{topic}/status" },
  points: {
    temperature: { path: "temperature", unit: "Cel" },
    kept: { topic: "{topic}/kept", retained: "accept" },
    plain: { topic: "{topic}/plain" },
  },
};

function run(settings: Readonly<Record<string, unknown>> = {}): ContractRunner {
  const { password, ...rest } = settings;
  const channel = mqtt.schema.parse({
    driver: "mqtt",
    broker: broker.address,
    every: "100ms",
    timeout: "3s",
    devices: { fridge },
    ...rest,
    ...(typeof password === "string" ? { password: new Secret(password) } : {}),
  });
  const { log } = memoryLog();
  return cleanup.use(runDriver(mqtt, channel, { clock: systemClock, log }));
}

const patienceMs = 60_000;
const lastOf = ({ samples }: ContractRunner, point: string) =>
  samples.findLast((it) => it.point === `fridge/${point}`);

/** Until the driver is subscribed: what is published before goes nowhere. */
async function ready(runner: ContractRunner): Promise<void> {
  await expect
    .poll(
      () => {
        broker.publish("-t", "shop/fridge/plain", "-m", "1");
        return lastOf(runner, "plain")?.quality;
      },
      { timeout: patienceMs },
    )
    .toBe("good");
}

test("what mosquitto_pub sends arrives; what the broker kept is no live value", async () => {
  broker.publish("-r", "-t", "shop/fridge", "-m", '{"temperature": 99}');
  broker.publish("-r", "-t", "shop/fridge/kept", "-m", "98");
  const runner = run();
  await ready(runner);
  await runner.until((it) => lastOf(it, "kept") !== undefined, patienceMs);
  expect(lastOf(runner, "kept")).toMatchObject({
    quality: "uncertain",
    value: 98,
    reason: "retained",
  });
  expect(lastOf(runner, "temperature")).toBeUndefined();
  broker.publish("-t", "shop/fridge", "-q", "1", "-m", '{"temperature": 4.5}');
  await runner.until((it) => lastOf(it, "temperature")?.quality === "good", patienceMs);
  expect(lastOf(runner, "temperature")).toMatchObject({ value: 4.5 });
  broker.publish("-t", "shop/fridge", "-m", "[4.5]");
  await runner.until((it) => lastOf(it, "temperature")?.quality === "bad", patienceMs);
  expect(lastOf(runner, "temperature")).toMatchObject({ reason: "not an object" });
});

test("a broker that is killed and started again: lost, then healed", async () => {
  const runner = run();
  await ready(runner);
  await broker.kill("SIGKILL");
  await runner.until(({ ends }) => ends.length > 1, patienceMs);
  expect(runner.ends[0]).toMatchObject({ code: "driver/connection-lost" });
  expect(runner.ends[1]).toMatchObject({ code: "driver/connect-failed" });
  runner.forget();
  await broker.start();
  await ready(runner);
});

test("a broker that hangs is noticed by its silence", async () => {
  const runner = run({ keepAlive: "2s" });
  await ready(runner);
  runner.forget();
  broker.signal("SIGSTOP");
  await runner.until(({ ends }) => ends.length > 0, patienceMs);
  expect(runner.ends[0]).toMatchObject({ code: "driver/connection-lost" });
  broker.signal("SIGCONT");
  await ready(runner);
});

test("a login that was refused is tried for ever; mqtt.js by itself would stop", async () => {
  await broker.kill("SIGTERM");
  broker.setPassword("wh1", "right");
  await broker.start();
  let closes = 0;
  const alone = connectMqtt({
    port: broker.port,
    username: "wh1",
    password: "wrong",
    reconnectPeriod: 50,
  });
  cleanup.defer(() => alone.endAsync(true));
  alone.on("error", () => undefined);
  alone.on("close", () => {
    closes += 1;
  });
  const runner = run({ user: "wh1", password: "wrong" });
  await runner.until(({ ends }) => ends.length >= 5, patienceMs);
  expect(runner.ends[0]).toMatchObject({
    code: "driver/refused",
    todo: expect.stringContaining("password"),
  });
  expect(closes).toBe(1);
  expect(alone.reconnecting).toBe(false);

  await broker.kill("SIGTERM");
  broker.setPassword("wh1", "wrong");
  await broker.start();
  await expect
    .poll(
      () => {
        broker.publish("-u", "wh1", "-P", "wrong", "-t", "shop/fridge/plain", "-m", "2");
        return lastOf(runner, "plain")?.quality;
      },
      { timeout: patienceMs },
    )
    .toBe("good");
});

test("the last will of a sensor makes all its points bad", async () => {
  const runner = run();
  await ready(runner);
  const sensor = await startMqttSensor({
    broker: broker.address,
    topic: "shop/fridge",
    availability: "shop/fridge/status",
    everyMs: 50,
    message: () => '{"temperature": 4.5}',
  });
  cleanup.use(sensor);
  await runner.until((it) => lastOf(it, "temperature")?.quality === "good", patienceMs);
  sensor.die();
  const isOffline = (it: ContractRunner, point: string) =>
    Reflect.get(lastOf(it, point) ?? {}, "reason") === "offline";
  await runner.until((it) => isOffline(it, "plain") && isOffline(it, "temperature"), patienceMs);
});

test("a sensor of Sparkplug B: born late, out of step, dead, born again", async () => {
  const points = { temperature: { unit: "Cel" }, door: { kind: "boolean" } };
  const place = { group: "plant", node: "edge", device: "line" };
  const temperature = { name: "temperature", alias: "1", datatype: datatypes.float };
  const metrics = () => [
    { ...temperature, value: 4.5 },
    { name: "door", alias: "2", datatype: datatypes.boolean, value: false },
  ];
  const start = async () => {
    const node = await startSparkplugNode({ broker: broker.address, ...place, metrics });
    cleanup.use(node);
    return node;
  };
  const node = await start();
  const runner = run({ devices: { fridge: { sparkplug: place, points } } });
  // The node was up first: it must be asked for its birth.
  await runner.until((it) => lastOf(it, "door") !== undefined, patienceMs);
  expect(lastOf(runner, "temperature")).toMatchObject({ quality: "good", value: 4.5 });
  expect(node.births).toBe(2);
  await node.change([{ ...temperature, value: 5.25 }]);
  await runner.until(
    (it) => Reflect.get(lastOf(it, "temperature") ?? {}, "value") === 5.25,
    patienceMs,
  );
  node.skipSeq();
  await node.change([{ ...temperature, value: 6.5 }]);
  await runner.until((it) => lastOf(it, "temperature")?.quality === "uncertain", patienceMs);
  expect(lastOf(runner, "temperature")).toMatchObject({ reason: "sequence gap", value: 6.5 });
  node.die();
  const isOffline = (it: ContractRunner, point: string) =>
    Reflect.get(lastOf(it, point) ?? {}, "reason") === "offline";
  await runner.until((it) => isOffline(it, "door") && isOffline(it, "temperature"), patienceMs);
  await start();
  await runner.until((it) => lastOf(it, "temperature")?.quality === "good", patienceMs);
});

test("listening to everything finds the devices, publishes nothing, and ends when told to", async () => {
  broker.publish(
    "-r",
    "-t",
    "zigbee2mqtt/shelf",
    "-m",
    '{"temperature":4,"humidity":6,"linkquality":1}',
  );
  broker.publish("-r", "-t", "hall/temperature", "-m", "21.5");
  const channel = mqtt.schema.parse({ driver: "mqtt", broker: broker.address, devices: {} });
  const context = { clock: systemClock, log: memoryLog().log };
  const enough = new AbortController();
  const heard = await listenTopics(
    channel,
    context,
    { forMs: 60_000, progress: ({ topics }) => void (topics === 2 && enough.abort()) },
    enough.signal,
  );
  expect(heard).toMatchObject({ topics: 2, ignored: 0 });
  expect(heard.devices.map(({ id, family }) => `${id} ${family}`).sort()).toEqual([
    "hall plain",
    "shelf zigbee2mqtt",
  ]);
});

test("a port on which no MQTT is spoken is given up in time", async () => {
  const channel = mqtt.schema.parse({
    driver: "mqtt",
    broker: broker.address,
    timeout: "300ms",
    devices: {},
  });
  const context = { clock: systemClock, log: memoryLog().log };
  broker.signal("SIGSTOP");
  await expect(mqtt.open(channel, context, new AbortController().signal)).rejects.toMatchObject({
    code: "driver/timeout",
  });
});
