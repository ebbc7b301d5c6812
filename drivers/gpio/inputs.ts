import type { Clock, MonotonicMs, PointKey, Sample } from "../contract.ts";
import type { InputLine } from "./backend.ts";
import { Contact, type ContactState } from "./contact.ts";
import type { Level, PlannedPoint } from "./plan.ts";

/** Longer than a relay or a door switch bounces, shorter than a hand is on a button. */
const debounceMsDefault = 50;

/** Every input is told again after this time, so that a contact that stays closed does not look forgotten. */
const heartbeatMs = 60_000;

interface Input {
  readonly key: PointKey;
  readonly line: number;
  readonly activeLow: boolean;
  readonly debounceMs: number;
  /** Undefined until the line's first level is known. */
  contact: Contact | undefined;
}

/** Levels of lines to samples of contacts. */
export class Inputs {
  readonly lines: readonly InputLine[];
  readonly #clock: Clock;
  readonly #inputs: readonly Input[];
  #pending: Sample[] = [];
  #wake: () => void = () => undefined;
  #toldMs: MonotonicMs;

  constructor(points: readonly PlannedPoint[], clock: Clock) {
    this.#clock = clock;
    this.#toldMs = clock.monotonicMs();
    this.lines = points.map(({ settings: { line, bias = "as-is" } }) => ({ line, bias }));
    this.#inputs = points.map(({ key, settings: { line, activeLow, debounce } }) => ({
      key,
      line,
      activeLow,
      debounceMs: debounce ?? debounceMsDefault,
      contact: undefined,
    }));
  }

  /** A line was seen at that level. */
  see(line: number, level: Level): void {
    const nowMs = this.#clock.monotonicMs();
    for (const input of this.#inputs) {
      if (input.line !== line) continue;
      if (input.contact !== undefined) input.contact.see(level, nowMs);
      else {
        input.contact = new Contact(input.debounceMs, level, nowMs);
        this.#pending.push(this.#sample(input, input.contact.state, nowMs));
      }
    }
    this.#wake();
  }

  /** Until the signal is aborted. */
  async *samples(ended: AbortSignal): AsyncGenerator<readonly Sample[], void, undefined> {
    while (this.#inputs.length > 0 && !ended.aborted) {
      const samples = this.#take();
      if (samples.length > 0) yield samples;
      else await this.#untilDue(ended);
    }
  }

  #take(): readonly Sample[] {
    const nowMs = this.#clock.monotonicMs();
    const samples = this.#pending;
    this.#pending = [];
    for (const input of this.#inputs) {
      const state = input.contact?.settle(nowMs);
      if (state !== undefined) samples.push(this.#sample(input, state, state.sinceMs));
    }
    if (nowMs - this.#toldMs < heartbeatMs) return samples;
    this.#toldMs = nowMs;
    const told = new Set(samples.map(({ point }) => point));
    for (const input of this.#inputs) {
      const state = input.contact?.state;
      if (state !== undefined && !told.has(input.key))
        samples.push(this.#sample(input, state, nowMs));
    }
    return samples;
  }

  async #untilDue(ended: AbortSignal): Promise<void> {
    const dueMs = Math.min(
      this.#toldMs + heartbeatMs,
      ...this.#inputs.map(({ contact }) => contact?.dueMs ?? Number.POSITIVE_INFINITY),
    );
    const woken = new AbortController();
    this.#wake = () => woken.abort();
    const waitMs = Math.max(0, Math.ceil(dueMs - this.#clock.monotonicMs()));
    const signal = AbortSignal.any([ended, woken.signal]);
    await this.#clock.sleep(waitMs, signal).catch(() => undefined);
    this.#wake = () => undefined;
  }

  #sample(input: Input, { level, chatters }: ContactState, atMs: MonotonicMs): Sample {
    const sampledAt = this.#clock.now() - Math.max(0, this.#clock.monotonicMs() - atMs);
    const base = { point: input.key, sampledAt, value: (level === 1) !== input.activeLow };
    return chatters
      ? { ...base, quality: "uncertain", reason: "chatter" }
      : { ...base, quality: "good" };
  }
}
