import { randomBytes } from "node:crypto";
import { RackwatchError } from "../../drivers/errors.ts";
import type { BrokerAddress } from "../../drivers/mqtt/broker-address.ts";
import { BrokerClient, type Will } from "../../drivers/mqtt/client.ts";
import { openWire, type WireOptions } from "../../drivers/mqtt/wire.ts";
import type { Secret } from "../../drivers/secret.ts";
import { type BrokerCertificateSource, certificateAlert } from "./broker-certificate.ts";

/** Between two signs of life, by either side; a broker gives a session up after half as much again. [MQTT-3.1.2.10] */
export const keepAliveMs = 30_000;

/** For the connection, the login and each confirmation: a satellite link needs seconds. */
const brokerTimeoutMs = 15_000;

/** A broker that has something to say against a certificate says it within this. */
const certificateMsMax = 2_000;

/** Where a broker is, and as whom to log in. */
export interface BrokerAccount {
  readonly address: Exclude<BrokerAddress, { kind: "local" }>;
  /** For people: without user and password. */
  readonly where: string;
  readonly user: string | undefined;
  readonly password: Secret | undefined;
  readonly caFile: string | undefined;
  /** Absent: the broker is shown none. */
  readonly certificate: BrokerCertificateSource | undefined;
}

/** @param url as in `mqtt://broker.example.com:1883` or `mqtts://[2001:db8::1]` */
export function brokerAccount(
  url: string,
  {
    username,
    password,
    caFile,
    certificate,
  }: {
    readonly username?: string | undefined;
    readonly password?: Secret | undefined;
    readonly caFile?: string | undefined;
    readonly certificate?: BrokerCertificateSource | undefined;
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
    certificate,
  };
}

export interface SessionNeeds {
  readonly clientId: string;
  /** Longest packet that is taken from the broker; longer ones are passed over. */
  readonly packetBytesMax: number;
  readonly will?: Will;
  readonly oversized: (topic: string, bytes: number) => void;
}

/**
 * One login. @throws RackwatchError `driver/...`; UplinkError when there is no certificate to show; the signal's reason when
 * aborted.
 */
export async function openSession(
  { address, where, user, password, caFile, certificate }: BrokerAccount,
  { clientId, packetBytesMax, will, oversized }: SessionNeeds,
  signal: AbortSignal,
): Promise<BrokerClient> {
  const shown = certificate?.();
  const options: WireOptions = {
    ...(shown === undefined ? {} : { shown }),
    ...{ address, where, caFile, packetBytesMax, timeoutMs: brokerTimeoutMs, tap: undefined },
    oversized: ({ topic, bytes }) => oversized(topic, bytes),
  };
  const wire = await openWire(options, signal);
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
    const isClosed = error instanceof RackwatchError && error.code === "driver/connection-lost";
    if (isClosed && address.kind === "tls") await checkCertificate(options, signal);
    throw error;
  } finally {
    signal.removeEventListener("abort", abort);
  }
}

/**
 * TLS 1.3 tells after the handshake what the broker thinks of a certificate, and a login that is already on its way makes the
 * broker's machine reset the connection and that word with it: so once more the handshake, and nothing behind it.
 * @throws RackwatchError `driver/refused`: the broker does not take it.
 */
async function checkCertificate(options: WireOptions, signal: AbortSignal): Promise<void> {
  const wire = await openWire(options, signal);
  const late = Promise.withResolvers<void>();
  const timer = setTimeout(late.resolve, certificateMsMax);
  wire.once("close", late.resolve);
  await late.promise;
  clearTimeout(timer);
  wire.destroy();
  const cause = wire.errored;
  const code = cause !== null && "code" in cause ? String(cause.code) : "";
  const alert = certificateAlert(code);
  if (alert === undefined) return;
  throw new RackwatchError("driver/refused", `the certificate is refused (${alert})`, {
    ...{ where: options.where, cause },
    todo: "Give the broker a certificate that it takes, or the broker its authority",
  });
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
