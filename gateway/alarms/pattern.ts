import type { Priority } from "../../config/schema/rule.ts";

/**
 * On and off times in milliseconds, in turn, beginning with on, repeated for ever; empty: on all
 * the time. Rates and rhythms follow what IEC 60073 lamps and IEC 60601-1-8 alarms have taught
 * people; no conformity is claimed.
 */
export type Pattern = readonly number[];

export const steady: Pattern = [];

/** 2 Hz. */
const fastFlash: Pattern = [250, 250];
/** 0.6 Hz. */
const slowFlash: Pattern = [833, 834];

const pulseMs = 120;
const gapMs = 120;
const groupGapMs = 360;
const halfGapMs = 600;

/** Three pulses and two, twice, then silence until 7 s are over. */
const urgentBurst: Pattern = repeatEvery(7_000, [...half(halfGapMs), ...half(0)]);
/** Three longer pulses every 12 s. */
const warningBurst: Pattern = repeatEvery(12_000, [200, 200, 200, 200, 200, 0]);
/** A short blink every second: alive, and never taken for a flash of 2 Hz. */
export const heartbeatBlink: Pattern = [100, 900];

/** One pulse every 30 s. */
const reminder: Pattern = repeatEvery(30_000, [200, 0]);

const lampPatterns: Readonly<Record<Priority, Pattern>> = {
  critical: fastFlash,
  high: fastFlash,
  medium: slowFlash,
  low: steady,
};

const buzzerPatterns: Readonly<Record<Priority, Pattern>> = {
  critical: urgentBurst,
  high: urgentBurst,
  medium: warningBurst,
  low: reminder,
};

/** What an output does for an unacknowledged alarm. */
export function patternOf(role: "lamp" | "buzzer", priority: Priority): Pattern {
  return (role === "lamp" ? lampPatterns : buzzerPatterns)[priority];
}

/** @param elapsedMs since the pattern began. */
export function isOn(pattern: Pattern, elapsedMs: number): boolean {
  return pattern.length === 0 || spanAt(pattern, elapsedMs).index % 2 === 0;
}

/** How long until the pattern changes; Infinity for a steady one. */
export function msToEdge(pattern: Pattern, elapsedMs: number): number {
  return pattern.length === 0 ? Number.POSITIVE_INFINITY : spanAt(pattern, elapsedMs).leftMs;
}

function spanAt(pattern: Pattern, elapsedMs: number) {
  let leftMs = elapsedMs % cycleMs(pattern);
  for (const [index, spanMs] of pattern.entries()) {
    if (leftMs < spanMs) return { index, leftMs: spanMs - leftMs };
    leftMs -= spanMs;
  }
  throw new Error("a pattern has no span at a moment of its cycle");
}

function cycleMs(pattern: Pattern): number {
  return pattern.reduce((sum, spanMs) => sum + spanMs, 0);
}

function half(lastGapMs: number): Pattern {
  return [pulseMs, gapMs, pulseMs, gapMs, pulseMs, groupGapMs, pulseMs, gapMs, pulseMs, lastGapMs];
}

/** Lengthens the last, silent span until the whole takes `everyMs`. */
function repeatEvery(everyMs: number, spans: Pattern): Pattern {
  return spans.with(-1, everyMs - cycleMs(spans) + (spans.at(-1) ?? 0));
}
