import type { SyncText } from "../../config/language/sync.ts";
import type { RoadSettings } from "../../config/roads.ts";
import type { Clock, Log } from "../../drivers/contract.ts";
import { messageCharsMax } from "../../gateway/down/message.ts";
import type { SealKeys } from "../identity/seal.ts";
import { brokerAccount, openSession, randomClientId, subscribeAll } from "./broker-account.ts";
import type { BrokerCertificateSource } from "./broker-certificate.ts";
import { LetterUplink } from "./letter-uplink.ts";
import { MessageLine, type OpenCarrier } from "./message-line.ts";
import { answeredId, mqttTopics } from "./mqtt-topics.ts";
import type { Uplink } from "./uplink.ts";

/** An answer with one message of central of the greatest length, three bytes a character at most, and its frame. */
export const answerBytesMax = messageCharsMax * 3 + 65_536;

export type MqttSettings = Extract<RoadSettings, { via: "mqtt" }>;

export interface UplinkParts {
  readonly gatewayId: string;
  readonly keys: SealKeys;
  readonly text: SyncText;
  readonly log: Log;
  readonly clock: Clock;
  /** Absent: the broker is shown none. */
  readonly certificate?: BrokerCertificateSource | undefined;
  /** A test shortens it. */
  readonly deadlineMs?: number;
}

/** Central behind any MQTT 3.1.1 broker. The first question connects. */
export function openMqttUplink(
  settings: MqttSettings,
  parts: UplinkParts,
): Uplink & AsyncDisposable {
  const { broker, prefix, messageBytesMax } = settings;
  const { gatewayId, keys, text, log, clock, deadlineMs, certificate } = parts;
  const account = brokerAccount(broker, { ...settings, certificate });
  const { where } = account;
  const receivers = mqttTopics.receivers(prefix);
  const open: OpenCarrier = async (heard, signal, stirred) => {
    const client = await openSession(
      account,
      {
        clientId: randomClientId(),
        packetBytesMax: answerBytesMax,
        oversized: (topic, bytes) => log.warn("message too large", { where, topic, bytes }),
      },
      signal,
    );
    try {
      client.listen(({ topic, payload, retained }) => {
        if (topic === receivers && !retained) stirred();
        const id = retained ? undefined : answeredId(prefix, gatewayId, topic);
        if (id !== undefined) heard(id, payload);
      });
      await subscribeAll(client, [mqttTopics.everyDown(prefix, gatewayId)], where);
      // A broker's rules may hide it: then the deadline alone tells that a receiver ended.
      await client.subscribe([receivers], 0);
    } catch (error) {
      await client.close();
      throw error;
    }
    log.info("broker reached", { where });
    return {
      lost: client.lost,
      close: () => client.close(),
      send: (kind, id, envelope) =>
        client.publish(mqttTopics.up(prefix, gatewayId, kind, id), envelope, 1),
    };
  };
  const line = new MessageLine({
    ...{ open, keys, clock, text, where, certificate },
    ...(deadlineMs === undefined ? {} : { deadlineMs }),
  });
  const uplink = new LetterUplink({
    ask: (...question) => line.ask(...question),
    ...{ clock, text, where, messageBytesMax },
  });
  return Object.assign(uplink, { [Symbol.asyncDispose]: () => line[Symbol.asyncDispose]() });
}
