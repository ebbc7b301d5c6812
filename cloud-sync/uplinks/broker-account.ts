import { randomBytes } from "node:crypto";
import { RackwatchError } from "../../drivers/errors.ts";
import type { BrokerAddress } from "../../drivers/mqtt/broker-address.ts";
import { BrokerClient, type Will } from "../../drivers/mqtt/client.ts";
import { openWire } from "../../drivers/mqtt/wire.ts";
import type { Secret } from "../../drivers/secret.ts";

/** Between two signs of life, by either side; a broker gives a session up after half as much again. [MQTT-3.1.2.10] */
export const keepAliveMs = 30_000;

/** For the connection, the login and each confirmation: a satellite link needs seconds. */
const brokerTimeoutMs = 15_000;

/** Where a broker is, and as whom to log in. */
export interface BrokerAccount {
  readonly address: Exclude<BrokerAddress, { kind: "local" }>;
  /** For people: without user and password. */
  readonly where: string;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly caFile: string | undefined;
}

/** @param url as in `mqtt://broker.example.com:1883` or `mqtts://[2001:db8::1]` */
export function brokerAccount(
  url: string,
  {
    username,
    password,
    caFile,
  }: {
    readonly username?: string | undefined;
    readonly password?: Secret | undefined;
    readonly caFile?: string | undefined;
  },
): BrokerAccount {
  const { protocol, hostname, port } = new URL(url);
  const kind = protocol === "mqtts:" ? "tls" : "tcp";
  const usual = kind === "tls" ? 8_883 : 1_883;
  const number = port === "" ? usual : Number(port);
  return {
    address: { kind, host: hostname.replace(/^\[|\]$/g, ""), port: number },
    where: `${protocol}//${hostname}:${number}`,
    user: username,
    password,
    caFile,
  };
}

export interface SessionNeeds {
  readonly clientId: string;
  /** Longest packet that is taken from the broker; longer ones are passed over. */
  readonly packetBytesMax: number;
  readonly will?: Will;
  readonly oversized: (topic: string, bytes: number) => void;
}

/** One login. @throws RackwatchError `driver/...`; the signal's reason when aborted. */
export async function openSession(
  { address, where, user, password, caFile }: BrokerAccount,
  { clientId, packetBytesMax, will, oversized }: SessionNeeds,
  signal: AbortSignal,
): Promise<BrokerClient> {
  const wire = await openWire(
    {
      ...{ address, where, caFile, packetBytesMax, timeoutMs: brokerTimeoutMs, tap: undefined },
      oversized: ({ topic, bytes }) => oversized(topic, bytes),
    },
    signal,
  );
  const abort = () => wire.destroy();
  signal.addEventListener("abort", abort, { once: true });
  try {
    return await BrokerClient.open(wire, {
      ...{ where, clientId, user, keepAliveMs, timeoutMs: brokerTimeoutMs },
      password: password?.reveal(),
      ...(will === undefined ? {} : { will }),
    });
  } catch (error) {
    signal.throwIfAborted();
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/** At most 23 letters and digits, which every broker takes [MQTT-3.1.3-5]; random, because a second one ends the first. */
export function randomClientId(): string {
  return `rw${randomBytes(10).toString("hex")}`;
}

/** @throws RackwatchError `driver/refused` when the broker does not let us hear one of the topics. */
export async function subscribeAll(
  client: BrokerClient,
  topics: readonly string[],
  where: string,
): Promise<void> {
  const refused = await client.subscribe(topics, 1);
  if (refused.length === 0) return;
  throw new RackwatchError("driver/refused", `no right to read ${refused.join(", ")}`, { where });
}
