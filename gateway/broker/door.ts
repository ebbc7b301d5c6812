import { createServer, type Server, type Socket } from "node:net";
import type { Clock, Log } from "../../drivers/contract.ts";
import { GuardError, GuardedConnection } from "./guard.ts";
import {
  backlogBytesMax,
  brokerRate,
  clientRate,
  connectingMax,
  connectTimeoutMs,
} from "./limits.ts";
import { Repeats } from "./repeats.ts";
import { TokenBucket } from "./token-bucket.ts";

/** Quiet connections are probed, so that a client that lost its power does not hold a place for ever. */
const probeAfterMs = 30_000;

export interface DoorOptions {
  readonly maxClients: number;
  readonly maxPacket: number;
  readonly clock: Clock;
  readonly log: Log;
}

/** Takes connections in, each behind a guard, with a limit on how many and how long before their login. */
export class Door {
  readonly server: Server;
  readonly #options: DoorOptions;
  readonly #enter: (connection: GuardedConnection) => void;
  readonly #connecting = new Set<GuardedConnection>();
  readonly #open = new Set<GuardedConnection>();
  readonly #repeats = new Repeats();
  readonly #brokerBucket: TokenBucket;

  constructor(options: DoorOptions, enter: (connection: GuardedConnection) => void) {
    this.#options = options;
    this.#enter = enter;
    this.#brokerBucket = new TokenBucket(brokerRate, options.clock.monotonicMs());
    this.server = createServer(
      { keepAlive: true, keepAliveInitialDelay: probeAfterMs, noDelay: true },
      (socket) => this.#accept(socket),
    );
    // One more than the oldest-goes rule needs: it must see a connection in order to close another for it.
    this.server.maxConnections = options.maxClients + connectingMax + 1;
  }

  /** Ends every connection and stops listening. */
  async close(): Promise<void> {
    for (const connection of this.#open) connection.destroy();
    await new Promise((resolve) => this.server.close(resolve));
  }

  #accept(socket: Socket): void {
    const { clock, maxClients, maxPacket } = this.#options;
    const connection = new GuardedConnection(socket, {
      packetBytesMax: maxPacket,
      backlogBytesMax: backlogBytesMax(maxClients, maxPacket),
      clock,
      buckets: [new TokenBucket(clientRate, clock.monotonicMs()), this.#brokerBucket],
      address: socket.remoteAddress ?? "",
    });
    this.#watch(connection);
    const [oldest] = this.#connecting;
    if (this.#connecting.size >= connectingMax) oldest?.refuse("too-many-connecting");
    this.#connecting.add(connection);
    this.#open.add(connection);
    this.#enter(connection);
  }

  #watch(connection: GuardedConnection): void {
    const { clock } = this.#options;
    const settled = new AbortController();
    connection.once("admitted", () => {
      settled.abort();
      this.#connecting.delete(connection);
    });
    connection.once("close", () => {
      settled.abort();
      this.#connecting.delete(connection);
      this.#open.delete(connection);
    });
    connection.on("error", (error) => this.#told(connection, error));
    clock.sleep(connectTimeoutMs, settled.signal).then(
      () => connection.refuse("connect-timeout"),
      () => undefined,
    );
  }

  #told(connection: GuardedConnection, error: Error): void {
    if (!(error instanceof GuardError)) return;
    const { address } = connection;
    const { reason } = error;
    const now = this.#options.clock.monotonicMs();
    const times = this.#repeats.count(`${address} ${reason}`, now);
    if (times === undefined) return;
    this.#options.log.warn("mqtt connection closed", { address, reason, times });
  }
}
