import type { Clock, EpochMs, Log, MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Health, Part, Problem } from "./health.ts";

/** Health points say again how they are this often, so that nobody takes them for stale. */
const repeatMs = 60_000;

/** Falls of a part that are remembered: whoever asks wants to know whether it falls again and again. */
export const fallsKept = 3;

export interface Notice extends Problem {
  readonly part: Part;
  readonly since: EpochMs;
}

export function healthPoint(part: Part): PointKey {
  return `gateway/${part}`;
}

/** The gateway watched as a device: each part is a point that is `true` while it is well. */
export class HealthBook implements Health {
  readonly #clock: Clock;
  readonly #log: Log;
  readonly #notices = new Map<Part, Notice>();
  readonly #saidAt = new Map<Part, number | undefined>();
  readonly #fellAt = new Map<Part, readonly MonotonicMs[]>();

  constructor(parts: readonly Part[], clock: Clock, log: Log) {
    this.#clock = clock;
    this.#log = log;
    for (const part of parts) this.#saidAt.set(part, undefined);
  }

  report(part: Part, problem: Problem | undefined): void {
    const known = this.#notices.get(part);
    if (problem === undefined) {
      if (known === undefined) return;
      this.#notices.delete(part);
      this.#log.info("well again", { part, after: this.#clock.now() - known.since });
    } else {
      if (known?.code === problem.code && known.message === problem.message) return;
      if (known === undefined) this.#fall(part);
      this.#notices.set(part, { ...problem, part, since: known?.since ?? this.#clock.now() });
      this.#log.error("problem", { part, ...problem });
    }
    this.#saidAt.set(part, undefined);
  }

  /** From now on these are the parts: what is said of others goes, and those that were not there say how they are. */
  cover(parts: readonly Part[]): void {
    const covered = new Set(parts);
    for (const part of [...this.#saidAt.keys()].filter((known) => !covered.has(known))) {
      this.#saidAt.delete(part);
      this.#notices.delete(part);
      this.#fellAt.delete(part);
    }
    for (const part of parts) if (!this.#saidAt.has(part)) this.#saidAt.set(part, undefined);
  }

  /** When a part that was well was not any more, the last times, oldest first; three at most. */
  falls(part: Part): readonly MonotonicMs[] {
    return this.#fellAt.get(part) ?? [];
  }

  notices(): readonly Notice[] {
    return [...this.#notices.values()];
  }

  #fall(part: Part): void {
    const all = [...this.falls(part), this.#clock.monotonicMs()];
    this.#fellAt.set(part, all.slice(-fallsKept));
  }

  /** Samples of what changed since the last call, and of what has been silent too long. */
  samples(): readonly Sample[] {
    const mono = this.#clock.monotonicMs();
    const due = [...this.#saidAt].filter(([, at]) => at === undefined || mono - at >= repeatMs);
    return due.map(([part]) => {
      this.#saidAt.set(part, mono);
      return {
        point: healthPoint(part),
        sampledAt: this.#clock.now(),
        quality: "good",
        value: !this.#notices.has(part),
      };
    });
  }
}

/**
 * Any error as a problem to show. What is no operating error is a fault of this program: in one part of the
 * gateway it must not take the others down, so it is shown like the rest, with its stack in the log.
 */
export function problemOf(error: unknown, otherwise: Problem["code"]): Problem {
  if (!(error instanceof RackwatchError)) {
    return { code: otherwise, message: error instanceof Error ? error.message : String(error) };
  }
  return {
    code: error.code,
    message: error.message,
    ...(error.where === undefined ? {} : { where: error.where }),
    ...(error.todo === undefined ? {} : { todo: error.todo }),
  };
}
