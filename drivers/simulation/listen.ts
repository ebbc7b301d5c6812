import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { parseAddress } from "../address.ts";
import { connect, type SerialSettings } from "../connect.ts";
import { RackwatchError } from "../errors.ts";
import { type Faults, FaultyWire } from "./faulty-wire.ts";

export type { Faults } from "./faulty-wire.ts";

/** The far end of a wire: answers, or sends by itself. */
export interface SimulatedDevice {
  /** Once for every connection. `wire` ends when its peer goes; what is returned is disposed of then. */
  attach(wire: Duplex): Disposable;
}

export interface Simulator {
  /** As it stands in `port:` of a channel; for a serial line the simulator's own end. */
  readonly address: string;
  /** In place of the faults before; also for connections that are open. */
  setFaults(faults: Faults): void;
  /** Drops every connection: `reset` as a device that lost power and came back, `close` in order. Listens on. */
  cut(how?: "reset" | "close"): void;
  stop(): Promise<void>;
}

export interface ListenSettings {
  /** 9600 8N1 unless told. */
  readonly serial?: SerialSettings;
}

/** Far above what any device server takes; more are dropped on arrival. */
const connectionsMax = 64;

interface Link {
  readonly stream: Duplex;
  readonly wire: FaultyWire;
  readonly device: Disposable;
}

/**
 * Puts a simulated device on a real wire: `tcp://127.0.0.1:0` (a free port) or `serial:/path` (one end of a pair).
 * @throws RackwatchError `driver/port-busy`, `driver/connect-failed`, and what `connect` throws for serial lines.
 */
export async function listen(
  address: string,
  device: SimulatedDevice,
  settings: ListenSettings = {},
): Promise<Simulator> {
  const links = new Set<Link>();
  let faults: Faults = {};
  const attach = (stream: Duplex) => {
    const wire = new FaultyWire(stream, () => faults);
    wire.on("error", () => undefined);
    const link = { stream, wire, device: device.attach(wire) };
    links.add(link);
    wire.once("close", () => {
      links.delete(link);
      link.device[Symbol.dispose]();
    });
  };
  const setFaults = (next: Faults) => {
    faults = next;
    for (const { wire } of links) wire.refresh();
  };
  const cut = (how: "reset" | "close" = "reset") => {
    for (const { stream, wire } of links) {
      drop(stream, how);
      wire.destroy();
    }
  };
  // Port 0, any free one, is an address to listen on but none to connect to.
  const isAnyPort = /^tcp:.*:0$/.test(address);
  const parsed = parseAddress(isAnyPort ? address.replace(/:0$/, ":1") : address);
  if (parsed.kind === "serial") {
    const connection = await connect(address, settings, new AbortController().signal);
    attach(connection.stream);
    const stop = async () => {
      for (const { wire } of links) wire.destroy();
      await connection.close();
    };
    return { address, setFaults, cut, stop };
  }
  const { host } = parsed;
  const server = createServer({ noDelay: true }, (socket) => {
    socket.on("error", () => undefined);
    if (faults.refuse === true) socket.resetAndDestroy();
    else attach(socket);
  });
  const port = await listenTcp(server, address, host, isAnyPort ? 0 : parsed.port);
  const stop = async () => {
    const closed = new Promise<void>((resolve) => server.close(() => resolve()));
    cut("reset");
    await closed;
  };
  return { address: tcpAddress(host, port), setFaults, cut, stop };
}

function drop(stream: Duplex, how: "reset" | "close"): void {
  if (isSocket(stream) && how === "reset") stream.resetAndDestroy();
  else stream.destroy();
}

function isSocket(stream: Duplex): stream is Socket {
  return "resetAndDestroy" in stream;
}

function tcpAddress(host: string, port: number): string {
  return host.includes(":") ? `tcp://[${host}]:${port}` : `tcp://${host}:${port}`;
}

async function listenTcp(
  server: Server,
  address: string,
  host: string,
  port: number,
): Promise<number> {
  server.maxConnections = connectionsMax;
  try {
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen({ host, port }, () => {
        server.off("error", reject);
        resolve();
      });
    });
  } catch (cause) {
    const isTaken = cause instanceof Error && "code" in cause && cause.code === "EADDRINUSE";
    throw new RackwatchError(
      isTaken ? "driver/port-busy" : "driver/connect-failed",
      isTaken ? "Another program listens there already" : "It is impossible to listen there",
      { where: address, todo: "Choose another host or port; port 0 takes any free one", cause },
    );
  }
  const bound = server.address();
  return typeof bound === "object" && bound !== null ? bound.port : port;
}
