import type { SampleView } from "../api.ts";

export interface HistorySummary {
  readonly count: number;
  readonly badCount: number;
  readonly lowest?: number;
  readonly highest?: number;
  readonly mean?: number;
}

/** Seconds since 1970 beside values: the form that the chart draws. A gap is null: no line is drawn through it. */
export interface HistoryColumns {
  readonly seconds: number[];
  readonly values: (number | null)[];
}

function numberOf(sample: SampleView): number | null {
  if (sample.quality === "bad" || sample.value === undefined) return null;
  if (typeof sample.value === "boolean") return sample.value ? 1 : 0;
  return typeof sample.value === "number" && Number.isFinite(sample.value) ? sample.value : null;
}

/** So many usual distances without a sample are a gap: nobody knows what was in between. */
const gapDistances = 3;

/** `gapMsMin`: a shorter silence is no gap, however dense the samples stand. */
export function historyColumns(samples: readonly SampleView[], gapMsMin: number): HistoryColumns {
  const gapMs = Math.max(gapMsMin, gapDistances * medianDistanceMs(samples));
  const seconds: number[] = [];
  const values: (number | null)[] = [];
  let previousAt: number | undefined;
  for (const sample of samples) {
    // The chart needs times that rise: a clock that was set back would fold the line over itself.
    if (previousAt !== undefined && sample.sampledAt <= previousAt) continue;
    if (previousAt !== undefined && sample.sampledAt - previousAt > gapMs) {
      seconds.push((previousAt + sample.sampledAt) / 2_000);
      values.push(null);
    }
    seconds.push(sample.sampledAt / 1_000);
    values.push(numberOf(sample));
    previousAt = sample.sampledAt;
  }
  return { seconds, values };
}

/**
 * The gateway answers with the oldest samples of a window when not all of them fit into one answer. Of a point that is
 * so busy the newest part is worth more: this is where it begins, as far back as one answer reaches at that pace.
 */
export function newestPartFrom(samples: readonly SampleView[], to: number): number {
  const first = samples[0]?.sampledAt ?? to;
  const last = samples.at(-1)?.sampledAt ?? to;
  // A tenth less, so that a pace that varies a little still fits.
  return Math.floor(to - (last - first) * 0.9);
}

function medianDistanceMs(samples: readonly SampleView[]): number {
  const distances = samples
    .slice(1)
    .map((sample, i) => sample.sampledAt - (samples[i]?.sampledAt ?? sample.sampledAt))
    .sort((a, b) => a - b);
  return distances[Math.floor(distances.length / 2)] ?? 0;
}

export function summarize(samples: readonly SampleView[]): HistorySummary {
  const numbers = samples.map(numberOf).filter((value) => value !== null);
  const badCount = samples.filter((sample) => sample.quality === "bad").length;
  if (numbers.length === 0) return { count: samples.length, badCount };
  // One by one: a day of samples is more arguments than one call takes.
  const lowest = numbers.reduce((a, b) => Math.min(a, b));
  const highest = numbers.reduce((a, b) => Math.max(a, b));
  const mean = numbers.reduce((a, b) => a + b, 0) / numbers.length;
  return { count: samples.length, badCount, lowest, highest, mean };
}
