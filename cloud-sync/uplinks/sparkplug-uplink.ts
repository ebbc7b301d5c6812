import type { RoadSettings } from "../../config/roads.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  loadSparkplug,
  type Metric,
  type SparkplugCodec,
} from "../../drivers/mqtt/sparkplug-payload.ts";
import { decodeSamples } from "../../gateway/store/columns.ts";
import type { Lane } from "../../gateway/store/store.ts";
import type { SealKeys } from "../identity/seal.ts";
import {
  type Ack,
  type Batch,
  batchBytesMax,
  batchCompressedBytesMax,
  batchRowsMax,
  batchSchema,
  type GapDeclaration,
  type Hello,
  type Marks,
  type Noticed,
  requestDeadlineMs,
  schemaVersion,
  snapshotSchema,
  type Welcome,
} from "../protocol.ts";
import type { Inbox } from "../protocol-down.ts";
import { type BrokerAccount, brokerAccount } from "./broker-account.ts";
import { brokerFailure } from "./broker-failure.ts";
import { LetterUplink, unpacked } from "./letter-uplink.ts";
import { parsedJson } from "./message-envelope.ts";
import { MessageLine } from "./message-line.ts";
import { answerBytesMax, type UplinkParts } from "./mqtt-uplink.ts";
import {
  alarmReadings,
  type BirthPoint,
  Metrics,
  type Reading,
  readingOf,
} from "./sparkplug-metrics.ts";
import { Rewind } from "./sparkplug-rewind.ts";
import { EdgeSession } from "./sparkplug-session.ts";
import { type Parcel, type Uplink, UplinkError } from "./uplink.ts";

export type SparkplugSettings = Extract<RoadSettings, { via: "sparkplug" }>;

export interface SparkplugParts extends Omit<UplinkParts, "keys"> {
  /** Needed where the host is a Rackwatch central. */
  readonly keys?: SealKeys;
  /** Points with their newest samples, for births: `birthPointsOf(outbox)`. */
  readonly points?: () => readonly BirthPoint[];
  /** A test shortens it. */
  readonly hostWaitMs?: number;
}

/** Metrics in one message: some 10 KB. */
const metricsPerMessage = 250;

/** A host that is offline is waited for so long within one request; then the agent waits, and comes again. */
const hostWaitMs = 15_000;

/** Letters in payloads are cut to what brokers let through that nobody has set up for it. */
const letterBytesMax = 131_072;

/**
 * An edge node of Sparkplug B. For a foreign host rows count as there when the broker has read them and the host was online all
 * the while: each at least once. With `central` the host is a Rackwatch central, whose sealed answers count as over HTTP.
 */
export class SparkplugUplink implements Uplink, AsyncDisposable {
  readonly #settings: SparkplugSettings;
  readonly #with: SparkplugParts;
  readonly #codec: SparkplugCodec;
  readonly #account: BrokerAccount;
  readonly #metrics = new Metrics();
  readonly #rewind = new Rewind();
  readonly #closed = new AbortController();
  readonly #line: MessageLine | undefined;
  readonly #letters: LetterUplink | undefined;
  #marks: Partial<Record<Lane, number>> = {};
  #session: EdgeSession | undefined;
  #opening: Promise<EdgeSession> | undefined;
  /** A number that the deaths of a process before this one hardly have. */
  #bdSeq = Math.floor(Math.random() * 256);
  #heard: (id: string, envelope: Uint8Array) => void = () => undefined;

  constructor(settings: SparkplugSettings, parts: SparkplugParts, codec: SparkplugCodec) {
    this.#settings = settings;
    this.#with = parts;
    this.#codec = codec;
    const { keys, clock, text, certificate } = parts;
    this.#account = brokerAccount(settings.broker, { ...settings, certificate });
    if (!settings.central || keys === undefined) return;
    const { where } = this.#account;
    const line = this.#openLine(keys);
    const ask: MessageLine["ask"] = (...question) => line.ask(...question);
    this.#line = line;
    this.#letters = new LetterUplink({ ask, clock, text, where, messageBytesMax: letterBytesMax });
  }

