import type { DriverContext, PointKey, Sample, Session, Value } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { GpioBackend } from "./backend.ts";
import { failSafeLevels, type Level, levelOf, plannedPoints } from "./plan.ts";
import type { GpioChannel } from "./schema.ts";

interface Waiting {
  level: Level;
  value: boolean;
  readonly done: Promise<void>;
}

interface Output {
  readonly key: PointKey;
  readonly line: number;
  readonly activeLow: boolean;
  running: Promise<void>;
  /** At most one write waits behind the running one; a newer value takes its place, for only the last state counts. */
  waiting: Waiting | undefined;
}

/** Drives the outputs of one channel and echoes as samples what was written to them. */
export class GpioSession implements Session {
  readonly #channel: GpioChannel;
  readonly #backend: GpioBackend;
  readonly #context: DriverContext;
  readonly #outputs: ReadonlyMap<string, Output>;
  /** The newest unread sample of each point: bounded by the number of points, older echoes are dropped. */
  readonly #fresh = new Map<PointKey, Sample>();
  #wake: (() => void) | undefined;
  #lost: RackwatchError | undefined;
  #disposed: Promise<void> | undefined;

  constructor(
    channel: GpioChannel,
    backend: GpioBackend,
    context: DriverContext,
    signal: AbortSignal,
  ) {
    this.#channel = channel;
    this.#backend = backend;
    this.#context = context;
    this.#outputs = new Map(
      plannedPoints(channel).map(({ key, settings: { line, activeLow } }) => [
        key,
        { key, line, activeLow, running: Promise.resolve(), waiting: undefined },
      ]),
    );
    for (const { key } of this.#outputs.values()) this.#echo(key, false);
    signal.addEventListener("abort", () => this.#wake?.(), { once: true });
    this.#ends = () => signal.aborted || this.#disposed !== undefined;
  }

  readonly #ends: () => boolean;

  async *samples(): AsyncGenerator<readonly Sample[], void, undefined> {
    while (!this.#ends()) {
      if (this.#lost !== undefined) throw this.#lost;
      if (this.#fresh.size > 0) {
        const batch = [...this.#fresh.values()];
        this.#fresh.clear();
        yield batch;
        continue;
      }
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
  }

  /** Booleans and 0 or 1. @throws RackwatchError `driver/not-writable` for another point or value. */
  write(point: PointKey, value: Value): Promise<void> {
    const output = this.#outputs.get(point);
    const on = value === true || value === 1;
    if (output === undefined || (!on && value !== false && value !== 0)) {
      const message =
        output === undefined ? `${point} is no output of this channel` : `${point} is on or off`;
      return Promise.reject(
        new RackwatchError("driver/not-writable", message, {
          where: point,
          todo: output === undefined ? "check the name of the output" : "write true or false",
        }),
      );
    }
    return this.#enqueue(output, on);
  }

  /** The backend lost a line: the iteration ends with this error and the supervisor reopens. */
  lose(error: RackwatchError): void {
    this.#lost ??= error;
    this.#wake?.();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#close();
    this.#wake?.();
    return this.#disposed;
  }

  #enqueue(output: Output, value: boolean): Promise<void> {
    const level = levelOf(value, output.activeLow);
    const { waiting } = output;
    if (waiting !== undefined) {
      waiting.level = level;
      waiting.value = value;
      return waiting.done;
    }
    const done = output.running.then(() => {
      const next = output.waiting;
      output.waiting = undefined;
      return next === undefined ? undefined : this.#drive(output, next);
    });
    output.waiting = { level, value, done };
    output.running = done.catch(() => undefined);
    return done;
  }

  async #drive(output: Output, { level, value }: Waiting): Promise<void> {
    try {
      await this.#backend.write(output.line, level);
    } catch (error) {
      if (error instanceof RackwatchError) this.#echoFailure(output.key, error.code);
      throw error;
    }
    this.#echo(output.key, value);
  }

  #echo(point: PointKey, value: boolean): void {
    this.#put({ point, sampledAt: this.#context.clock.now(), quality: "good", value });
  }

  #echoFailure(point: PointKey, reason: string): void {
    this.#put({ point, sampledAt: this.#context.clock.now(), quality: "bad", reason });
  }

  #put(sample: Sample): void {
    this.#fresh.set(sample.point, sample);
    this.#wake?.();
  }

  async #close(): Promise<void> {
    await Promise.all([...this.#outputs.values()].map(({ running }) => running));
    const levels = failSafeLevels(this.#channel);
    const done = await Promise.allSettled(
      levels.map(({ line, level }) => this.#backend.write(line, level)),
    );
    await this.#backend.release();
    const failed = done.filter((it) => it.status === "rejected").map((it) => String(it.reason));
    if (failed.length > 0) this.#context.log.warn("gpio-fail-safe-incomplete", { failed });
  }
}
