import { accessSync, constants, statSync } from "node:fs";
import { connect } from "node:net";
import type { DoctorText } from "../../config/language/doctor.ts";
import type { Config } from "../../config/schema/config.ts";
import { codeOf, type Finding } from "./finding.ts";

/** Connected to and let go at once. A device that takes longer is none that a gateway could read in time. */
const connectMs = 2_000;

const schemePorts: Readonly<Record<string, number>> = {
  "tcp:": 0,
  "tls:": 8_883,
  "opc.tcp:": 4_840,
  "mqtt:": 1_883,
  "mqtts:": 8_883,
  "http:": 80,
  "https:": 443,
};

/** Ports and sockets of all channels, connect only: not a byte is sent. */
export async function checkChannels(
  channels: Config["channels"],
  text: DoctorText,
): Promise<readonly Finding[]> {
  const found = await Promise.all(
    Object.entries(channels).map(async ([id, channel]) => {
      const addresses = addressesOf(channel);
      const check = `channels/${id}`;
      if (addresses.length === 0) return [{ check, grade: "skip", found: text.noAddress } as const];
      return Promise.all(addresses.map((address) => checkAddress(check, address, text)));
    }),
  );
  return found.flat();
}

/** Whatever of a channel's own settings is an address. */
function addressesOf(channel: object): readonly string[] {
  const { driver } = { driver: undefined, ...channel };
  const texts = Object.entries(channel).flatMap(([key, value]) =>
    key !== "devices" && typeof value === "string" ? [value] : [],
  );
  const addresses = texts.filter((it) => /^(serial:|[a-z][a-z.]*:\/\/)/.test(it));
  return driver === "gpio" ? [...addresses, "serial:/dev/gpiochip0"] : addresses;
}

async function checkAddress(check: string, address: string, text: DoctorText): Promise<Finding> {
  if (address.startsWith("serial:"))
    return checkDevice(check, address.slice("serial:".length), text);
  const url = URL.parse(address);
  const port = Number(url?.port) || (schemePorts[url?.protocol ?? ""] ?? 0);
  if (url === null || url.hostname === "" || port === 0) {
    return { check, grade: "skip", found: text.noAddress };
  }
  const host = url.hostname.replace(/^\[|\]$/g, "");
  const code = await tryConnect(host, port);
  const where = `${host}:${port}`;
  if (code === undefined) return { check, grade: "ok", found: text.reachable(where) };
  // A device that takes one connection at a time refuses the second, while the gateway has the first.
  return { check, grade: "fail", found: text.unreachable(where, code), todo: text.unreachableTodo };
}

function checkDevice(check: string, path: string, text: DoctorText): Finding {
  if (statSync(path, { throwIfNoEntry: false }) === undefined) {
    return { check, grade: "fail", found: text.noPort(path), todo: text.noPortTodo };
  }
  try {
    accessSync(path, constants.R_OK | constants.W_OK);
  } catch {
    return { check, grade: "fail", found: text.portRights(path), todo: text.portRightsTodo };
  }
  const isStable = !/^\/dev\/tty(USB|ACM)\d+$/.test(path);
  if (isStable) return { check, grade: "ok", found: text.port(path) };
  return { check, grade: "warn", found: text.port(path), todo: text.byIdTodo };
}

/** Undefined when a connection came about, else why not. */
export function tryConnect(
  host: string,
  port: number,
  ms = connectMs,
): Promise<string | undefined> {
  return new Promise((resolve) => {
    const socket = connect({ host, port });
    const end = (code: string | undefined) => {
      socket.destroy();
      resolve(code);
    };
    socket.setTimeout(ms, () => end("ETIMEDOUT"));
    socket.once("connect", () => end(undefined));
    socket.once("error", (error) => end(codeOf(error)));
  });
}
