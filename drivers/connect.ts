import { connect as connectSocket } from "node:net";
import type { Duplex } from "node:stream";
import { type Address, parseAddress } from "./address.ts";
import type { Tap } from "./contract.ts";
import { type ErrorCode, RackwatchError } from "./errors.ts";
import { openSerial } from "./serial-line.ts";
import { attachTap } from "./tap.ts";

export interface SerialSettings {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
  /** Level of the line DTR once the port is open; the kernel raises it when told nothing. */
  readonly dtr?: boolean | undefined;
  /** Level of the line RTS once the port is open; the kernel raises it when told nothing. */
  readonly rts?: boolean | undefined;
  /**
   * Whether DTR drops when the port is closed. False unless told: many devices restart when it drops, and would do so
   * at every reconnection.
   */
  readonly hupcl?: boolean | undefined;
}

export interface ConnectOptions {
  /** For `serial:` addresses; 9600 8N1 unless told. */
  readonly serial?: SerialSettings;
  /** Sees what is read and written through `stream`. */
  readonly tap?: Tap | undefined;
  /** How long a TCP connection may take to come about; 5 s unless told. */
  readonly timeoutMs?: number;
}

/**
 * One open port. Its stream's errors are always listened to; the stream's `close` tells that it is gone. It does not
 * tell of a peer that fell silent (a half-open TCP connection, a device without power behind a working adapter): how
 * much silence is too much is for the driver's own watchdog to decide.
 */
export interface Connection {
  readonly address: string;
  readonly stream: Duplex;
  /** Throws away what the kernel has received and nobody read yet. Does nothing on TCP. */
  discardInput(): Promise<void>;
  /** Releases the port at once, without waiting for the peer. May be called twice. */
  close(): Promise<void>;
}

/** A peer that drops packets silently must not hold the channel for the two minutes of the kernel's own limit. */
const connectTimeoutMs = 5_000;

/** After this much silence the kernel probes an idle TCP peer. */
const keepAliveMs = 15_000;

/**
 * Opens `serial:/dev/...` or `tcp://host:port`; every call makes a new port object.
 * @throws RackwatchError `driver/port-missing`, `driver/permission-denied`, `driver/port-busy`,
 * `driver/connect-failed`, `config/invalid`; the signal's reason when aborted.
 */
export async function connect(
  address: string,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection> {
  signal.throwIfAborted();
  const parsed = parseAddress(address);
  const connection =
    parsed.kind === "tcp"
      ? await openTcp(address, parsed, options, signal)
      : await openSerial(address, parsed.path, options.serial ?? plainLine, signal);
  if (options.tap !== undefined) attachTap(connection.stream, options.tap);
  return connection;
}

/** What most devices leave the factory with. */
export const plainLine: SerialSettings = {
  baudRate: 9_600,
  dataBits: 8,
  parity: "none",
  stopBits: 1,
};

async function openTcp(
  address: string,
  { host, port }: Extract<Address, { kind: "tcp" }>,
  options: ConnectOptions,
  signal: AbortSignal,
): Promise<Connection> {
  const timeoutMs = options.timeoutMs ?? connectTimeoutMs;
  const limit = AbortSignal.any([signal, AbortSignal.timeout(timeoutMs)]);
  const socket = connectSocket({ host, port, noDelay: true });
  socket.setKeepAlive(true, keepAliveMs);
  socket.on("error", () => undefined);
  try {
    await new Promise<void>((resolve, reject) => {
      limit.addEventListener("abort", () => reject(limit.reason), { once: true });
      socket.once("connect", resolve);
      socket.once("error", reject);
    });
  } catch (error) {
    socket.destroy();
    if (signal.aborted) throw error;
    throw connectError(address, timeoutMs, error);
  }
  return {
    address,
    stream: socket,
    discardInput: async () => undefined,
    close: async () => {
      socket.destroy();
    },
  };
}

const tcpAdvice: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
  ECONNREFUSED: [
    "driver/connect-failed",
    "The device refuses connections",
    "Check the port number, and that this service is switched on in the device's own settings",
  ],
  EHOSTUNREACH: [
    "driver/connect-failed",
    "There is no way to the device",
    "Check its power, network cable and address",
  ],
  ENETUNREACH: [
    "driver/connect-failed",
    "There is no way to the device's network",
    "Check the gateway's network settings",
  ],
  ECONNRESET: [
    "driver/connect-failed",
    "The device broke the connection off at once",
    "Many devices take one connection only: check that no other program has it",
  ],
  ENOTFOUND: [
    "driver/connect-failed",
    "The host name is unknown",
    "Correct the name, or use the IP address",
  ],
};

function connectError(address: string, timeoutMs: number, cause: unknown): RackwatchError {
  const [code, message, todo] = tcpAdvice[codeOf(cause) ?? ""] ?? [
    "driver/connect-failed",
    `The device did not take the connection within ${timeoutMs} ms`,
    "Check its power, network cable and address",
  ];
  return new RackwatchError(code, message, { where: address, todo, cause });
}

function codeOf(error: unknown): string | undefined {
  if (!(error instanceof Error) || !("code" in error)) return undefined;
  return typeof error.code === "string" ? error.code : undefined;
}
