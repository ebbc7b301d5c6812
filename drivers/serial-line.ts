import { constants } from "node:fs";
import { access, realpath, stat } from "node:fs/promises";
import type { SerialPort } from "serialport";
import type { Connection, SerialSettings } from "./connect.ts";
import { RackwatchError } from "./errors.ts";
import { type ListedPort, listSerialPorts } from "./serial-ports.ts";

/**
 * Opens a serial port for this program alone; every call makes a new port object.
 * @throws RackwatchError `driver/port-missing`, `driver/permission-denied`, `driver/port-busy`,
 * `driver/connect-failed`; the signal's reason when aborted.
 */
export async function openSerial(
  address: string,
  path: string,
  settings: SerialSettings,
  signal: AbortSignal,
): Promise<Connection> {
  await checkPath(address, path);
  // Loaded here: its native part costs start-up time on machines without a serial line.
  const library = await import("serialport");
  const { baudRate, dataBits, parity, stopBits, hupcl = false } = settings;
  const line = { baudRate, dataBits, parity, stopBits, hupcl };
  const port = new library.SerialPort({ path, ...line, lock: true, autoOpen: false });
  port.on("error", () => undefined);
  // Otherwise a write to a port that was pulled out waits for an `open` that never comes.
  port.once("close", () => port.destroy());
  await new Promise<void>((resolve, reject) => {
    port.open((error) => {
      if (error === null) resolve();
      else reject(openError(address, error));
    });
  });
  const released = new Promise<void>((resolve) => {
    port.once("close", () => resolve());
    port.once("error", () => resolve());
  });
  const close = async (): Promise<void> => {
    // Only to `isOpen` does a port that is being closed look closed: its lock is still there.
    if (port.isOpen) port.close();
    else if (!port.closing) return;
    await released;
  };
  try {
    await setControlLines(address, port, settings);
    await watchNode(port, path);
    signal.throwIfAborted();
  } catch (error) {
    await close();
    throw error;
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

/** How often it is looked whether the port is still there. Until then a port that was pulled out may cost CPU time. */
const watchEveryMs = 1_000;

/**
 * Closes a port whose adapter was pulled out. A line that has hung up reads as 0 bytes, upon which serialport 13 reads
 * again, for ever and without an event. The device's own file is watched, not the link that led to it: of two adapters
 * without serial number the link by id moves to the one that was plugged in last.
 */
async function watchNode(port: SerialPort, path: string): Promise<void> {
  const node = await realpath(path).catch(() => path);
  const first = await stat(node).catch(() => undefined);
  const isThere = async () => {
    const now = await stat(node).catch(() => undefined);
    return now !== undefined && now.rdev === first?.rdev && now.ino === first.ino;
  };
  const timer = setInterval(() => {
    void isThere().then((there) => {
      if (!there && port.isOpen) port.close(undefined, new Error(`${node} is gone`));
    });
  }, watchEveryMs);
  port.once("close", () => clearInterval(timer));
  if (!port.isOpen) clearInterval(timer);
}

/** serialport sets all control lines at once, so that one that is not named gets the level of an open port. */
async function setControlLines(
  address: string,
  port: SerialPort,
  { dtr, rts }: SerialSettings,
): Promise<void> {
  if (dtr === undefined && rts === undefined) return;
  await new Promise<void>((resolve, reject) => {
    port.set({ dtr: dtr ?? true, rts: rts ?? true }, (error) => {
      if (error === null) resolve();
      else reject(controlLineError(address, error));
    });
  });
}

/** serialport reports a missing or forbidden port in words only; the file system does it with codes. */
async function checkPath(address: string, path: string): Promise<void> {
  try {
    await access(path, constants.R_OK | constants.W_OK);
  } catch (error) {
    throw await pathError(address, path, error);
  }
  if ((await stat(path)).isCharacterDevice()) return;
  throw new RackwatchError("driver/connect-failed", `${path} is no serial port`, {
    where: address,
    todo: "Correct the port in the configuration",
  });
}

async function pathError(address: string, path: string, cause: unknown): Promise<RackwatchError> {
  const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
  if (code === "EACCES" || code === "EPERM")
    return new RackwatchError("driver/permission-denied", `No permission to use ${path}`, {
      where: address,
      todo: "Add the user that runs Rackwatch to the group dialout, then restart it",
      cause,
    });
  return new RackwatchError("driver/port-missing", `There is no port ${path}`, {
    where: address,
    todo: missingPortAdvice(await listSerialPorts().catch(() => [])),
    cause,
  });
}

/** Ports that an advice names; a machine with more has its own list. */
const advisedMax = 8;

export function missingPortAdvice(ports: readonly ListedPort[]): string {
  if (ports.length === 0) return "Check that the adapter is plugged in: no serial port is";
  const named = ports.slice(0, advisedMax).map(({ advised, product }) => {
    return product === undefined ? advised : `${advised} (${product})`;
  });
  const more = ports.length > advisedMax ? `, and ${ports.length - advisedMax} more` : "";
  return `Check that the adapter is plugged in; what is plugged in: ${named.join(", ")}${more}`;
}

function openError(address: string, cause: Error): RackwatchError {
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

function controlLineError(address: string, cause: Error): RackwatchError {
  return new RackwatchError("driver/connect-failed", "The port's DTR and RTS cannot be set", {
    where: address,
    todo: "Leave dtr and rts out of the configuration: this port has no such lines",
    cause,
  });
}
