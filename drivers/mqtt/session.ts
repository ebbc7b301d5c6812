import { randomBytes } from "node:crypto";
import type { DriverContext, MonotonicMs, PointKey, Sample, Session, Value } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { BrokerClient } from "./client.ts";
import type { WriteTarget } from "./plan.ts";
import type { Effect, Now, Reception } from "./reception.ts";
import { datatypes, type SparkplugCodec } from "./sparkplug-payload.ts";

const wokenReason = "woken";

/** How often it is logged that more comes than is taken. */
const conflatedLogMs = 60_000;

/** Longest pause of the loop when nothing is due; a message ends it. */
const pauseMsMax = 60_000;

export interface SessionParts {
  readonly client: BrokerClient;
  readonly reception: Reception;
  readonly targets: ReadonlyMap<PointKey, WriteTarget>;
  readonly context: DriverContext;
  readonly codec: SparkplugCodec | undefined;
}

/** A client id of our own for each connection: two clients of one id throw each other out for ever. */
export function randomClientId(): string {
  return `rackwatch-${randomBytes(6).toString("hex")}`;
}

/** One login at a broker: waits for messages, and publishes what is to be written. */
export class MqttSession implements Session {
  readonly #parts: SessionParts;
  readonly #signal: AbortSignal;
  readonly #closing = new AbortController();
  /** What outputs were told last, for devices that come back without memory. */
  readonly #told = new Map<PointKey, string>();
  #pause = new AbortController();
  #conflated = 0;
  #loggedMs: MonotonicMs = Number.NEGATIVE_INFINITY;

  constructor(parts: SessionParts, signal: AbortSignal) {
    this.#parts = parts;
    this.#signal = AbortSignal.any([signal, this.#closing.signal]);
    const wake = () => this.wake();
    this.#signal.addEventListener("abort", wake, { once: true });
    parts.client.lost.addEventListener("abort", wake, { once: true });
    parts.client.listen((message) => {
      parts.reception.hear(message, this.#now());
      wake();
    });
  }

  /** @throws RackwatchError `driver/connection-lost` when the broker is gone. */
  async *samples(): AsyncGenerator<readonly Sample[], void, undefined> {
    const { reception, client } = this.#parts;
    while (!this.#signal.aborted && !client.lost.aborted) {
      const now = this.#now();
      reception.tick(now);
      this.#carryOut(reception.takeEffects());
      this.#logConflated(now.mono);
      const samples = reception.take(now.mono);
      if (samples.length > 0) yield samples;
      else await this.#wait(now.mono);
    }
    if (!this.#signal.aborted) client.lost.throwIfAborted();
  }

  /**
   * Resolves when the broker has it; whether the device is there tells its availability.
   * @throws RackwatchError `driver/not-writable`, `driver/timeout`, `driver/connection-lost`, `driver/unavailable`.
   */
  async write(point: PointKey, value: Value): Promise<void> {
    const target = this.#parts.targets.get(point);
    if (target === undefined)
      throw new RackwatchError("driver/not-writable", `${point} cannot be written`, {
        where: point,
        todo: "Give the point `access: write` and a command",
      });
    const payload = payloadOf(target, value);
    this.#told.set(point, payload);
    await this.#parts.client.publish(target.topic, payload, 1);
  }

  /** Ends the present pause: something may be due. */
  wake(): void {
    // Not again for each message of a flood: every abort() makes an exception of its own.
    if (!this.#pause.signal.aborted) this.#pause.abort(wokenReason);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#closing.abort();
    await this.#parts.client.close();
  }

  async #wait(nowMs: MonotonicMs): Promise<void> {
    if (this.#pause.signal.aborted) {
      this.#pause = new AbortController();
      // What came between the look and now is looked at again before the next pause.
      return;
    }
    const dueMs = this.#parts.reception.nextMs() ?? Number.POSITIVE_INFINITY;
    const waitMs = Math.min(pauseMsMax, Math.max(0, Math.ceil(dueMs - nowMs)));
    await this.#parts.context.clock.sleep(waitMs, this.#pause.signal).catch(() => undefined);
  }

  #carryOut(effects: readonly Effect[]): void {
    for (const effect of effects) {
      if (effect.is === "rebirth") this.#askForBirth(effect.group, effect.node);
      else this.#tellAgain(effect.device);
    }
  }

  #askForBirth(group: string, node: string): void {
    const { codec, context } = this.#parts;
    if (codec === undefined) return;
    const metric = { name: "Node Control/Rebirth", datatype: datatypes.boolean, value: true };
    const payload = codec.encode({ timestamp: context.clock.now(), metrics: [metric] });
    context.log.info("sparkplug rebirth asked for", { group, node });
    this.#publish(`spBv1.0/${group}/NCMD/${node}`, payload, 0);
  }

  #tellAgain(device: string): void {
    for (const [point, payload] of this.#told) {
      const target = this.#parts.targets.get(point);
      if (target?.device === device) this.#publish(target.topic, payload, 1);
    }
  }

  /** Nobody waits for it: a broker that does not take it is told by the loss of the connection. */
  #publish(topic: string, payload: string | Uint8Array, qos: 0 | 1): void {
    this.#parts.client.publish(topic, payload, qos).catch((error: unknown) => {
      this.#parts.context.log.debug("mqtt message not sent", { topic, err: error });
    });
  }

  #logConflated(nowMs: MonotonicMs): void {
    const { conflated } = this.#parts.reception;
    const count = conflated - this.#conflated;
    // One or two are everyday: a message between two of the reader's looks.
    if (count < 1_000 || nowMs - this.#loggedMs < conflatedLogMs) return;
    this.#parts.context.log.warn("mqtt messages conflated: only the newest were read", { count });
    this.#conflated = conflated;
    this.#loggedMs = nowMs;
  }

  #now(): Now {
    const { clock } = this.#parts.context;
    return { at: clock.now(), mono: clock.monotonicMs() };
  }
}

function payloadOf({ payload, on, off }: WriteTarget, value: Value): string {
  const word = typeof value === "boolean" ? (value ? on : off) : String(value);
  return payload.replaceAll("{value}", () => word);
}
