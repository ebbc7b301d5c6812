import type { MqttClient } from "mqtt";
import type { Faults } from "../simulation/listen.ts";
import { parseBroker } from "./broker-address.ts";
import { datatypes, loadSparkplug, type Metric, type SparkplugCodec } from "./sparkplug-payload.ts";

export interface SimulatedClient {
  /** `tcp://host:port`. */
  readonly broker: string;
  readonly user?: string;
  readonly password?: string;
}

export interface SensorOptions extends SimulatedClient {
  readonly topic: string;
  /** The next message. */
  readonly message: () => string;
  /** 1 s unless told. */
  readonly everyMs?: number;
  /** Where it says `online`, and its will `offline`, both retained as sensors do it. */
  readonly availability?: string;
}

/** A simulated device that publishes, with faults that can be switched while it runs. */
export interface MqttSensor extends AsyncDisposable {
  /** `garbage`: no JSON at all; `halfFrames`: JSON that is cut off. */
  setFaults(faults: Pick<Faults, "silent" | "garbage" | "halfFrames">): void;
  /** Publishes one message beside the periodic ones. */
  publish(
    payload: string | Uint8Array,
    options?: { topic?: string; retain?: boolean },
  ): Promise<void>;
  /** Publishes as fast as the broker takes it: QoS 0, on its own topic. */
  flood(messages: number, payload: (index: number) => string): Promise<void>;
  /** Loses its connection without a goodbye: the broker publishes the will. */
  die(): void;
}

const everyMsDefault = 1_000;

/** Messages of a flood between two looks at the socket. */
const floodBatch = 500;

/** @throws Error of the library when the broker cannot be had. */
export async function startMqttSensor(options: SensorOptions): Promise<MqttSensor> {
  const { topic, message, everyMs = everyMsDefault, availability } = options;
  const will =
    availability === undefined
      ? undefined
      : { topic: availability, payload: Buffer.from("offline"), retain: true, qos: 1 as const };
  const client = await join(options, will);
  let faults: Parameters<MqttSensor["setFaults"]>[0] = {};
  const send = () => {
    if (faults.silent === true || !client.connected) return;
    const text = message();
    const wrong = faults.garbage === true ? "\u0007{{%&" : text.slice(0, text.length / 2);
    const isWrong = faults.garbage === true || faults.halfFrames === true;
    client.publish(topic, isWrong ? wrong : text);
  };
  if (availability !== undefined)
    await client.publishAsync(availability, "online", { retain: true, qos: 1 });
  send();
  const timer = setInterval(send, everyMs);
  const stop = async () => {
    clearInterval(timer);
    await client.endAsync(true);
  };
  return {
    setFaults: (next) => {
      faults = next;
    },
    publish: async (payload, { topic: other = topic, retain = false } = {}) => {
      await client.publishAsync(other, Buffer.from(payload), { qos: 1, retain });
    },
    flood: async (messages, payload) => {
      for (let sent = 0; sent < messages; sent += 1) {
        client.publish(topic, payload(sent));
        if (sent % floodBatch === 0) await drained(client);
      }
      await drained(client);
    },
    die: () => {
      clearInterval(timer);
      client.stream.destroy();
    },
    [Symbol.asyncDispose]: stop,
  };
}

export interface NodeOptions extends SimulatedClient {
  readonly group: string;
  readonly node: string;
  readonly device: string;
  /** As they stand in the device's birth, with name, alias, datatype and value. */
  readonly metrics: () => readonly Metric[];
}

/** A simulated Sparkplug B edge node with one device. It introduces itself again when it is asked to. */
export interface SparkplugSimulator extends AsyncDisposable {
  readonly births: number;
  /** Publishes changed metrics: by alias alone, as nodes do it to save bytes. */
  change(metrics: readonly Metric[]): Promise<void>;
  /** As if a message had been lost. */
  skipSeq(): void;
  /** `DDEATH` of the device. */
  killDevice(): Promise<void>;
  /** Loses its connection without a goodbye: the broker publishes NDEATH. */
  die(): void;
}

export async function startSparkplugNode(options: NodeOptions): Promise<SparkplugSimulator> {
  const { group, node, device, metrics } = options;
  const codec = await loadSparkplug();
  const topic = (type: string, behind?: string) =>
    ["spBv1.0", group, type, node, ...(behind === undefined ? [] : [behind])].join("/");
  const bdSeq: Metric = { name: "bdSeq", datatype: datatypes.int64, value: 7n };
  const client = await join(options, {
    topic: topic("NDEATH"),
    payload: Buffer.from(codec.encode({ timestamp: Date.now(), metrics: [bdSeq] })),
    retain: false,
    qos: 1,
  });
  let seq = 0;
  let births = 0;
  const send = async (to: string, list: readonly Metric[]) => {
    const payload = codec.encode({ timestamp: Date.now(), seq, metrics: list });
    seq = (seq + 1) % 256;
    await client.publishAsync(to, Buffer.from(payload));
  };
  const bear = async () => {
    seq = 0;
    births += 1;
    await send(topic("NBIRTH"), [bdSeq]);
    await send(topic("DBIRTH", device), metrics());
  };
  client.on("message", (_, payload) => {
    if (isRebirth(codec, payload)) void bear();
  });
  await client.subscribeAsync(topic("NCMD"));
  await bear();
  return {
    get births() {
      return births;
    },
    change: (changed) =>
      send(
        topic("DDATA", device),
        changed.map(({ name: _, ...rest }) => rest),
      ),
    skipSeq: () => {
      seq = (seq + 1) % 256;
    },
    killDevice: () => send(topic("DDEATH", device), []),
    die: () => client.stream.destroy(),
    [Symbol.asyncDispose]: () => client.endAsync(true),
  };
}

function isRebirth(codec: SparkplugCodec, payload: Uint8Array): boolean {
  const [metric] = codec.decode(payload)?.metrics ?? [];
  return metric?.name === "Node Control/Rebirth" && metric.value === true;
}

interface Will {
  readonly topic: string;
  readonly payload: Buffer;
  readonly retain: boolean;
  readonly qos: 1;
}

async function join(options: SimulatedClient, will: Will | undefined): Promise<MqttClient> {
  const address = parseBroker(options.broker);
  if (address === undefined || address.kind === "local")
    throw new Error(`no broker: ${options.broker}`);
  const { connectAsync } = await import("mqtt");
  const client = await connectAsync({
    host: address.host,
    port: address.port,
    protocol: "mqtt",
    protocolVersion: 4,
    reconnectPeriod: 0,
    ...(options.user === undefined ? {} : { username: options.user }),
    ...(options.password === undefined ? {} : { password: options.password }),
    ...(will === undefined ? {} : { will }),
  });
  // Its broker goes in some tests: nobody but the test needs to know.
  client.on("error", () => undefined);
  return client;
}

async function drained(client: MqttClient): Promise<void> {
  await new Promise((resolve) => setImmediate(resolve));
  while (client.stream.writableLength > 0 && !client.stream.destroyed)
    await new Promise((resolve) => setImmediate(resolve));
}
