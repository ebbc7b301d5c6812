import type {
  MonotonicMs,
  PointDescription,
  PointKey,
  Sample,
  Value,
} from "../../drivers/contract.ts";

/** Latencies that are kept for the middle one; the oldest go. */
const latenciesMax = 10_000;

/** What was heard of one point. */
export interface PointRecord {
  readonly point: PointKey;
  readonly unit?: string;
  readonly last?: Value;
  readonly samples: number;
  readonly good: number;
  /** Of numbers, good and uncertain ones. */
  readonly lowest?: number;
  readonly highest?: number;
  /** How often, by reason. */
  readonly reasons: Readonly<Record<string, number>>;
}

export interface Traffic {
  readonly bytesIn: number;
  readonly bytesOut: number;
  readonly latencyMs?: {
    readonly least: number;
    readonly middle: number;
    readonly most: number;
    readonly count: number;
  };
}

interface Tally {
  last?: Value;
  /** Whether the last sample was. */
  isBad: boolean;
  samples: number;
  good: number;
  lowest?: number;
  highest?: number;
  readonly reasons: Map<string, number>;
}

/** Counts what a probe hears. Pure. */
export class ProbeRecord {
  readonly #points: readonly PointDescription[];
  readonly #tallies = new Map<PointKey, Tally>();
  readonly #latencies: number[] = [];
  #askedMs: MonotonicMs | undefined;
  #bytesIn = 0;
  #bytesOut = 0;

  constructor(points: readonly PointDescription[]) {
    this.#points = points.filter(({ access }) => access !== "write");
    for (const { key } of this.#points)
      this.#tallies.set(key, { isBad: false, samples: 0, good: 0, reasons: new Map() });
  }

  hear(sample: Sample): void {
    const tally = this.#tallies.get(sample.point);
    if (tally === undefined) return;
    tally.samples += 1;
    tally.isBad = sample.quality === "bad";
    if (sample.quality === "good") tally.good += 1;
    if (sample.quality !== "good" && sample.reason !== undefined)
      tally.reasons.set(sample.reason, (tally.reasons.get(sample.reason) ?? 0) + 1);
    if (sample.quality === "bad") return;
    tally.last = sample.value;
    if (typeof sample.value !== "number") return;
    tally.lowest = Math.min(tally.lowest ?? sample.value, sample.value);
    tally.highest = Math.max(tally.highest ?? sample.value, sample.value);
  }

  /** An answer is what comes first after something was sent. */
  pass(direction: "in" | "out", bytes: number, nowMs: MonotonicMs): void {
    if (direction === "out") {
      this.#bytesOut += bytes;
      this.#askedMs = nowMs;
      return;
    }
    this.#bytesIn += bytes;
    if (this.#askedMs === undefined) return;
    this.#latencies.push(nowMs - this.#askedMs);
    if (this.#latencies.length > latenciesMax) this.#latencies.shift();
    this.#askedMs = undefined;
  }

  /** Whether every point that tells its state by itself was heard. */
  get isComplete(): boolean {
    return this.#points.every(
      ({ key, everyMs }) => everyMs === undefined || (this.#tallies.get(key)?.samples ?? 0) > 0,
    );
  }

  get points(): readonly PointRecord[] {
    return this.#points.map(({ key, unit }) => {
      const tally = this.#tallies.get(key);
      const { last, lowest, highest, samples = 0, good = 0, reasons } = tally ?? {};
      return {
        point: key,
        ...(unit === undefined ? {} : { unit }),
        ...(last === undefined ? {} : { last }),
        ...(lowest === undefined || highest === undefined ? {} : { lowest, highest }),
        ...{ samples, good, reasons: Object.fromEntries(reasons ?? []) },
      };
    });
  }

  /** Something was heard, and the last that was heard of each point was not bad. */
  get isWell(): boolean {
    const heard = [...this.#tallies.values()].filter(({ samples }) => samples > 0);
    return heard.length > 0 && heard.every(({ isBad }) => !isBad);
  }

  /** Undefined where the driver shows no bytes. */
  get traffic(): Traffic | undefined {
    if (this.#bytesIn + this.#bytesOut === 0) return undefined;
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    const [least] = sorted;
    const most = sorted.at(-1);
    const middle = sorted[Math.floor(sorted.length / 2)];
    const bytes = { bytesIn: this.#bytesIn, bytesOut: this.#bytesOut };
    if (least === undefined || middle === undefined || most === undefined) return bytes;
    return { ...bytes, latencyMs: { least, middle, most, count: sorted.length } };
  }
}
