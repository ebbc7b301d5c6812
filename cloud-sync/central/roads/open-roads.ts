import type { Secret } from "../../../drivers/secret.ts";
import { brokerAccount } from "../../uplinks/broker-account.ts";
import type { BrokerCertificateSource } from "../../uplinks/broker-certificate.ts";
import { type DeskOptions, LetterDesk } from "./letter-desk.ts";
import { startMqttReception } from "./mqtt-reception.ts";
import { startSparkplugReception } from "./sparkplug-reception.ts";

/** Broker from which central reads. */
export interface RoadsOptions {
  /** As in `mqtts://broker.example.com`, without user and password. */
  readonly broker: string;
  readonly username?: string | undefined;
  readonly password?: Secret | undefined;
  readonly caFile?: string | undefined;
  readonly certificate?: BrokerCertificateSource | undefined;
  /** First level of the topics. */
  readonly prefix: string;
  /** As primary host of a group of Sparkplug nodes as well. */
  readonly sparkplug?: { readonly group: string; readonly host: string } | undefined;
}

export interface Roads {
  /** Says goodbye to the brokers and ends. */
  stop(): Promise<void>;
}

/** Reads from the broker as long as central runs. */
export function openRoads(options: RoadsOptions, parts: DeskOptions): Roads {
  const desk = new LetterDesk(parts);
  const { clock, log } = parts;
  const account = brokerAccount(options.broker, options);
  const common = { account, desk, clock, log, random: () => Math.random() };
  const { sparkplug, prefix } = options;
  const all = [
    startMqttReception({ ...common, prefix }),
    ...(sparkplug === undefined ? [] : [startSparkplugReception({ ...common, ...sparkplug })]),
  ];
  parts.counters.brokers = () => ({
    answered: desk.answered,
    refused: desk.notices.counts,
    up: new Map(all.map(({ name, isUp }) => [name, isUp])),
  });
  return {
    stop: async () => {
      desk.close();
      await Promise.all(all.map((road) => road.stop()));
    },
  };
}
