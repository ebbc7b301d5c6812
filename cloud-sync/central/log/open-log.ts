import { kafkaSettings } from "./kafka-settings.ts";
import type { LogStorerParts } from "./log-storer.ts";
import { LogStorer } from "./log-storer.ts";
import { SampleLog } from "./sample-log.ts";

/** What this process does with the log: puts samples into it, stores what it has, or both. */
export const logRoles = ["receive", "store", "both"] as const;

export interface LogOptions {
  /** As in `kafka://broker-1:9092,broker-2:9092`. */
  readonly address: string;
  readonly topic: string;
  readonly role: (typeof logRoles)[number];
}

/** All who store are one group: each partition is one's. */
const group = "rackwatch-central";

export interface OpenedLog extends AsyncDisposable {
  readonly sampleLog?: SampleLog;
  readonly storer?: LogStorer;
}

/** Loads the client, which a central without a log never does. @throws RackwatchError `config/invalid` */
export async function openLog(
  { address, topic, role }: LogOptions,
  parts: Omit<LogStorerParts, "open">,
): Promise<OpenedLog> {
  const settings = kafkaSettings(address, topic);
  const { openKafkaLog, openKafkaReader } = await import("./kafka.ts");
  const appended = role === "store" ? undefined : openKafkaLog(settings);
  const storer =
    role === "receive"
      ? undefined
      : new LogStorer({ ...parts, open: () => openKafkaReader(settings, group) });
  return {
    ...(appended === undefined
      ? {}
      : { sampleLog: new SampleLog({ log: appended, clock: parts.clock }) }),
    ...(storer === undefined ? {} : { storer }),
    [Symbol.asyncDispose]: async () => appended?.[Symbol.asyncDispose](),
  };
}
