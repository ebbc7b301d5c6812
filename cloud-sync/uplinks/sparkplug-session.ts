import type { Clock, Log } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { BrokerClient } from "../../drivers/mqtt/client.ts";
import {
  datatypes,
  type Metric,
  type SparkplugCodec,
} from "../../drivers/mqtt/sparkplug-payload.ts";
import { type BrokerAccount, openSession, randomClientId, subscribeAll } from "./broker-account.ts";
import type { Metrics } from "./sparkplug-metrics.ts";
import {
  answerMetric,
  bdSeqMetric,
  type HostState,
  hostStateAfter,
  letterMetric,
  type MessageType,
  rebirthMetric,
  sparkplugTopic,
  stateTopic,
} from "./sparkplug-topics.ts";

export interface EdgeOptions {
  readonly account: BrokerAccount;
  readonly group: string;
  readonly node: string;
  /** Absent: whoever listens, nobody is waited for. */
  readonly host: string | undefined;
  /** True: letters and answers are among the metrics. */
  readonly letters: boolean;
  readonly codec: SparkplugCodec;
  readonly metrics: Metrics;
  readonly clock: Clock;
  readonly log: Log;
  readonly packetBytesMax: number;
  /** A sealed answer of a Rackwatch central. */
  readonly answered: (id: string, envelope: Uint8Array) => void;
  /** The primary host went offline while this node was born. */
  readonly hostLeft: () => void;
}

/** One connection of an edge node: its will, its births, its sequence, its death. [Sparkplug B 3.0.0, 5 and 6] */
export class EdgeSession {
  readonly #with: EdgeOptions;
  readonly #client: BrokerClient;
  readonly #bdSeq: number;
  readonly #over = new AbortController();
  readonly #waiting = new Set<() => void>();
  #host: HostState | undefined;
  #isBorn = false;
  #seq = 0;
  #births = 0;
  #rebirthIsDue = false;
  #turn: Promise<unknown> = Promise.resolve();

