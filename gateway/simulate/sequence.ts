import type { EpochMs, Sample } from "../../drivers/contract.ts";
import type { OperatorEvent } from "./operator-events.ts";

/**
 * Rows that are put in order in memory: a million took 200 MB. Of more the file must be sorted; it
 * is refused and says so.
 */
export const sortRowsMax = 2_000_000;

/** What happens in the order of time. */
export interface Stage {
  /** Before all: when the first thing happens. */
  start(at: EpochMs): void;
  take(samples: readonly Sample[], at: EpochMs): void;
  act(event: OperatorEvent): void;
}

/**
 * What to do with a sample that is older than one of another point before it. `stop`: nothing,
 * somebody begins again with `sort`. `sort`: all are held until the end and put in order. `arrival`:
 * it counts when it comes, as in the gateway that recorded it.
 */
export type Disorder = "stop" | "sort" | "arrival";

/**
 * Samples and events -> steps, one for each instant: the samples of an instant in the order of
 * their points' names, whatever the order in which points were interleaved; samples of one point as
 * they came. Events come after the samples of the same instant.
 */
export class Sequence {
  readonly #stage: Stage;
  readonly #events: readonly OperatorEvent[];
  readonly #disorder: Disorder;
  readonly #rowsMax: number;
  readonly #held: Sample[] = [];
  #event = 0;
  #batch: Sample[] = [];
  #at: EpochMs = Number.NEGATIVE_INFINITY;
  #isStarted = false;
  #isDisordered = false;

  constructor(
    stage: Stage,
    events: readonly OperatorEvent[],
    disorder: Disorder,
    rowsMax = sortRowsMax,
  ) {
    this.#rowsMax = rowsMax;
    this.#stage = stage;
    this.#events = events;
    this.#disorder = disorder;
  }

  /** Nothing more is of use: the samples are not in order, or too many to be put in order. */
  get isStopped(): boolean {
    return this.#isDisordered || this.isTooMany;
  }

  get isTooMany(): boolean {
    return this.#held.length > this.#rowsMax;
  }

  push(sample: Sample): void {
    if (this.isStopped) return;
    if (this.#disorder === "sort") this.#held.push(sample);
    else this.#put(sample);
  }

  end(): void {
    for (const sample of this.#held.sort(byTime)) this.#put(sample);
    this.#flush();
    this.#actBefore(Number.POSITIVE_INFINITY);
  }

  #put(sample: Sample): void {
    const { sampledAt } = sample;
    if (sampledAt < this.#at && this.#disorder === "stop") this.#isDisordered = true;
    if (this.#isDisordered) return;
    if (sampledAt > this.#at) {
      this.#flush();
      this.#at = sampledAt;
    }
    this.#batch.push(sample);
  }

  #flush(): void {
    const batch = this.#batch;
    if (batch.length === 0) return;
    this.#batch = [];
    const first = this.#events[0]?.at ?? this.#at;
    if (!this.#isStarted) this.#start(Math.min(first, this.#at));
    this.#actBefore(this.#at);
    this.#stage.take(batch.length === 1 ? batch : batch.sort(byPoint), this.#at);
  }

  #actBefore(at: EpochMs): void {
    for (let event = this.#events[this.#event]; event !== undefined && event.at < at; ) {
      if (!this.#isStarted) this.#start(event.at);
      this.#stage.act(event);
      this.#event += 1;
      event = this.#events[this.#event];
    }
  }

  #start(at: EpochMs): void {
    this.#isStarted = true;
    this.#stage.start(at);
  }
}

function byTime(a: Sample, b: Sample): number {
  return a.sampledAt - b.sampledAt;
}

function byPoint(a: Sample, b: Sample): number {
  if (a.point === b.point) return 0;
  return a.point < b.point ? -1 : 1;
}
