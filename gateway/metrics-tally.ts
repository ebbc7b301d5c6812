import type { Config } from "../config/schema/config.ts";
import type { Clock, Sample } from "../drivers/contract.ts";
import type { IntakeParts } from "./intake.ts";
import type { Reading } from "./metrics-catalogue.ts";
import { MachineMeter } from "./metrics-machine.ts";
import type { Commit } from "./store/store.ts";

/** Sum, count and longest of something that takes time. */
class Stopwatch {
  seconds = 0;
  count = 0;
  secondsMax = 0;

  note(ms: number): void {
    const seconds = ms / 1_000;
    this.seconds += seconds;
    this.count += 1;
    this.secondsMax = Math.max(this.secondsMax, seconds);
  }
}

/** What the gateway has done since it started, counted at the borders between its parts. */
export class Tally implements Disposable {
  /** Of this process. */
  readonly machine: MachineMeter;
  readonly #clock: Clock;
  #channelOf: ReadonlyMap<string, string> = new Map();
  readonly #polls = new Map<string, number>();
  readonly #pollFailures = new Map<string, number>();
  readonly #qualities = new Map<string, number>();
  readonly #events = new Map<string, number>();
  readonly response = new Stopwatch();
  readonly commits = new Stopwatch();
  commitsRefused = 0;
  clockSteps = 0;
  clockCorrections = 0;
  outputsWritten = 0;
  outputsFailed = 0;

  constructor(config: Pick<Config, "channels">, clock: Clock) {
    this.#clock = clock;
    this.machine = new MachineMeter(clock);
    this.configure(config);
  }

  /** Counts go on; those of channels that are gone stay as they are, as a counter never falls. */
  configure(config: Pick<Config, "channels">): void {
    const devices = Object.entries(config.channels).flatMap(([channel, { devices }]) =>
      Object.keys(devices ?? {}).map((device) => [device, channel] as const),
    );
    this.#channelOf = new Map(devices);
  }

  [Symbol.dispose](): void {
    this.machine[Symbol.dispose]();
  }

  /** Samples straight from a driver; those of the gateway's own health have no channel. */
  polled(samples: readonly Sample[]): void {
    const device = samples[0]?.point.split("/")[0] ?? "";
    const channel = this.#channelOf.get(device);
    if (channel === undefined) return;
    add(this.#polls, channel);
    if (samples.every(({ quality }) => quality === "bad")) add(this.#pollFailures, channel);
  }

  /** Samples behind the pipeline. */
  processed(samples: readonly Sample[]): readonly Sample[] {
    for (const { quality } of samples) add(this.#qualities, quality);
    return samples;
  }

  /** The same response, with a stopwatch. */
  timed(response: IntakeParts["response"]): IntakeParts["response"] {
    return {
      step: (samples, instant) => this.#measured(() => response.step(samples, instant)),
      act: (target, action, instant) => this.#measured(() => response.act(target, action, instant)),
      take: (moved, instant) => this.#measured(() => response.take(moved, instant)),
      correct: (correction, instant) => response.correct(correction, instant),
      checkpoint: () => response.checkpoint(),
    };
  }

  /** The same store, with a stopwatch and counters. */
  counting(store: IntakeParts["store"]): IntakeParts["store"] {
    return {
      commit: (commit) => this.#commit(commit, store),
      heal: () => store.heal(),
      get problem() {
        return store.problem;
      },
      get corrections() {
        return store.corrections;
      },
    };
  }

  /** The same write to an output, counted. */
  async written(write: Promise<void>): Promise<void> {
    try {
      await write;
      this.outputsWritten += 1;
    } catch (error) {
      this.outputsFailed += 1;
      throw error;
    }
  }

  readings() {
    return {
      polls_total: labelled(this.#polls, "channel"),
      poll_failures_total: labelled(this.#pollFailures, "channel"),
      samples_total: labelled(this.#qualities, "quality"),
      response_seconds_sum: this.response.seconds,
      response_seconds_count: this.response.count,
      response_seconds_max: this.response.secondsMax,
      commits_total: this.commits.count,
      commits_refused_total: this.commitsRefused,
      commit_seconds_sum: this.commits.seconds,
      commit_seconds_max: this.commits.secondsMax,
      events_total: labelled(this.#events, "kind"),
      clock_steps_total: this.clockSteps,
      clock_corrections_total: this.clockCorrections,
      outputs_written_total: this.outputsWritten,
      outputs_failed_total: this.outputsFailed,
    };
  }

  #measured<T>(work: () => T): T {
    const startedAt = this.#clock.monotonicMs();
    try {
      return work();
    } finally {
      this.response.note(this.#clock.monotonicMs() - startedAt);
    }
  }

  #commit(commit: Commit, store: IntakeParts["store"]): void {
    const startedAt = this.#clock.monotonicMs();
    try {
      store.commit(commit);
    } catch (error) {
      this.commitsRefused += 1;
      throw error;
    }
    this.commits.note(this.#clock.monotonicMs() - startedAt);
    for (const event of commit.events) {
      add(this.#events, event.kind);
      if (event.kind !== "clock") continue;
      if ("correction" in event.body) this.clockCorrections += 1;
      else this.clockSteps += 1;
    }
  }
}

function add(counts: Map<string, number>, key: string): void {
  counts.set(key, (counts.get(key) ?? 0) + 1);
}

function labelled(counts: ReadonlyMap<string, number>, label: string): readonly Reading[] {
  return [...counts].map(([value, times]) => [{ [label]: value }, times]);
}
