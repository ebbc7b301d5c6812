import type { DriverContext, PointKey, Sample, Session, Value } from "../contract.ts";
import { RackwatchError } from "../errors.ts";
import type { GpioBackend } from "./backend.ts";
import { Inputs } from "./inputs.ts";
import { failSafeLevels, type Level, levelOf, plannedInputs, plannedOutputs } from "./plan.ts";
import type { GpioChannel } from "./schema.ts";

interface Waiting {
  level: Level;
  readonly done: Promise<void>;
}

interface Output {
  readonly line: number;
  readonly activeLow: boolean;
  running: Promise<void>;
  /** At most one write waits behind the running one; a newer value takes its place, for only the last state counts. */
  waiting: Waiting | undefined;
}

/**
 * Drives the outputs of one channel and tells its inputs. Outputs yield no samples: what an output shows is known to
 * who wrote it, and a flashing lamp as samples would be four rows a second on the card.
 */
export class GpioSession implements Session {
  readonly #channel: GpioChannel;
  readonly #backend: GpioBackend;
  readonly #context: DriverContext;
  readonly #outputs: ReadonlyMap<string, Output>;
  readonly #inputs: Inputs;
  readonly #ended = Promise.withResolvers<void>();
  /** Aborted when `#ended` is settled, either way. */
  readonly #over = new AbortController();
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
      plannedOutputs(channel).map(({ key, settings: { line, activeLow } }) => [
        key,
        { line, activeLow, running: Promise.resolve(), waiting: undefined },
      ]),
    );
    this.#inputs = new Inputs(plannedInputs(channel), context.clock);
    // Nobody iterates a session whose opening fails: that its line is lost is then told by the opening.
    this.#ended.promise.catch(() => undefined);
    if (signal.aborted) this.#end();
    else signal.addEventListener("abort", () => this.#end(), { signal: this.#over.signal });
  }

  /** Inputs at once. @throws RackwatchError `driver/...` when a line is lost. */
  async *samples(): AsyncGenerator<readonly Sample[], void, undefined> {
    yield* this.#inputs.samples(this.#over.signal);
    await this.#ended.promise;
  }

  /** Takes the inputs. To be called once, before the samples are read. */
  async watch(): Promise<void> {
    const lines = this.#inputs.lines;
    if (lines.length === 0) return;
    await this.#backend.watch(lines, (line, level) => this.#inputs.see(line, level));
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
    this.#ended.reject(error);
    this.#over.abort();
  }

  [Symbol.asyncDispose](): Promise<void> {
    this.#disposed ??= this.#close();
    this.#end();
    return this.#disposed;
  }

  #end(): void {
    this.#ended.resolve();
    this.#over.abort();
  }

  #enqueue(output: Output, value: boolean): Promise<void> {
    const level = levelOf(value, output.activeLow);
    const { waiting } = output;
    if (waiting !== undefined) {
      waiting.level = level;
      return waiting.done;
    }
    const done = output.running.then(() => {
      const next = output.waiting;
      output.waiting = undefined;
      return next === undefined ? undefined : this.#backend.write(output.line, next.level);
    });
    output.waiting = { level, done };
    output.running = done.catch(() => undefined);
    return done;
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
