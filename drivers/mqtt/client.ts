import type { MqttClient } from "mqtt";
import { RackwatchError } from "../errors.ts";
import type { MqttWire } from "./wire.ts";

export interface ClientOptions {
  /** As it stands in YAML, for messages. */
  readonly where: string;
  readonly clientId: string;
  readonly user: string | undefined;
  readonly password: string | undefined;
  readonly keepAliveMs: number;
  readonly timeoutMs: number;
  /** What the broker publishes when this session ends without a goodbye. */
  readonly will?: Will;
}

export interface Will {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly qos: 0 | 1;
  readonly retain: boolean;
}

export interface Received {
  readonly topic: string;
  readonly payload: Uint8Array;
  readonly retained: boolean;
}

/** Topics in one SUBSCRIBE, so that its packet stays below what brokers take. */
const subscriptionsPerPacket = 50;

/** Commands that wait for the broker's confirmation. More: refused, as a lamp that lags by dozens is no lamp. */
const unconfirmedMax = 64;

/** One session with a broker, from CONNACK to its end. It never reconnects: whoever opened it does. */
export class BrokerClient {
  readonly #client: MqttClient;
  readonly #options: ClientOptions;
  readonly #lost = new AbortController();
  #unconfirmed = 0;
  #closing = false;

  private constructor(client: MqttClient, options: ClientOptions) {
    this.#client = client;
    this.#options = options;
    client.on("close", () => this.#lose(undefined));
    client.on("error", (error) => this.#lose(error));
  }

  /**
   * Logs in over a wire that is open. The wire is closed when that fails.
   * @throws RackwatchError `driver/refused` for a wrong user, password or client id, `driver/unavailable`,
   * `driver/timeout`, `driver/connection-lost`.
   */
  static async open(wire: MqttWire, options: ClientOptions): Promise<BrokerClient> {
    // Loaded here: 20 MB that gateways without MQTT devices need not hold.
    const { MqttClient: Client } = await import("mqtt");
    const client = new Client(() => wire, {
      protocolVersion: 4,
      clientId: options.clientId,
      clean: true,
      keepalive: Math.max(1, Math.round(options.keepAliveMs / 1_000)),
      connectTimeout: options.timeoutMs,
      // The supervisor reconnects. The library would give up for good after a refused CONNACK.
      reconnectPeriod: 0,
      resubscribe: false,
      // By default it keeps every message that is published while there is no connection.
      queueQoSZero: false,
      ...(options.user === undefined ? {} : { username: options.user }),
      ...(options.password === undefined ? {} : { password: options.password }),
      ...(options.will === undefined ? {} : { will: asWill(options.will) }),
    });
    client.on("error", () => undefined);
    try {
      await new Promise<void>((resolve, reject) => {
        client.once("connect", () => resolve());
        client.once("error", reject);
        client.once("close", () => reject(new Error("closed")));
      });
    } catch (error) {
      client.end(true);
      wire.destroy();
      throw loginError(options, error);
    }
    return new BrokerClient(client, options);
  }

  /** Aborted with a RackwatchError when the connection is gone. */
  get lost(): AbortSignal {
    return this.#lost.signal;
  }

  /** The payload is the library's: it is copied by whoever keeps it. */
  listen(heard: (message: Received) => void): void {
    this.#client.on("message", (topic, payload, { retain }) =>
      heard({ topic, payload, retained: retain }),
    );
  }

  /**
   * Like `listen`, but the next message is taken, and this one acknowledged, when `take` resolves: what is not taken yet
   * waits at the broker. Nothing else is read meanwhile, not even confirmations.
   */
  takeInTurn(take: (message: Received) => Promise<void>): void {
    this.#client.handleMessage = ({ topic, payload, retain }, done) => {
      take({ topic: String(topic), payload: Buffer.from(payload), retained: retain === true }).then(
        () => done(),
        (error: unknown) => {
          done();
          this.#lose(error);
        },
      );
    };
  }

