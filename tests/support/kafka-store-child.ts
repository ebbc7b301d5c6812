/**
 * Stores what the log has, as `rackwatch central --kafka-role store` does, until it is killed. Arguments: the log's address,
 * its topic, the group, the database. After the third entry it says of none that it is done, and prints "held" once.
 */
import { openPostgres } from "../../cloud-sync/central/database/postgres.ts";
import { DatabaseLink } from "../../cloud-sync/central/database-link.ts";
import { openKafkaReader } from "../../cloud-sync/central/log/kafka.ts";
import { kafkaSettings } from "../../cloud-sync/central/log/kafka-settings.ts";
import { LogStorer } from "../../cloud-sync/central/log/log-storer.ts";
import type { LogMessage, PartitionReader } from "../../cloud-sync/central/log/partition-log.ts";
import { systemClock as clock } from "../../gateway/runtime/clock.ts";
import { silentMs } from "./kafka-cluster.ts";
import { memoryLog } from "./manual-clock.ts";

const doneMax = 3;
const [address = "", topic = "", group = "", databaseUrl = ""] = process.argv.slice(2);
const { log } = memoryLog();
const { signal } = new AbortController();
let done = 0;

async function* holding(messages: AsyncIterable<LogMessage>): AsyncGenerator<LogMessage> {
  for await (const message of messages) {
    yield {
      ...message,
      done: () => {
        done += 1;
        if (done <= doneMax) return message.done();
        if (done === doneMax + 1) process.stdout.write("held\n");
        return new Promise(() => undefined);
      },
    };
  }
}

async function open(): Promise<PartitionReader> {
  const reader = await openKafkaReader(kafkaSettings(address, topic), group, silentMs);
  return {
    messages: (ended) => holding(reader.messages(ended)),
    [Symbol.asyncDispose]: () => reader[Symbol.asyncDispose](),
  };
}

const link = new DatabaseLink(async () => openPostgres(databaseUrl, log), clock, log);
await link.start(async () => undefined);
await new LogStorer({ open, link, clock, log }).run(signal);
