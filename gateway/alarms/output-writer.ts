import type { Clock, MonotonicMs, PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Problem } from "../health/health.ts";
import { problemOf } from "../health/health-book.ts";
import type { Annunciator } from "./annunciator.ts";

/**
 * A write that failed is tried again after this: soon enough for an alarm, seldom enough for a bus
 * with a dead unit.
 */
export const outputRetryMs = 1_000;

/**
 * An output is written again this often even when nothing changed: a relay that lost its power
 * comes back right.
 */
export const outputReassertMs = 60_000;

/** A write that takes longer counts as failed, and the next one may begin. */
export const outputWriteMsMax = 5_000;

/**
 * Quiet writes under way at once: saying again what an output shows, or that it is off. A wire carries one write at a
 * time, so that an alarm's lamp never waits behind a whole cabinet that is told the same as a minute ago.
 */
export const quietWritesMax = 2;

export interface OutputWriterParts {
  readonly clock: Clock;
  readonly annunciator: Pick<Annunciator, "desired" | "nextChange">;
  /** Resolves when the device confirmed the value. */
  readonly write: (point: PointKey, value: boolean) => Promise<void>;
  /** Told once per problem of an output, and `undefined` when it is well again. */
  readonly report: (point: PointKey, problem: Problem | undefined) => void;
  /** Told when an output that was to leave is off. */
  readonly left?: (point: PointKey) => void;
}

/** Told how a write ended: with a problem, or without. */
type Asker = (problem: Problem | undefined) => void;

interface Output {
  readonly point: PointKey;
  desired: boolean;
  /** Undefined: nobody knows what the device shows. */
  confirmed: boolean | undefined;
  confirmedAt: MonotonicMs;
  retryAt: MonotonicMs;
  attempt: Attempt | undefined;
  problem: Problem | undefined;
  /** Wait for the next write that begins. */
  askers: Asker[];
  /** It is an output no more: it goes when the device confirmed that it is off. */
  isLeaving: boolean;
}

interface Attempt {
  readonly startedAt: MonotonicMs;
  readonly quiet: boolean;
  readonly askers: readonly Asker[];
}

/**
 * Brings the outputs to what the annunciator wants. At most one write is under way per output, and
 * what is wanted when it ends decides what is written next: nothing queues up, values in between
 * are left out.
 */
export class OutputWriter {
  readonly #parts: OutputWriterParts;
  readonly #outputs = new Map<PointKey, Output>();
  #quiet = 0;
  #wake = new AbortController();

  constructor(parts: OutputWriterParts) {
    this.#parts = parts;
  }

  /** Begins the writes that are due. To be called at once when alarms, silence or tests changed. */
  step(): void {
    const mono = this.#parts.clock.monotonicMs();
    for (const [point, desired] of this.#parts.annunciator.desired(mono)) {
      const output = this.#output(point, desired);
      output.desired = desired;
      output.isLeaving = false;
      this.#expire(output, mono);
      this.#begin(output, mono);
    }
    for (const output of this.#outputs.values()) {
      if (!output.isLeaving) continue;
      this.#expire(output, mono);
      this.#begin(output, mono);
    }
    this.#wake.abort();
  }

  /** Outputs that the annunciator has no more: each is turned off, however often that must be tried, and forgotten. */
  leave(points: Iterable<PointKey>): void {
    for (const point of points) {
      const output = this.#output(point, false);
      output.desired = false;
      output.isLeaving = true;
    }
    this.step();
  }

  /** Outputs that somebody else makes safe. */
  forget(points: Iterable<PointKey>): void {
    for (const point of points) {
      const output = this.#outputs.get(point);
      if (output === undefined) continue;
      for (const tell of output.askers) tell(undefined);
      if (output.attempt !== undefined) this.#end(output, output.attempt);
      this.#outputs.delete(point);
    }
  }

  /** Nobody knows any longer what the devices show, for example after a channel was opened anew: all is written again. */
  reassert(): void {
    for (const output of this.#outputs.values()) {
      output.confirmed = undefined;
      output.retryAt = Number.NEGATIVE_INFINITY;
    }
    this.step();
  }

  /** Writes an output of the annunciator whatever is known of it; resolves with why that failed. */
  prove(point: PointKey): Promise<Problem | undefined> {
    const output = this.#output(point, false);
    output.confirmed = undefined;
    output.retryAt = Number.NEGATIVE_INFINITY;
    const proved = new Promise<Problem | undefined>((resolve) => output.askers.push(resolve));
    this.step();
    return proved;
  }