  /**
   * Resolves when the broker has read everything that was sent before: it takes the packets of a connection in their order.
   * @throws RackwatchError `driver/connection-lost`, `driver/timeout`.
   */
  async ping(): Promise<void> {
    const client = this.#client;
    let heard: (packet: { readonly cmd: string }) => void = () => undefined;
    try {
      await this.#timed<undefined>("ping", (done) => {
        heard = ({ cmd }) => cmd === "pingresp" && done(null, undefined);
        client.on("packetreceive", heard);
        client.sendPing();
      });
    } finally {
      client.off("packetreceive", heard);
    }
  }

  /**
   * Resolves to the topics that the broker does not let us hear.
   * @throws RackwatchError `driver/connection-lost`, `driver/timeout`.
   */
  async subscribe(topics: readonly string[], qos: 0 | 1): Promise<readonly string[]> {
    const refused: string[] = [];
    for (let at = 0; at < topics.length; at += subscriptionsPerPacket) {
      const batch = topics.slice(at, at + subscriptionsPerPacket);
      const granted = await this.#timed<readonly unknown[]>("subscribe", (done) =>
        // With an error when a single one is refused: the codes stand in the packet all the same.
        this.#client.subscribe([...batch], { qos }, (error, _, packet) => {
          if (packet === undefined) done(error ?? new Error("no answer"), []);
          else done(null, packet.granted);
        }),
      );
      refused.push(...batch.filter((_, index) => (Number(granted[index] ?? 128) & 0x80) !== 0));
    }
    return refused;
  }

  /**
   * Resolves when the broker confirmed it (QoS 1), or when it was sent (QoS 0).
   * @throws RackwatchError `driver/connection-lost`, `driver/timeout`, `driver/unavailable`.
   */
  async publish(
    topic: string,
    payload: string | Uint8Array,
    qos: 0 | 1,
    retain = false,
  ): Promise<void> {
    if (this.#unconfirmed >= unconfirmedMax)
      throw this.#error("driver/unavailable", "The broker confirms nothing");
    this.#unconfirmed += 1;
    try {
      await this.#timed<undefined>("publish", (done) =>
        this.#client.publish(topic, Buffer.from(payload), { qos, retain }, (error) =>
          done(error ?? null, undefined),
        ),
      );
    } finally {
      this.#unconfirmed -= 1;
    }
  }

  /** Says goodbye and releases the connection, without waiting for the broker. */
  async close(): Promise<void> {
    if (this.#closing) return;
    this.#closing = true;
    const gone = new Promise<void>((resolve) => this.#client.stream.once("close", () => resolve()));
    const isOpen = !this.#client.stream.destroyed;
    // Without DISCONNECT a broker would take our end for a crash.
    if (this.#client.connected) this.#client.stream.write(Buffer.from([0xe0, 0]));
    this.#client.end(true);
    if (isOpen) await gone;
  }

  #lose(cause: unknown): void {
    if (this.#closing || this.#lost.signal.aborted) return;
    this.#lost.abort(this.#error("driver/connection-lost", "The broker is gone", cause));
    this.#client.stream.destroy();
  }

  #error(
    code: "driver/connection-lost" | "driver/timeout" | "driver/unavailable",
    message: string,
    cause?: unknown,
  ) {
    const todo = "Check the broker and the network; the gateway reconnects by itself";
    return new RackwatchError(code, message, { where: this.#options.where, todo, cause });
  }

  async #timed<T>(
    what: string,
    start: (done: (error: Error | null, value: T) => void) => unknown,
  ): Promise<T> {
    this.#lost.signal.throwIfAborted();
    const outcome = Promise.withResolvers<T>();
    const lose = () => outcome.reject(this.#lost.signal.reason);
    this.#lost.signal.addEventListener("abort", lose, { once: true });
    const timer = setTimeout(
      () => outcome.reject(this.#error("driver/timeout", `The broker did not answer: ${what}`)),
      this.#options.timeoutMs,
    );
    try {
      start((error, value) => (error === null ? outcome.resolve(value) : outcome.reject(error)));
      return await outcome.promise;
    } catch (error) {
      if (error instanceof RackwatchError) throw error;
      this.#lost.signal.throwIfAborted();
      throw this.#error("driver/connection-lost", `The broker did not take it: ${what}`, error);
    } finally {
      clearTimeout(timer);
      this.#lost.signal.removeEventListener("abort", lose);
    }
  }
}

function asWill({ topic, payload, qos, retain }: Will) {
  return { topic, payload: Buffer.from(payload), qos, retain };
}

/** By the code of CONNACK. [MQTT-3.2.2.3] */
const refusals: Readonly<Record<number, readonly [string, string]>> = {
  1: ["The broker does not speak MQTT 3.1.1", "Allow MQTT 3.1.1 on the broker"],
  2: ["The broker does not accept the client id", "Change clientId, or leave it out"],
  4: ["The broker refused user or password", "Correct user and password"],
  5: ["The broker does not let this user in", "Correct user and password, or the broker's rules"],
};

function loginError({ where, timeoutMs }: ClientOptions, cause: unknown): RackwatchError {
  const code = cause instanceof Error && "code" in cause ? Number(cause.code) : Number.NaN;
  const refusal = refusals[code];
  if (refusal !== undefined) {
    const [message, todo] = refusal;
    return new RackwatchError("driver/refused", message, { where, todo, cause });
  }
  if (code === 3)
    return new RackwatchError("driver/unavailable", "The broker is not available now", {
      where,
      todo: "Look into the broker's log; the gateway tries again by itself",
      cause,
    });
  if (cause instanceof Error && cause.message === "connack timeout")
    return new RackwatchError("driver/timeout", `No login within ${timeoutMs} ms`, {
      where,
      todo: "Check that an MQTT broker listens on this port",
      cause,
    });
  return new RackwatchError("driver/connection-lost", "The broker closed before the login", {
    where,
    todo: "Check the port number (8883 needs tls://), and the broker's log",
    cause,
  });
}
