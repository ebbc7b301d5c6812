import { setTimeout as pause } from "node:timers/promises";
import { Consumer, type MessagesStream, Producer } from "@platformatic/kafka";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { KafkaSettings } from "./kafka-settings.ts";
import type { LogMessage, PartitionLog, PartitionReader } from "./partition-log.ts";

/** Of one request to the brokers: an agent gives up after 30 s. */
const timeoutMs = 10_000;

/** Attempts of the client by itself, with `retryDelayMs` between them: a broker that hands over its partitions. */
const retries = 2;
const retryDelayMs = 500;

/** Unpacked messages that the client holds beside those that are being stored. */
const readAheadMax = 16;

/**
 * A reader that is silent for so long has left its group: its partitions wait until then. Twice what a loop may stand still,
 * and above the 6 s below which brokers refuse.
 */
const sessionMs = 15_000;

/** Between two signs of life of a reader, three within its session. */
const heartbeatMs = 3_000;

/** For the others of a group to hand over what they read, when one comes or goes. */
const rebalanceMs = 30_000;

/** A group that is being parted anew answers nobody, not even one that leaves: beyond it the connection is left to the broker. */
const leaveMsMax = 5_000;

/** All machines that the topic wants: what is acknowledged survives one that dies. */
const acksOfAll = -1;

function clientOptions({ brokers, username, password, isTls }: KafkaSettings) {
  return {
    clientId: "rackwatch-central",
    bootstrapBrokers: [...brokers],
    timeout: timeoutMs,
    retries,
    retryDelay: retryDelayMs,
    ...(isTls ? { tls: { minVersion: "TLSv1.2" as const } } : {}),
    ...(username === undefined || password === undefined
      ? {}
      : { sasl: { mechanism: "SCRAM-SHA-512" as const, username, password } }),
  };
}

/** Appends under the gateway's name: all of one gateway is one partition's, in its order. */
export function openKafkaLog(settings: KafkaSettings): PartitionLog {
  const producer = new Producer<Buffer, Buffer, Buffer, Buffer>(clientOptions(settings));
  return {
    async append(key, value) {
      try {
        await producer.send({
          messages: [{ topic: settings.topic, key: Buffer.from(key), value }],
          acks: acksOfAll,
        });
      } catch (cause) {
        throw gone("nothing can be appended to the log", settings, cause);
      }
    },
    [Symbol.asyncDispose]: () => producer.close(),
  };
}

/**
 * Reads as one of a group, each partition by one of it, from where the group was.
 * @param silentMs after which the group gives its partitions to others; a test shortens it.
 */
export async function openKafkaReader(
  settings: KafkaSettings,
  group: string,
  silentMs = sessionMs,
): Promise<PartitionReader> {
  const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
    ...clientOptions(settings),
    groupId: group,
    highWaterMark: readAheadMax,
    sessionTimeout: silentMs,
    rebalanceTimeout: Math.max(silentMs, rebalanceMs),
    heartbeatInterval: Math.min(heartbeatMs, silentMs / 3),
  });
  return {
    messages: (signal) => read(consumer, settings, signal),
    [Symbol.asyncDispose]: () => leave(consumer),
  };
}

type KafkaConsumer = Consumer<Buffer, Buffer, Buffer, Buffer>;

async function leave(consumer: KafkaConsumer): Promise<void> {
  const waited = new AbortController();
  const limit = pause(leaveMsMax, undefined, { signal: waited.signal }).catch(() => undefined);
  // Whoever does not get away is missed by the group after its session.
  const left = consumer.close(true).catch(() => undefined);
  await Promise.race([left, limit]);
  waited.abort();
}

async function* read(
  consumer: KafkaConsumer,
  settings: KafkaSettings,
  signal: AbortSignal,
): AsyncGenerator<LogMessage> {
  const ended = Promise.withResolvers<undefined>();
  let stream: MessagesStream<Buffer, Buffer, Buffer, Buffer> | undefined;
  const end = () => {
    ended.resolve(undefined);
    // Closed gently it waits for brokers that part their group anew, which takes as long as its members do.
    stream?.destroy();
  };
  signal.addEventListener("abort", end, { once: true });
  try {
    if (signal.aborted) return;
    const joined = consumer.consume({
      topics: [settings.topic],
      autocommit: false,
      mode: "committed",
      fallbackMode: "earliest",
    });
    joined.catch(() => undefined);
    stream = await Promise.race([joined, ended.promise]);
    if (stream === undefined) return;
    for await (const message of stream) {
      if (signal.aborted) return;
      const { partition, value } = message;
      yield { partition, value, done: async () => message.commit() };
    }
  } catch (cause) {
    if (signal.aborted) return;
    throw gone("the log cannot be read", settings, cause);
  } finally {
    signal.removeEventListener("abort", end);
    stream?.destroy();
  }
}

function gone(message: string, { brokers, topic }: KafkaSettings, cause: unknown): RackwatchError {
  return new RackwatchError("central/log", message, {
    cause,
    where: `${brokers.join(",")}/${topic}`,
    todo: "start Kafka, or check the addresses after --kafka and that the topic exists",
  });
}
