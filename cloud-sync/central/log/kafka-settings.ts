import { RackwatchError } from "../../../drivers/errors.ts";

export interface KafkaSettings {
  /** `host:port` of brokers to begin with. */
  readonly brokers: readonly string[];
  readonly topic: string;
  readonly username?: string | undefined;
  readonly password?: string | undefined;
  readonly isTls: boolean;
}

/**
 * @param address as in `kafka://user:password@broker-1:9092,broker-2:9092`; `kafkas:` for TLS.
 * @throws RackwatchError `config/invalid`
 */
export function kafkaSettings(address: string, topic: string): KafkaSettings {
  const parts = /^(kafkas?):\/\/(?:([^:@/]+):([^@/]*)@)?([^/@]+)\/?$/.exec(address);
  const brokers = (parts?.[4] ?? "").split(",");
  if (parts === null || !brokers.every((it) => /^(\[[\da-fA-F:]+\]|[^:\s]+):\d{1,5}$/.test(it))) {
    throw new RackwatchError("config/invalid", "the address of Kafka is none", {
      todo: "give it as kafka://HOST:PORT[,HOST:PORT] or kafkas://USER:PASSWORD@HOST:PORT",
    });
  }
  const [, scheme, username, password] = parts;
  return {
    brokers,
    topic,
    isTls: scheme === "kafkas",
    username: username === undefined ? undefined : decodeURIComponent(username),
    password: password === undefined ? undefined : decodeURIComponent(password),
  };
}