  /** Steps whenever something is due, until the signal is aborted. */
  async run(signal: AbortSignal): Promise<void> {
    const { clock } = this.#parts;
    signal.addEventListener("abort", () => this.#wake.abort(), { once: true });
    while (!signal.aborted) {
      this.step();
      this.#wake = new AbortController();
      const ms = Math.max(1, this.nextDue() - clock.monotonicMs());
      // Woken early or ended: either way the loop looks again.
      await clock.sleep(ms, this.#wake.signal).catch(() => undefined);
    }
  }

  /** When the next step has something to do. */
  nextDue(): MonotonicMs {
    const mono = this.#parts.clock.monotonicMs();
    let next = this.#parts.annunciator.nextChange(mono) ?? Number.POSITIVE_INFINITY;
    const waits = this.#quiet >= quietWritesMax;
    for (const output of this.#outputs.values()) {
      // The end of a quiet write wakes the loop.
      if (waits && output.attempt === undefined && isQuiet(output)) continue;
      next = Math.min(next, dueOf(output));
    }
    return next === Number.POSITIVE_INFINITY ? mono + outputReassertMs : next;
  }

  /** Outputs that could not be written. */
  problems(): ReadonlyMap<PointKey, Problem> {
    const found = new Map<PointKey, Problem>();
    for (const { point, problem } of this.#outputs.values()) {
      if (problem !== undefined) found.set(point, problem);
    }
    return found;
  }

  #output(point: PointKey, desired: boolean): Output {
    const known = this.#outputs.get(point);
    if (known !== undefined) return known;
    const output: Output = {
      point,
      desired,
      confirmed: undefined,
      confirmedAt: 0,
      retryAt: Number.NEGATIVE_INFINITY,
      attempt: undefined,
      problem: undefined,
      askers: [],
      isLeaving: false,
    };
    this.#outputs.set(point, output);
    return output;
  }

  #begin(output: Output, mono: MonotonicMs): void {
    if (output.attempt !== undefined || mono < output.retryAt) return;
    const isRight = output.confirmed === output.desired;
    if (isRight && mono < output.confirmedAt + outputReassertMs) return;
    const quiet = isQuiet(output);
    if (quiet && this.#quiet >= quietWritesMax) return;
    if (quiet) this.#quiet += 1;
    const attempt = { startedAt: mono, quiet, askers: output.askers };
    output.attempt = attempt;
    output.askers = [];
    void this.#write(output, attempt, output.desired);
  }

  /** Settles always: a failure becomes the output's problem. */
  async #write(output: Output, attempt: Attempt, value: boolean): Promise<void> {
    let failure: unknown;
    let failed = false;
    try {
      await this.#parts.write(output.point, value);
    } catch (error) {
      failed = true;
      failure = error;
    }
    if (output.attempt !== attempt) {
      // Too late: it may have overtaken the write that followed, so the device is told again.
      output.confirmed = undefined;
      this.#wake.abort();
      return;
    }
    this.#end(output, attempt);
    const mono = this.#parts.clock.monotonicMs();
    if (failed) this.#fail(output, attempt, problemOf(failure, "driver/unavailable"), mono);
    else this.#confirm(output, attempt, value, mono);
    this.#begin(output, mono);
    if (attempt.quiet) for (const other of this.#outputs.values()) this.#begin(other, mono);
    this.#wake.abort();
  }

  #end(output: Output, { quiet }: Attempt): void {
    output.attempt = undefined;
    if (quiet) this.#quiet -= 1;
  }

  #confirm(output: Output, { askers }: Attempt, value: boolean, mono: MonotonicMs): void {
    output.confirmed = value;
    output.confirmedAt = mono;
    this.#report(output, undefined);
    for (const tell of askers) tell(undefined);
    if (output.isLeaving && !value) {
      this.#outputs.delete(output.point);
      this.#parts.left?.(output.point);
    }
    // Asked for while this write was under way: the answer is about the next one.
    if (output.askers.length > 0) output.confirmed = undefined;
  }

  #fail(output: Output, { askers }: Attempt, problem: Problem, mono: MonotonicMs): void {
    output.confirmed = undefined;
    output.retryAt = mono + (output.askers.length > 0 ? 0 : outputRetryMs);
    this.#report(output, problem);
    for (const tell of askers) tell(problem);
  }

  #expire(output: Output, mono: MonotonicMs): void {
    const { point, attempt } = output;
    if (attempt === undefined || mono < attempt.startedAt + outputWriteMsMax) return;
    this.#end(output, attempt);
    const seconds = outputWriteMsMax / 1_000;
    const error = new RackwatchError("driver/timeout", `${point} was not set within ${seconds} s`, {
      where: point,
      todo: "Check the output's device and its wiring; it is written again every second",
    });
    this.#fail(output, attempt, problemOf(error, "driver/timeout"), mono);
  }

  #report(output: Output, problem: Problem | undefined): void {
    const before = output.problem;
    output.problem = problem;
    if (before?.code === problem?.code && before?.message === problem?.message) return;
    this.#parts.report(output.point, problem);
  }
}

/** Nobody waits for it: the output shows what it shall, or is to be off and may be. */
function isQuiet({ desired, confirmed, askers }: Output): boolean {
  if (askers.length > 0) return false;
  return confirmed === desired || (confirmed === undefined && !desired);
}

function dueOf({ attempt, desired, confirmed, confirmedAt, retryAt }: Output): MonotonicMs {
  if (attempt !== undefined) return attempt.startedAt + outputWriteMsMax;
  return confirmed === desired ? confirmedAt + outputReassertMs : retryAt;
}