  private constructor(options: EdgeOptions, client: BrokerClient, bdSeq: number) {
    this.#with = options;
    this.#client = client;
    this.#bdSeq = bdSeq;
    client.lost.addEventListener("abort", () => this.#over.abort(client.lost.reason), {
      once: true,
    });
  }

  /** Connects with the certificate of death as its will. Not born yet. @throws RackwatchError `driver/...` */
  static async open(
    options: EdgeOptions,
    bdSeq: number,
    signal: AbortSignal,
  ): Promise<EdgeSession> {
    const { account, group, node, host, codec, clock, log, packetBytesMax } = options;
    const will = {
      topic: sparkplugTopic(group, "NDEATH", node),
      payload: codec.encode(deathOf(bdSeq, clock.now())),
      ...({ qos: 1, retain: false } as const),
    };
    const client = await openSession(
      account,
      {
        ...{ clientId: randomClientId(), packetBytesMax, will },
        oversized: (topic, bytes) => log.warn("message too large", { topic, bytes }),
      },
      signal,
    );
    try {
      const session = new EdgeSession(options, client, bdSeq);
      const commands = sparkplugTopic(group, "NCMD", node);
      client.listen(({ topic, payload, retained }) => {
        if (host !== undefined && topic === stateTopic(host)) session.#heardHost(payload);
        else if (topic === commands && !retained) session.#heardCommand(payload);
      });
      const topics = [commands, ...(host === undefined ? [] : [stateTopic(host)])];
      await subscribeAll(client, topics, account.where);
      return session;
    } catch (error) {
      await client.close();
      throw error;
    }
  }

  /** Aborted with the reason when nothing can be sent any more. */
  get over(): AbortSignal {
    return this.#over.signal;
  }

  get isBorn(): boolean {
    return this.#isBorn;
  }

  /** How often the node was born in this session: another number means that the host had lost something. */
  get births(): number {
    return this.#births;
  }

  get hostIsOnline(): boolean {
    return this.#with.host === undefined || this.#host?.online === true;
  }

  /** Resolves when the host is online, the time is up, or the session over. */
  async hostOnline(waitMs: number, signal: AbortSignal): Promise<boolean> {
    if (this.hostIsOnline) return true;
    const { clock } = this.#with;
    const heard = new AbortController();
    const wake = () => heard.abort();
    this.#waiting.add(wake);
    await clock
      .sleep(waitMs, AbortSignal.any([heard.signal, signal, this.over]))
      .catch(() => undefined);
    this.#waiting.delete(wake);
    return this.hostIsOnline;
  }

  /** NBIRTH with sequence number 0, then a DBIRTH of each device. */
  bear(): Promise<void> {
    return this.#inTurn(async () => {
      const { metrics, clock } = this.#with;
      this.#rebirthIsDue = false;
      this.#seq = 0;
      await this.#publish("NBIRTH", undefined, this.#nodeMetrics());
      for (const device of metrics.devices) {
        await this.#publish("DBIRTH", device, metrics.birth(device, clock.now()));
      }
      this.#isBorn = true;
      this.#births += 1;
    });
  }

  /** Devices that have metrics which the host does not know. */
  bearDevices(devices: Iterable<string>): Promise<void> {
    return this.#inTurn(async () => {
      const { metrics, clock } = this.#with;
      for (const device of devices) {
        await this.#publish("DBIRTH", device, metrics.birth(device, clock.now()));
      }
    });
  }

  data(device: string | undefined, metrics: readonly Metric[], body?: Uint8Array): Promise<void> {
    const type = device === undefined ? "NDATA" : "DDATA";
    return this.#inTurn(() => this.#publish(type, device, metrics, body));
  }

  letter(place: string, body: Uint8Array): Promise<void> {
    const timestamp = Math.round(this.#with.clock.now());
    const metric = { name: letterMetric, timestamp, datatype: datatypes.string, value: place };
    return this.data(undefined, [metric], body);
  }

  /** Resolves when the broker has read all that was sent before. */
  ping(): Promise<void> {
    return this.#client.ping();
  }

  /** Dies on purpose: NDEATH, then the goodbye. [tck-id-operational-behavior-edge-node-intentional-disconnect-ndeath] */
  async retire(reason: unknown): Promise<void> {
    const { group, node, codec, clock } = this.#with;
    const wasOver = this.over.aborted;
    this.#over.abort(reason);
    if (!wasOver && this.#isBorn) {
      const death = codec.encode(deathOf(this.#bdSeq, clock.now()));
      await this.#client
        .publish(sparkplugTopic(group, "NDEATH", node), death, 1)
        .catch(() => undefined);
    }
    await this.#client.close();
  }

  #nodeMetrics(): readonly Metric[] {
    const timestamp = Math.round(this.#with.clock.now());
    const text = { timestamp, datatype: datatypes.string, isNull: true };
    return [
      bdSeqMetric(this.#bdSeq, timestamp),
      { name: rebirthMetric, timestamp, datatype: datatypes.boolean, value: false },
      ...(this.#with.letters
        ? [
            { name: letterMetric, ...text },
            { name: answerMetric, ...text },
          ]
        : []),
    ];
  }

  async #publish(
    type: MessageType,
    device: string | undefined,
    metrics: readonly Metric[],
    body?: Uint8Array,
  ): Promise<void> {
    const { group, node, codec, clock } = this.#with;
    this.over.throwIfAborted();
    const seq = this.#seq;
    // [tck-id-payloads-sequence-num-incrementing]
    this.#seq = (seq + 1) % 256;
    const payload = { timestamp: Math.round(clock.now()), seq, metrics };
    const bytes = codec.encode(body === undefined ? payload : { ...payload, body });
    // Everything but deaths and states goes at QoS 0. [tck-id-topics-nbirth-mqtt]
    await this.#client.publish(sparkplugTopic(group, type, node, device), bytes, 0);
  }

  /** Births and data never mix: who asks for a birth in the middle of a batch gets it between two messages. */
  #inTurn<T>(work: () => Promise<T>): Promise<T> {
    const next = this.#turn.then(work);
    this.#turn = next.catch(() => undefined);
    return next;
  }

  #heardHost(payload: Uint8Array): void {
    this.#host = hostStateAfter(this.#host, payload);
    if (this.#host?.online === true) {
      for (const wake of this.#waiting) wake();
    } else if (this.#isBorn && !this.over.aborted) {
      this.#with.hostLeft();
    }
  }

  #heardCommand(payload: Uint8Array): void {
    for (const { name, value } of this.#with.codec.decode(payload)?.metrics ?? []) {
      if (name === rebirthMetric && value === true && this.#isBorn) this.#bearAgain();
      if (name !== answerMetric || typeof value !== "string") continue;
      const body = this.#with.codec.decode(payload)?.body;
      if (body !== undefined) this.#with.answered(value, body);
    }
  }

  /** Once for all who ask while it is not done. */
  #bearAgain(): void {
    if (this.#rebirthIsDue) return;
    this.#rebirthIsDue = true;
    this.bear().catch((error: unknown) => {
      if (!this.over.aborted && !(error instanceof RackwatchError)) this.#over.abort(error);
    });
  }
}

function deathOf(bdSeq: number, at: number) {
  return { timestamp: Math.round(at), metrics: [bdSeqMetric(bdSeq, at)] };
}
