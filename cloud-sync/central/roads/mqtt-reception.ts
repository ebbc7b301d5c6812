import { randomBytes } from "node:crypto";
import type { Clock, Log } from "../../../drivers/contract.ts";
import type { BrokerClient, Received } from "../../../drivers/mqtt/client.ts";
import {
  type BrokerAccount,
  openSession,
  randomClientId,
  subscribeAll,
} from "../../uplinks/broker-account.ts";
import { mqttTopics, upTopic } from "../../uplinks/mqtt-topics.ts";
import { type BrokerRoad, keepRoad } from "./broker-road.ts";
import { type LetterDesk, letterBytesMax } from "./letter-desk.ts";

/** Receivers of one broker share what comes under this name. */
const shareName = "central";

/** Within this a broker that knows shared subscriptions has delivered a message to the one who shares with nobody. */
const probeMs = 3_000;

export interface MqttReceptionOptions {
  readonly account: BrokerAccount;
  /** First level of the topics, as in the gateways' `prefix`. */
  readonly prefix: string;
  readonly desk: LetterDesk;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** Reads what gateways publish for central, and answers. Any number of receivers share one broker. */
export function startMqttReception(options: MqttReceptionOptions): BrokerRoad {
  const { account, clock, log, random } = options;
  const receivers = mqttTopics.receivers(options.prefix);
  const open = async (signal: AbortSignal) => {
    const client = await openSession(
      account,
      {
        ...{ clientId: randomClientId(), packetBytesMax: letterBytesMax },
        will: { topic: receivers, payload: Buffer.from("ended"), qos: 0, retain: false },
        oversized: (topic) => options.desk.refused("too-large", topic),
      },
      signal,
    );
    try {
      await subscribe(client, options);
      await client.publish(receivers, "begins", 0);
      return { client, goodbye: () => client.publish(receivers, "ended", 0) };
    } catch (error) {
      await client.close();
      throw error;
    }
  };
  return keepRoad({ name: "mqtt", where: account.where, clock, log, random, open });
}

async function subscribe(client: BrokerClient, options: MqttReceptionOptions): Promise<void> {
  const { prefix, account, log, clock } = options;
  const probe = `${prefix}/_probe/${randomBytes(8).toString("hex")}`;
  const heard = Promise.withResolvers<boolean>();
  client.takeInTurn(async (message) => {
    if (message.topic === probe) heard.resolve(true);
    else await takeMessage(client, message, options);
  });
  // Some brokers confirm a shared subscription and take its name for a topic: nothing would ever come.
  const shares = await client
    .subscribe([`$share/${probe.slice(-16)}/${probe}`], 0)
    .then((refused) => refused.length === 0);
  if (shares) {
    await client.publish(probe, "", 0);
    const waiting = new AbortController();
    clock.sleep(probeMs, waiting.signal).then(
      () => heard.resolve(false),
      () => heard.resolve(false),
    );
    client.lost.addEventListener("abort", () => heard.resolve(false), { once: true });
    if (await heard.promise) {
      waiting.abort();
      return subscribeAll(
        client,
        [`$share/${shareName}/${mqttTopics.everyUp(prefix)}`],
        account.where,
      );
    }
  }
  client.lost.throwIfAborted();
  log.warn("broker knows no shared subscriptions: each receiver does all of the work", {
    where: account.where,
  });
  return subscribeAll(client, [mqttTopics.everyUp(prefix)], account.where);
}

/** Resolves when there is room for the next one. */
async function takeMessage(
  client: BrokerClient,
  { topic, payload, retained }: Received,
  { prefix, desk, account, log }: MqttReceptionOptions,
): Promise<void> {
  // A retained message was published who knows when.
  if (retained) return desk.refused("retained", topic);
  const up = upTopic(prefix, topic);
  if (up === undefined) return desk.refused("malformed", topic);
  const answerTopic = mqttTopics.down(prefix, up.gateway, up.id);
  await desk.take({ ...up, envelope: payload, origin: account.where }, (answer) => {
    // An answer that does not leave changes nothing: the agent asks again.
    client.publish(answerTopic, answer, 1).catch((error: unknown) => {
      log.debug("answer did not leave", { topic: answerTopic, reason: String(error) });
    });
  });
}
