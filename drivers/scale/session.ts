import type { Connection } from "../connect.ts";
import type { DriverContext, PointKey, Sample, Session, Value } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { FramedWire } from "../framing/framed-wire.ts";
import { poll, Schedule } from "../poll.ts";
import { isOrder, type ScaleOrder } from "./abilities.ts";
import { Bell } from "./bell.ts";
import { Conversation } from "./conversation.ts";
import { Newest } from "./newest.ts";
import type { ScaleReading } from "./protocol.ts";
import { badSamples, samplesOf, type Weighing, weightKg } from "./samples.ts";
import type { ScaleSettings } from "./settings.ts";
import { Steadiness } from "./steadiness.ts";

/** Silence that a stream may make, in periods: one late weighing is no failure yet. */
const silencePeriods = 3;

/**
 * Without a byte for that long the connection is given up: an adapter that was pulled out gives a listener no sign,
 * nor does a TCP peer that lost its power give one to who asks it. A new port object finds out. A TCP listener is left
 * to the kernel, which probes an idle peer; on a serial line a question shows that the port is gone.
 */
export const deafMs = 60_000;

/** A frame that had begun when the stream was stopped, with the 16 ms in which USB adapters hold bytes back. */
const quietMs = 200;

/** Zero and tare wait until the load rests: scales give up after some seconds by themselves. */
const orderTimeoutMsMin = 5_000;

export interface SessionParts {
  readonly connection: Connection;
  readonly wire: FramedWire;
  readonly context: DriverContext;
}

/** One open scale: hears its stream, or asks it, and gives it commands. */
export class ScaleSession implements Session {
  readonly #settings: ScaleSettings;
  readonly #parts: SessionParts;
  readonly #conversation: Conversation;
  readonly #newest = new Newest();
  readonly #steadiness: Steadiness;
  readonly #bell = new Bell();
  readonly #closing = new AbortController();
  readonly #broken = new AbortController();
  readonly #signal: AbortSignal;
  readonly #ended: AbortSignal;
  readonly #listening: Promise<void>;

  constructor(settings: ScaleSettings, parts: SessionParts, signal: AbortSignal) {
    const { wire, context } = parts;
    this.#settings = settings;
    this.#parts = parts;
    this.#steadiness = new Steadiness(settings.steady);
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    this.#ended = AbortSignal.any([this.#signal, wire.lost, this.#broken.signal]);
    const { protocol, options } = settings;
    this.#conversation = new Conversation(
      {
        ...{ wire, protocol, options, clock: context.clock, log: context.log },
        heard: (reading) => this.#hear(reading),
      },
      this.#ended,
    );
    this.#listening = this.#conversation
      .listen()
      .catch((error: unknown) => this.#broken.abort(error));
  }

