import type { EpochMs } from "../../drivers/contract.ts";

/** Activation energy over gas constant, 83.144 kJ/mol over 8.3144 J/(mol K): USP <1079.2>. */
export const activationKelvin = 10_000;

/** 0 degrees Celsius in kelvin; 273.1, which some sheets use, changes the fourth decimal. */
export const zeroCelsiusKelvin = 273.15;

/** A gap is a silence longer than this many expected intervals: its time has no temperature. */
export const gapIntervals = 1.5;

/** Time-weighted sums of one stretch; stretches add up in any order. */
export interface KineticSum {
  /** Time with a known temperature. */
  readonly coveredMs: number;
  /** Rate of decay relative to the one at 0 degrees Celsius, times milliseconds. */
  readonly kinetic: number;
  /** Degrees Celsius times milliseconds. */
  readonly degreeMs: number;
}

export const noKinetic: KineticSum = { coveredMs: 0, kinetic: 0, degreeMs: 0 };

/** One temperature, degrees Celsius above -273.15, that held for `ms`. */
export function held(celsius: number, ms: number): KineticSum {
  return { coveredMs: ms, kinetic: kineticRate(celsius) * ms, degreeMs: celsius * ms };
}

export function plus(left: KineticSum, right: KineticSum): KineticSum {
  return {
    coveredMs: left.coveredMs + right.coveredMs,
    kinetic: left.kinetic + right.kinetic,
    degreeMs: left.degreeMs + right.degreeMs,
  };
}

/** Mean kinetic temperature in degrees Celsius; undefined where no time is covered. */
export function kineticMean({ coveredMs, kinetic }: KineticSum): number | undefined {
  if (!(coveredMs > 0)) return undefined;
  const inverse = 1 / zeroCelsiusKelvin - Math.log(kinetic / coveredMs) / activationKelvin;
  return 1 / inverse - zeroCelsiusKelvin;
}

/** The time-weighted arithmetic mean in degrees Celsius; undefined where no time is covered. */
export function plainMean({ coveredMs, degreeMs }: KineticSum): number | undefined {
  return coveredMs > 0 ? degreeMs / coveredMs : undefined;
}

/** `refused`: a number would say more than is known, or (freezing) nothing about the goods. */
export type Mkt =
  | { readonly celsius: number; readonly coverage: number }
  | { readonly refused: "coverage" | "freeze"; readonly coverage: number };

/** @param ofMs Length of the window that `sum` is to cover. */
export function mktOf(sum: KineticSum, ofMs: number, coverageMin: number): Mkt {
  const coverage = ofMs > 0 ? Math.min(1, sum.coveredMs / ofMs) : 0;
  const celsius = kineticMean(sum);
  // A share of a sum of many floats may lie an ulp below a whole.
  return celsius === undefined || coverage + 1e-9 < coverageMin
    ? { refused: "coverage", coverage }
    : { celsius, coverage };
}

/** Undefined: the sensor was bad or out of service from here on. Oldest first. */
export interface Reading {
  readonly at: EpochMs;
  readonly celsius: number | undefined;
}

export interface Window {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** Silence beyond this is a gap (`gapIntervals` times the interval); infinite: a value holds until told otherwise. */
  readonly gapMs: number;
  /**
   * `hold`, which the product uses: a value holds until the next one, as an alarm takes it, and as records that are
   * written at each crossing mean it. `trapezoid`: the rate runs straight between two readings, for loggers that
   * only sample.
   */
  readonly weighting?: "hold" | "trapezoid";
}

/** Sums of readings, which must be in order of time; those before the window count for what they hold into it. */
export function sumOf(readings: readonly Reading[], window: Window): KineticSum {
  const { from, to, gapMs, weighting = "hold" } = window;
  let sum = noKinetic;
  for (const [index, reading] of readings.entries()) {
    const next = readings[index + 1];
    const { at, celsius } = reading;
    const until = Math.min(next?.at ?? to, to);
    const begin = Math.max(at, from);
    if (celsius === undefined || until <= begin) continue;
    if ((next?.at ?? to) - at > gapMs) continue;
    const end = next?.celsius;
    sum = plus(
      sum,
      weighting === "hold" || end === undefined || next === undefined
        ? held(celsius, until - begin)
        : ramp(reading, { at: next.at, celsius: end }, begin, until),
    );
  }
  return sum;
}

type Known = { readonly at: EpochMs; readonly celsius: number | undefined };

function ramp(left: Known, right: Known, begin: EpochMs, until: EpochMs): KineticSum {
  const [low, high] = [left.celsius ?? 0, right.celsius ?? 0];
  // A window's border cuts the ramp: its middle stands for the whole piece.
  const share = ((begin + until) / 2 - left.at) / (right.at - left.at);
  const ms = until - begin;
  const [first, last] = [kineticRate(low), kineticRate(high)];
  return {
    coveredMs: ms,
    kinetic: (first + (last - first) * share) * ms,
    degreeMs: (low + (high - low) * share) * ms,
  };
}

/** Relative to 0 degrees Celsius, so that deep cold does not run into the smallest floats. */
function kineticRate(celsius: number): number {
  const kelvin = celsius + zeroCelsiusKelvin;
  return Math.exp(activationKelvin / zeroCelsiusKelvin - activationKelvin / kelvin);
}
