import type { EpochMs } from "../../drivers/contract.ts";
import type { Episode, ReplayResult } from "./replay.ts";

/** ISA-18.2 counts floods in windows of this length: (t - 10 min, t]. */
const floodWindowMs = 600_000;

/** More new alarms than this in one window are a flood. */
const floodBegins = 10;

const dayMs = 86_400_000;

export interface RuleSummary {
  readonly rule: string;
  readonly alarms: number;
  readonly perDay: number;
  readonly longestMs: number;
  readonly totalMs: number;
  readonly isActive: boolean;
}

export interface Busiest {
  readonly count: number;
  readonly at: EpochMs;
  readonly isFlood: boolean;
}

/** Rules that alarmed, the most frequent first; what is not over counts until the end. */
export function summaryOf(
  { episodes, endAt }: ReplayResult,
  startAt: EpochMs,
): readonly RuleSummary[] {
  // Of less than a day no rate is made: one alarm in an hour is not 24 a day.
  const days = Math.max(1, (endAt - startAt) / dayMs);
  const byRule = [...Map.groupBy(episodes, ({ rule }) => rule)];
  const summaries = byRule.map(([rule, own]) => {
    const lengths = own.map(({ from, to = endAt }) => to - from);
    return {
      rule,
      alarms: own.length,
      perDay: own.length / days,
      longestMs: lengths.reduce((most, ms) => Math.max(most, ms), 0),
      totalMs: lengths.reduce((sum, ms) => sum + ms, 0),
      isActive: own.at(-1)?.to === undefined,
    };
  });
  return summaries.sort((a, b) => b.alarms - a.alarms || (a.rule < b.rule ? -1 : 1));
}

/** When most alarms began within ten minutes; undefined without any. Episodes begin in order. */
export function busiest(episodes: readonly Episode[]): Busiest | undefined {
  let most: Busiest | undefined;
  let first = 0;
  episodes.forEach(({ from: at }, index) => {
    while ((episodes[first]?.from ?? at) <= at - floodWindowMs) first += 1;
    const count = index - first + 1;
    if (most === undefined || count > most.count)
      most = { count, at, isFlood: count > floodBegins };
  });
  return most;
}