  /** @throws RackwatchError `driver/connection-lost` when the port or the scale's server is gone. */
  async *samples(): AsyncGenerator<readonly Sample[], void, undefined> {
    const batches =
      this.#settings.mode === "stream" ? this.#stream() : this.#ask(this.#settings.mode);
    try {
      yield* batches;
    } catch (error) {
      if (!this.#signal.aborted) throw error;
    }
    if (this.#signal.aborted) return;
    this.#broken.signal.throwIfAborted();
    this.#parts.wire.lost.throwIfAborted();
  }

  /**
   * `zero`, `tare` and `clear-tare` take `true`. Resolves when the scale confirmed, or at once where its language has
   * no confirmation.
   * @throws RackwatchError `driver/not-writable`, `driver/refused`, `driver/timeout`, `driver/unavailable`,
   * `driver/connection-lost`.
   */
  async write(point: PointKey, value: Value): Promise<void> {
    const order = this.#orderOf(point);
    if (order === undefined || value !== true)
      throw new RackwatchError("driver/not-writable", `${point} was not written`, {
        where: point,
        todo: "Write true to zero, tare or clear-tare of a scale that knows the command",
      });
    const timeoutMs = Math.max(this.#settings.timeoutMs, orderTimeoutMsMin);
    const reply = await this.#conversation.order(order, timeoutMs);
    if (reply.ok) return;
    throw new RackwatchError(
      "driver/refused",
      `The scale refused ${order}: ${reply.reason ?? "without a reason"}`,
      { where: point, todo: "Wait until the load rests, and look at the scale's display" },
    );
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#parts.wire[Symbol.asyncDispose]();
    await this.#parts.connection.close();
    await this.#listening;
  }

  #orderOf(point: PointKey): ScaleOrder | undefined {
    const { device, can } = this.#settings;
    if (!point.startsWith(`${device}/`)) return undefined;
    const name = point.slice(device.length + 1);
    return can.points.some((known) => known === name) && isOrder(name) ? name : undefined;
  }

  /** What the scale sends by itself, thinned to one weighing a period and every change. */
  async *#stream(): AsyncGenerator<readonly Sample[], void, undefined> {
    const { clock } = this.#parts.context;
    const { everyMs } = this.#settings;
    await this.#conversation.tell("stream");
    let startedMs = clock.monotonicMs();
    let dueMs = startedMs + everyMs;
    while (!this.#ended.aborted) {
      await this.#bell.wait(dueMs - clock.monotonicMs(), clock, this.#ended);
      for (const weighing of this.#newest.takeChanges()) yield this.#samples(weighing);
      const nowMs = clock.monotonicMs();
      if (nowMs < dueMs || this.#ended.aborted) continue;
      dueMs += everyMs * (Math.floor((nowMs - dueMs) / everyMs) + 1);
      this.#checkDeaf();
      const newest = this.#newest.takeNewest();
      if (newest !== undefined) yield this.#samples(newest);
      if (this.#isToStart(startedMs)) {
        startedMs = nowMs;
        await this.#conversation.tell("stream");
      }
      const reason = this.#silence();
      if (reason !== undefined) yield this.#bad(reason);
    }
  }

  /** Asks in every period, one question at a time. */
  async *#ask(mode: "poll" | "stable"): AsyncGenerator<readonly Sample[], void, undefined> {
    const { clock } = this.#parts.context;
    const { everyMs, timeoutMs } = this.#settings;
    await this.#conversation.quieten(quietMs);
    const schedule = new Schedule([{ item: mode, everyMs }], clock.monotonicMs());
    let reason = "timeout";
    for await (const _ of poll(schedule, clock, this.#ended)) {
      this.#checkDeaf();
      if (this.#conversation.restMs > 0) {
        yield this.#bad(reason);
        continue;
      }
      const askedMs = clock.monotonicMs();
      const reading = await this.#conversation.ask(mode, timeoutMs);
      if (this.#ended.aborted) return;
      if (reading === undefined) reason = this.#conversation.problem(askedMs);
      yield reading === undefined ? this.#bad(reason) : this.#samples(this.#weigh(reading));
    }
  }

  #hear(reading: ScaleReading): void {
    if (this.#settings.mode !== "stream") return;
    if (this.#newest.note(this.#weigh(reading))) this.#bell.ring();
  }

  #weigh(reading: ScaleReading): Weighing {
    const kg = weightKg(reading);
    if (kg === undefined) this.#steadiness.forget();
    const isSteady = kg !== undefined && this.#steadiness.note(kg);
    const flag = reading.status === "unstable" ? false : reading.stable;
    const sampledAt = this.#parts.context.clock.now();
    return { reading, stable: flag ?? (this.#settings.can.stable || isSteady), sampledAt };
  }

  /** Why a stream counts as silent; undefined while it does not. */
  #silence(): string | undefined {
    const sinceMs = this.#parts.context.clock.monotonicMs() - this.#silenceMs();
    if (this.#conversation.readingMs >= sinceMs) return undefined;
    this.#newest.forget();
    this.#steadiness.forget();
    return this.#conversation.problem(sinceMs);
  }

  #silenceMs(): number {
    return Math.max(silencePeriods * this.#settings.everyMs, this.#settings.timeoutMs);
  }

  /** A scale that lost its power has forgotten that it was to send: when it says so, or after a silence. */
  #isToStart(startedMs: number): boolean {
    const { readingMs, noticeMs } = this.#conversation;
    const silentMs = this.#parts.context.clock.monotonicMs() - Math.max(readingMs, startedMs);
    return (noticeMs > readingMs && noticeMs > startedMs) || silentMs >= this.#silenceMs();
  }

  #checkDeaf(): void {
    const { mode, port, protocol } = this.#settings;
    const { wire, context } = this.#parts;
    const isAsked = mode !== "stream" || protocol.command("stream") !== undefined;
    if (port.startsWith("tcp:") ? !isAsked : mode !== "stream") return;
    const limitMs = Math.max(deafMs, 2 * this.#silenceMs());
    if (context.clock.monotonicMs() - wire.receivedMs < limitMs) return;
    throw new RackwatchError("driver/connection-lost", "The scale has been silent for too long", {
      where: port,
      todo: "Check the power and the cable of the scale, its baudRate, and that it is set to send",
    });
  }

  #samples(weighing: Weighing): readonly Sample[] {
    return samplesOf(this.#settings.device, this.#settings.can.points, weighing);
  }

  #bad(reason: string): readonly Sample[] {
    const { device, can } = this.#settings;
    return badSamples(device, can.points, reason, this.#parts.context.clock.now());
  }
}