  #openLine(keys: SealKeys): MessageLine {
    const { clock, text, deadlineMs, gatewayId, certificate } = this.#with;
    const { where } = this.#account;
    const late = deadlineMs === undefined ? {} : { deadlineMs };
    return new MessageLine({
      ...{ keys, clock, text, where, certificate, ...late },
      open: async (heard, signal) => {
        const session = await this.#born(signal);
        this.#heard = heard;
        return {
          lost: session.over,
          send: (kind, id, envelope) => session.letter(`${gatewayId}/${kind}/${id}`, envelope),
          close: () => session.retire(closed(where)),
        };
      },
    });
  }

  async hello(hello: Hello, signal: AbortSignal): Promise<Welcome> {
    return this.#inTime(signal, async (limit) => {
      await this.#born(limit);
      if (this.#letters !== undefined) return this.#letters.hello(hello, signal);
      const { events, samples } = hello.lanes;
      const marks = {
        events: Math.min(events.cursor, this.#marks.events ?? events.cursor),
        samples: Math.min(samples.cursor, this.#marks.samples ?? samples.cursor),
      };
      this.#marks = {};
      const limits = {
        ...{ rowsMax: batchRowsMax, bytesMax: batchBytesMax },
        compressedBytesMax: batchCompressedBytesMax,
      };
      return { schemaVersion, epoch: hello.epoch, marks, limits, ...this.#common() };
    });
  }

  async marks(): Promise<Marks> {
    const { message, todo } = this.#with.text.notCentral(this.#account.where);
    throw new UplinkError("sync/not-central", message, { where: this.#account.where, todo });
  }

  async push(parcel: Parcel, signal: AbortSignal): Promise<Ack> {
    const batch = batchSchema.parse(parsedJson(unpacked(parcel.body)));
    await this.#inTime(signal, (limit) => this.#deliver(batch, limit));
    if (this.#letters !== undefined) return this.#letters.push(parcel, signal);
    const { epoch, lane, firstSeq, lastSeq } = batch;
    this.#rewind.sent(lane, firstSeq, this.#with.clock.monotonicMs());
    return { epoch, lane, mark: lastSeq, rejected: [], ...this.#common() };
  }

  /** A host of SCADA has no word for what will never come. */
  async declare(gaps: GapDeclaration, signal: AbortSignal): Promise<Ack> {
    if (this.#letters !== undefined) return this.#letters.declare(gaps, signal);
    const { epoch, lane } = gaps;
    const mark = Math.max(...gaps.gaps.map(({ lastSeq }) => lastSeq));
    return { epoch, lane, mark, rejected: [], ...this.#common() };
  }

  async snapshot(parcel: Parcel, signal: AbortSignal): Promise<Noticed> {
    const snapshot = snapshotSchema.parse(parsedJson(unpacked(parcel.body)));
    const readings = decodeSamples(snapshot.columns).map(readingOf);
    await this.#inTime(signal, async (limit) => {
      const session = await this.#born(limit);
      await this.#tell(
        session,
        readings.filter((reading) => this.#metrics.isNewer(reading)),
      );
    });
    if (this.#letters !== undefined) return this.#letters.snapshot(parcel, signal);
    return this.#common();
  }

  async inbox(after: number, waitMs: number, signal: AbortSignal): Promise<Inbox> {
    if (this.#letters !== undefined) return this.#letters.inbox(after, waitMs, signal);
    await this.#with.clock.sleep(waitMs, signal);
    return { messages: [], after, ...this.#common() };
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closed.abort(closed(this.#account.where));
    await this.#line?.[Symbol.asyncDispose]();
    await this.#session?.retire(this.#closed.signal.reason);
  }

  #common() {
    return { generation: `sparkplug:${this.#settings.group}`, serverTime: this.#with.clock.now() };
  }

  /** The rows as metrics. Twice when the host asked for births meanwhile: it had missed something. */
  async #deliver(batch: Batch, limit: AbortSignal): Promise<void> {
    const readings = batch.blocks.flatMap(({ columns }) =>
      batch.lane === "events" ? alarmReadings(columns) : decodeSamples(columns).map(readingOf),
    );
    for (let attempt = 1; attempt <= 2; attempt += 1) {
      const session = await this.#born(limit);
      const { births } = session;
      await this.#tell(session, readings);
      // What a host says stands before the answer to the ping as well, if the broker had it.
      if (this.#letters === undefined) await session.ping();
      session.over.throwIfAborted();
      if (session.births === births) return;
    }
  }

  async #tell(session: EdgeSession, readings: readonly Reading[]): Promise<void> {
    const { clock, log } = this.#with;
    const born = new Set<string>();
    let strange = 0;
    const byDevice = new Map<string, Reading[]>();
    for (const reading of readings) {
      const isOther = this.#metrics.see(reading);
      if (isOther === true) born.add(reading.device);
      if (isOther === undefined) strange += 1;
      const others = byDevice.get(reading.device);
      if (others === undefined) byDevice.set(reading.device, [reading]);
      else others.push(reading);
    }
    if (strange > 0) log.warn("more metrics than a node may have", { values: strange });
    if (born.size > 0) await session.bearDevices(born);
    for (const [device, all] of byDevice) {
      for (let at = 0; at < all.length; at += metricsPerMessage) {
        const metrics = all
          .slice(at, at + metricsPerMessage)
          .map((reading) => this.#metrics.metric(reading, clock.now()))
          .filter((it): it is Metric => it !== undefined);
        if (metrics.length > 0) await session.data(device, metrics);
      }
    }
  }

  /** A session whose births the host has seen. @throws UplinkError also while the host is offline */
  async #born(limit: AbortSignal): Promise<EdgeSession> {
    this.#opening ??= this.#open().finally(() => {
      this.#opening = undefined;
    });
    const session = await this.#opening;
    limit.throwIfAborted();
    return session;
  }

  async #open(): Promise<EdgeSession> {
    const { host, group, node, central } = this.#settings;
    const { gatewayId, points, clock, log, hostWaitMs: waitMs = hostWaitMs } = this.#with;
    const { where } = this.#account;
    let session = this.#session;
    if (session === undefined || session.over.aborted) {
      if (session !== undefined) this.#doubt();
      this.#bdSeq = (this.#bdSeq + 1) % 256;
      session = await EdgeSession.open(
        {
          ...{ account: this.#account, group, host, clock, log },
          ...{ node: node ?? gatewayId, letters: central, codec: this.#codec },
          ...{ metrics: this.#metrics, packetBytesMax: answerBytesMax },
          answered: (id, envelope) => this.#heard(id, envelope),
          hostLeft: () => this.#hostLeft(),
        },
        this.#bdSeq,
        this.#closed.signal,
      );
      this.#session = session;
    }
    if (session.isBorn) return session;
    if (!(await session.hostOnline(waitMs, this.#closed.signal))) {
      session.over.throwIfAborted();
      throw this.#offline();
    }
    this.#metrics.learn(points?.() ?? []);
    await session.bear();
    log.info("node is born", { where, group, node: node ?? gatewayId });
    return session;
  }

  /** Host or broker ended: what either had and had not told the other yet is gone, and comes again after the next hello. */
  #doubt(): void {
    for (const [lane, mark] of this.#rewind.take(this.#with.clock.monotonicMs())) {
      this.#marks[lane] = Math.min(mark, this.#marks[lane] ?? mark);
    }
  }

  #offline(): UplinkError {
    const { where } = this.#account;
    const { message, todo } = this.#with.text.hostOffline(where, this.#settings.host ?? "");
    return new UplinkError("sync/busy", message, { where, todo, retryAfterMs: 1_000 });
  }

  /** [tck-id-message-flow-edge-node-birth-publish-phid-offline] */
  #hostLeft(): void {
    this.#doubt();
    void this.#session?.retire(this.#offline());
  }

  async #inTime<T>(signal: AbortSignal, work: (limit: AbortSignal) => Promise<T>): Promise<T> {
    const { text, deadlineMs = requestDeadlineMs } = this.#with;
    const deadline = AbortSignal.timeout(deadlineMs);
    const limit = AbortSignal.any([signal, deadline]);
    const late = Promise.withResolvers<never>();
    const end = () => late.reject(limit.reason);
    limit.addEventListener("abort", end, { once: true });
    try {
      return await Promise.race([work(limit), late.promise]);
    } catch (error) {
      signal.throwIfAborted();
      const { where } = this.#account;
      if (!deadline.aborted) throw brokerFailure(error, where, text, this.#with.certificate);
      const { message, todo } = text.brokerGone(where, "no answer in time");
      throw new UplinkError("sync/unreachable", message, { where, todo });
    } finally {
      limit.removeEventListener("abort", end);
    }
  }
}

function closed(where: string): RackwatchError {
  return new RackwatchError("driver/connection-lost", "the session was given up", { where });
}

/** A node of Sparkplug B. Nothing connects before the first request. */
export async function openSparkplugUplink(
  settings: SparkplugSettings,
  parts: SparkplugParts,
): Promise<Uplink & AsyncDisposable> {
  return new SparkplugUplink(settings, parts, await loadSparkplug());
}
