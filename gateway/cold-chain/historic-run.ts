import type { EpochMs } from "../../drivers/contract.ts";
import { isBack, isBeyond, isFarther, type Limit } from "./excursion.ts";
import type { ExcursionRule } from "./excursion-rule.ts";
import { held, type KineticSum, noKinetic, plus } from "./mkt.ts";

/**
 * Two late readings out of range this far apart, with none in range between them, are one excursion with a gap: what
 * is not known is not taken for good. A point that is read more slowly has its own measure.
 */
export const historicJoinMs = 7_200_000;

export interface LateReading {
  readonly at: EpochMs;
  readonly value: number;
}

/** One time out of range that late readings tell of. */
export interface HistoricRun {
  readonly start: EpochMs;
  end: EpochMs;
  peak: { readonly value: number; readonly at: EpochMs };
  knownMs: number;
  outsideMs: number;
  gapMs: number;
  kinetic: KineticSum;
}

interface Stretch {
  knownMs: number;
  gapMs: number;
  kinetic: KineticSum;
}

interface Draft extends HistoricRun {
  /** Since the value is back inside: counts only when it leaves again. */
  tail: Stretch;
  /** Out of range for the on-delay. */
  raised: boolean;
  insideSince: EpochMs | undefined;
  backSince: EpochMs | undefined;
}

/** How far two late readings of the point may lie apart. */
export function joinMsOf({ gapMs }: ExcursionRule): number {
  return Number.isFinite(gapMs) ? Math.max(gapMs, historicJoinMs) : historicJoinMs;
}

/**
 * The times out of range, by the rule's own limit, deadband and delays.
 * @param readings In order of time.
 */
export function historicRuns(
  readings: readonly LateReading[],
  of: ExcursionRule,
  limit: Limit,
): readonly HistoricRun[] {
  const joinMs = joinMsOf(of);
  const { onDelayMs, offDelayMs } = of.rule;
  const runs: HistoricRun[] = [];
  let run: Draft | undefined;
  const finish = (draft: Draft | undefined) => {
    if (draft?.raised !== true) return;
    const { raised, insideSince, backSince, tail, ...done } = draft;
    runs.push({ ...done, end: insideSince ?? done.end });
  };
  for (const [index, { at, value }] of readings.entries()) {
    const next = readings[index + 1];
    const aheadMs = next === undefined ? Number.POSITIVE_INFINITY : next.at - at;
    const heldMs = aheadMs <= Math.min(of.gapMs, joinMs) ? aheadMs : 0;
    if (isBeyond(limit, value)) {
      run = outside(run ?? draftAt(at, value), limit, { at, value }, heldMs);
      run.raised ||= run.end - run.start >= onDelayMs;
    } else if (run !== undefined) {
      if (run.raised) inside(run, isBack(limit, value), at);
      else run = undefined;
    }
    if (run === undefined) continue;
    count(run, value, heldMs, aheadMs <= joinMs ? aheadMs - heldMs : 0, of);
    const returned = run.backSince !== undefined && at + heldMs - run.backSince >= offDelayMs;
    if (!returned && aheadMs <= joinMs) continue;
    finish(run);
    run = undefined;
  }
  return runs;
}

function draftAt(start: EpochMs, value: number): Draft {
  return {
    start,
    end: start,
    peak: { value, at: start },
    knownMs: 0,
    outsideMs: 0,
    gapMs: 0,
    kinetic: noKinetic,
    tail: nothing(),
    raised: false,
    insideSince: undefined,
    backSince: undefined,
  };
}

function outside(run: Draft, limit: Limit, reading: LateReading, heldMs: number): Draft {
  run.insideSince = undefined;
  run.backSince = undefined;
  run.knownMs += run.tail.knownMs;
  run.gapMs += run.tail.gapMs;
  run.kinetic = plus(run.kinetic, run.tail.kinetic);
  run.tail = nothing();
  run.end = reading.at + heldMs;
  run.outsideMs += heldMs;
  if (isFarther(limit, reading.value, run.peak.value)) run.peak = reading;
  return run;
}

function inside(run: Draft, back: boolean, at: EpochMs): void {
  run.insideSince ??= at;
  run.backSince = back ? (run.backSince ?? at) : undefined;
}

function count(
  run: Draft,
  value: number,
  heldMs: number,
  gapMs: number,
  { toCelsius }: ExcursionRule,
): void {
  const stretch = run.insideSince === undefined ? run : run.tail;
  stretch.knownMs += heldMs;
  stretch.gapMs += gapMs;
  if (toCelsius === undefined) return;
  stretch.kinetic = plus(stretch.kinetic, held(toCelsius(value), heldMs));
}

function nothing(): Stretch {
  return { knownMs: 0, gapMs: 0, kinetic: noKinetic };
}
