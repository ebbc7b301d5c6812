import { Aedes, type Client } from "aedes";
import type { Language } from "../../config/language/language.ts";
import type { Config } from "../../config/schema/config.ts";
import type { Clock, Log, PointKey, Sample } from "../../drivers/contract.ts";
import type { Alarm } from "../alarms/alarm.ts";
import { Door } from "./door.ts";
import { GuardedConnection } from "./guard.ts";
import { connectTimeoutMs, inflightInboundMax, topicLevelsMax } from "./limits.ts";
import { listenError, listenOn, parseListen } from "./listen.ts";
import type { LocalAccount } from "./local-account.ts";
import {
  alarmMessage,
  alarmTopic,
  type Message,
  newestOfEach,
  pointMessage,
  pointTopic,
} from "./messages.ts";
import { Policy } from "./policy.ts";

export interface BrokerOptions {
  readonly config: Config["broker"];
  readonly gatewayId: string;
  readonly clock: Clock;
  readonly log: Log;
  /** Unit of each point as samples carry it, for the messages. */
  readonly units?: { get(point: PointKey): string | undefined };
  /** Of error messages; default English. */
  readonly language?: Language;
  /** The account of the gateway's own channels. */
  readonly localAccount?: LocalAccount | undefined;
}

/** The embedded MQTT 3.1.1 broker: the gateway's present state, retained. */
export interface Broker extends AsyncDisposable {
  /** Where it listens, `host:port`. */
  readonly address: string;
  /** Clients that are logged in. */
  readonly clients: number;
  /** Retains the newest sample of each point. */
  publishPoints(samples: readonly Sample[]): void;
  /** Nothing is retained of these points any more. */
  clearPoints(points: Iterable<PointKey>): void;
  /** Retains every alarm of the whole list, and clears the topics of rules that are no longer in it. */
  publishAlarms(alarms: readonly Alarm[]): void;
  /** Stock as it stands, to be retained; an empty payload clears the topic. */
  publishStock(message: Message): void;
  /** To whoever listens now: a movement is told once. */
  publishMovement(message: Message): void;
}

/** @throws RackwatchError `broker/listen` when the address cannot be had. */
export async function openBroker(options: BrokerOptions): Promise<Broker> {
  const { config, gatewayId, clock, log, units } = options;
  const { localAccount } = options;
  const policy = new Policy({ config, gatewayId, clock, log, localAccount });
  const aedes = await Aedes.createBroker({
    ...policy.hooks,
    // The default of 100 overflows the stack under a QoS 0 flood with one subscriber and kills the process.
    concurrency: 0,
    connectTimeout: 2 * connectTimeoutMs,
    maxInflightInbound: inflightInboundMax,
    maxTopicLevels: topicLevelsMax,
  });
  const door = new Door(
    { maxClients: config.maxClients, maxPacket: config.maxPacket, clock, log },
    (connection) => void aedes.handle(connection),
  );
  attach(aedes, policy, log);
  const address = await listenOn(door.server, parseListen(config.listen)).catch(async (error) => {
    await closeAedes(aedes);
    throw listenError("broker", config.listen, error, options.language ?? "en");
  });
  door.server.on("error", (error) => log.error("mqtt server failed", { error }));
  localAccount?.listensAt(address);
  log.info("mqtt broker listens", { address });

  const publish = ({ topic, payload }: Message, isRetained: boolean) => {
    const fixed = { cmd: "publish", qos: 0, dup: false } as const;
    const packet = { ...fixed, topic, payload: Buffer.from(payload), retain: isRetained };
    aedes.publish(packet, () => undefined);
  };
  const retain = (message: Message) => publish(message, true);
  const retainedAlarms = new Map<string, string>();
  return {
    address,
    get clients() {
      return policy.clients;
    },
    publishPoints(samples) {
      for (const sample of newestOfEach(samples)) {
        retain(pointMessage(gatewayId, sample, units?.get(sample.point)));
      }
    },
    clearPoints(points) {
      for (const point of points) retain({ topic: pointTopic(gatewayId, point), payload: "" });
    },
    publishAlarms(alarms) {
      const messages = new Map(alarms.map((alarm) => [alarm.rule, alarmMessage(gatewayId, alarm)]));
      for (const [rule, message] of messages) {
        if (retainedAlarms.get(rule) === message.payload) continue;
        retainedAlarms.set(rule, message.payload);
        retain(message);
      }
      for (const rule of [...retainedAlarms.keys()].filter((known) => !messages.has(known))) {
        retainedAlarms.delete(rule);
        retain({ topic: alarmTopic(gatewayId, rule), payload: "" });
      }
    },
    publishStock: retain,
    publishMovement: (message) => publish(message, false),
    async [Symbol.asyncDispose]() {
      await door.close();
      await closeAedes(aedes);
    },
  };
}

function attach(aedes: Aedes, policy: Policy, log: Log): void {
  aedes.on("clientReady", ({ conn }: Client) => {
    if (conn instanceof GuardedConnection) conn.admit();
  });
  aedes.on("unsubscribe", (topics, client) => policy.unsubscribed(client, topics));
  const ended = (client: Client, error: Error) =>
    log.debug("mqtt client ended", { client: client.id, reason: error.message });
  aedes.on("clientError", ended);
  aedes.on("connectionError", ended);
  // Not in aedes' types: its persistence failed. Without a listener the process would end.
  Reflect.apply(aedes.on, aedes, [
    "error",
    (error: unknown) => log.error("mqtt broker failed", { error }),
  ]);
}

function closeAedes(aedes: Aedes): Promise<void> {
  return new Promise((resolve) => aedes.close(resolve));
}
