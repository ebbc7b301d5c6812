import { constants } from "node:fs";
import { access, stat } from "node:fs/promises";
import { connect as connectSocket } from "node:net";
import type { Duplex } from "node:stream";
import { type Address, parseAddress } from "./address.ts";
import type { Tap } from "./contract.ts";
import { type ErrorCode, RackwatchError } from "./errors.ts";

export interface SerialSettings {
  readonly baudRate: number;
  readonly dataBits: 7 | 8;
  readonly parity: "none" | "even" | "odd";
  readonly stopBits: 1 | 2;
}

export interface ConnectOptions {
  /** Needed for `serial:` addresses. */
  readonly serial?: SerialSettings;
  readonly tap?: Tap | undefined;
  /** How long a TCP connection may take to come about; 5 s unless told. */
  readonly timeoutMs?: number;
}

/** One open port. Its stream's errors are always listened to; the stream's `close` tells that it is gone. */
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
  if (parsed.kind === "tcp") return openTcp(address, parsed, options, signal);
  return openSerial(address, parsed.path, options.serial ?? defaultSerial, signal);
}

const defaultSerial: SerialSettings = { baudRate: 9_600, dataBits: 8, parity: "none", stopBits: 1 };

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

async function openSerial(
  address: string,
  path: string,
  settings: SerialSettings,
  signal: AbortSignal,
): Promise<Connection> {
  await checkSerialPath(address, path);
  // Loaded here: its native part costs start-up time on machines without a serial line.
  const { SerialPort } = await import("serialport");
  const port = new SerialPort({ path, ...settings, lock: true, autoOpen: false });
  port.on("error", () => undefined);
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (error === null) resolve();
      else reject(serialError(address, error));
    });
  });
  const close = async (): Promise<void> => {
    if (!port.isOpen) return;
    await new Promise<void>((resolve) => port.close(() => resolve()));
  };
  if (signal.aborted) {
    await close();
    signal.throwIfAborted();
  }
  return {
    address,
    stream: port,
    close,
    discardInput: async () => {
      if (port.isOpen) await new Promise<void>((resolve) => port.flush(() => resolve()));
    },
  };
}

/** serialport reports a missing or forbidden port in words only; the file system does it with codes. */
async function checkSerialPath(address: string, path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw pathError(address, path, error);
  }
  if ((await stat(path)).isCharacterDevice()) return;
  throw new RackwatchError("driver/connect-failed", `${path} is no serial port`, {
    where: address,
    todo: "Correct the port in the configuration",
  });
}

function pathError(address: string, path: string, cause: unknown): RackwatchError {
  if (codeOf(cause) === "EACCES" || codeOf(cause) === "EPERM")
    return new RackwatchError("driver/permission-denied", `No permission to use ${path}`, {
      where: address,
      todo: "Add the user that runs Rackwatch to the group dialout, then restart it",
      cause,
    });
  return new RackwatchError("driver/port-missing", `There is no port ${path}`, {
    where: address,
    todo: "Check that the adapter is plugged in; `ls -l /dev/serial/by-id` shows the stable names",
    cause,
  });
}

function serialError(address: string, cause: Error): RackwatchError {
  // serialport 13 gives no code for a lock that another program holds, only this text.
  if (/cannot lock port|resource (temporarily unavailable|busy)/i.test(cause.message))
    return new RackwatchError("driver/port-busy", "Another program has the serial port open", {
      where: address,
      todo: `Find it with \`fuser -v ${address.slice("serial:".length)}\` and stop it`,
      cause,
    });
  return new RackwatchError("driver/connect-failed", "The serial port cannot be opened", {
    where: address,
    todo: "Check the adapter and its settings (baudRate, parity)",
    cause,
  });
}

const tcpAdvice: Readonly<Record<string, readonly [ErrorCode, string, string]>> = {
  ECONNREFUSED: [
    "driver/connect-failed",
    "The device refuses connections",
    "Check the port number, and that the device's Modbus TCP or serial server is switched on",
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
