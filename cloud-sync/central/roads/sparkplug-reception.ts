import type { Clock, Log } from "../../../drivers/contract.ts";
import type { BrokerClient, Received } from "../../../drivers/mqtt/client.ts";
import {
  datatypes,
  loadSparkplug,
  type Metric,
  type SparkplugCodec,
} from "../../../drivers/mqtt/sparkplug-payload.ts";
import {
  type BrokerAccount,
  openSession,
  randomClientId,
  subscribeAll,
} from "../../uplinks/broker-account.ts";
import {
  answerMetric,
  groupTopics,
  type HostState,
  hostStateAfter,
  letterMetric,
  parseSparkplugTopic,
  rebirthMetric,
  sparkplugTopic,
  stateBytes,
  stateTopic,
} from "../../uplinks/sparkplug-topics.ts";
import { type BrokerRoad, keepRoad } from "./broker-road.ts";
import type { LetterDesk } from "./letter-desk.ts";
import { SeqWatch } from "./seq-watch.ts";

/** Births of large gateways come in one message a device; longer ones are passed over. */
const packetBytesMax = 1_048_576;

export interface SparkplugReceptionOptions {
  readonly account: BrokerAccount;
  readonly group: string;
  /** As in the gateways' `host`. */
  readonly host: string;
  readonly desk: LetterDesk;
  readonly clock: Clock;
  readonly log: Log;
  readonly random: () => number;
}

/** The primary host of a group: says that it is online, takes the letters in the nodes' payloads, and answers by commands. */
export function startSparkplugReception(options: SparkplugReceptionOptions): BrokerRoad {
  const { account, group, host, clock, log, random, desk } = options;
  const seqs = new SeqWatch();
  const open = async (signal: AbortSignal) => {
    const codec = await loadSparkplug();
    const topic = stateTopic(host);
    // Will and birth say the same time. [tck-id-host-topic-phid-death-payload]
    const timestamp = Math.round(clock.now());
    const offline = stateBytes({ online: false, timestamp });
    const online = stateBytes({ online: true, timestamp });
    const client = await openSession(
      account,
      {
        ...{ clientId: randomClientId(), packetBytesMax },
        will: { topic, payload: offline, qos: 1, retain: true },
        oversized: (tooLong) => desk.refused("too-large", tooLong),
      },
      signal,
    );
    try {
      let known: HostState | undefined;
      client.takeInTurn(async (message) => {
        if (message.topic !== topic) return take(client, codec, message, seqs, options);
        known = hostStateAfter(known, message.payload);
        // Another receiver under this name ended, or its will came late: this one is there all the same.
        if (known?.online === false && !message.retained) {
          const again = stateBytes({ online: true, timestamp: known.timestamp });
          client.publish(topic, again, 1, true).catch(() => undefined);
        }
      });
      await subscribeAll(client, [topic, ...groupTopics(group)], account.where);
      await client.publish(topic, online, 1, true);
    } catch (error) {
      await client.close();
      throw error;
    }
    return { client, goodbye: () => client.publish(topic, offline, 1, true) };
  };
  return keepRoad({ name: "sparkplug", where: account.where, clock, log, random, open });
}

/** Resolves when there is room for the next one. */
async function take(
  client: BrokerClient,
  codec: SparkplugCodec,
  { topic, payload, retained }: Received,
  seqs: SeqWatch,
  { group, desk, account, clock, log }: SparkplugReceptionOptions,
): Promise<void> {
  if (retained) return desk.refused("retained", topic);
  const place = parseSparkplugTopic(group, topic);
  const decoded = codec.decode(payload);
  if (place === undefined || decoded === undefined) return desk.refused("malformed", topic);
  const command = (metric: Metric, body?: Uint8Array) => {
    const timestamp = Math.round(clock.now());
    const said = { timestamp, metrics: [{ timestamp, ...metric }] };
    const bytes = codec.encode(body === undefined ? said : { ...said, body });
    client.publish(sparkplugTopic(group, "NCMD", place.node), bytes, 0).catch((error: unknown) => {
      log.debug("command did not leave", { node: place.node, reason: String(error) });
    });
  };
  if (seqs.heard(place.node, place.type, decoded.seq, clock.monotonicMs())) {
    command({ name: rebirthMetric, datatype: datatypes.boolean, value: true });
  }
  const letter = decoded.metrics.find(({ name }) => name === letterMetric)?.value;
  if (place.type !== "NDATA" || typeof letter !== "string") return;
  const [gateway, kind, id, ...rest] = letter.split("/");
  if (!gateway || !kind || !id || rest.length > 0 || decoded.body === undefined) {
    return desk.refused("malformed", topic);
  }
  const sealed = { gateway, kind, id, envelope: decoded.body, origin: account.where };
  await desk.take(sealed, (answer) =>
    command({ name: answerMetric, datatype: datatypes.string, value: id }, answer),
  );
}
