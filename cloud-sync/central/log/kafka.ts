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

/** Reads as one of a group, each partition by one of it, from where the group was. */
export async function openKafkaReader(
  settings: KafkaSettings,
  group: string,
): Promise<PartitionReader> {
  const consumer = new Consumer<Buffer, Buffer, Buffer, Buffer>({
    ...clientOptions(settings),
    groupId: group,
    highWaterMark: readAheadMax,
  });
  return {
    messages: (signal) => read(consumer, settings, signal),
    [Symbol.asyncDispose]: () => consumer.close(true),
  };
}

async function* read(
  consumer: Consumer<Buffer, Buffer, Buffer, Buffer>,
  settings: KafkaSettings,
  signal: AbortSignal,
): AsyncGenerator<LogMessage> {
  let stream: MessagesStream<Buffer, Buffer, Buffer, Buffer> | undefined;
  const stop = () => void stream?.close();
  try {
    stream = await consumer.consume({
      topics: [settings.topic],
      autocommit: false,
      mode: "committed",
      fallbackMode: "earliest",
    });
    signal.addEventListener("abort", stop, { once: true });
    for await (const message of stream) {
      if (signal.aborted) return;
      const { partition, value } = message;
      yield { partition, value, done: async () => message.commit() };
    }
  } catch (cause) {
    if (signal.aborted) return;
    throw gone("the log cannot be read", settings, cause);
  } finally {
    signal.removeEventListener("abort", stop);
  }
}

function gone(message: string, { brokers, topic }: KafkaSettings, cause: unknown): RackwatchError {
  return new RackwatchError("central/log", message, {
    cause,
    where: `${brokers.join(",")}/${topic}`,
    todo: "start Kafka, or check the addresses after --kafka and that the topic exists",
  });
}
