import type { EpochMs } from "../../drivers/contract.ts";
import {
  held,
  type KineticSum,
  type Mkt,
  mktOf,
  noKinetic,
  plainMean,
  plus,
} from "../cold-chain/mkt.ts";
import { conversion } from "../pipeline/unit.ts";
import { ChartColumns } from "./chart-columns.ts";
import { type Gap, GapList } from "./gap.ts";
import type { Damage, Reading } from "./reading.ts";
import type { PlannedPoint } from "./report-plan.ts";

interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

interface Extreme {
  readonly value: number;
  readonly at: EpochMs;
}

/** What one point did in a period. */
export interface PointFigures {
  readonly readings: number;
  readonly good: number;
  readonly uncertain: number;
  readonly bad: number;
  readonly late: number;
  /** Readings whose time the clock could not vouch for. */
  readonly clockUnsure: number;
  readonly min?: Extreme;
  readonly max?: Extreme;
  /** Weighted by time. */
  readonly mean?: number;
  /** Temperatures only, degrees Celsius. */
  readonly mkt?: Mkt;
  /** Time out of range, of records. */
  readonly outsideMs: number;
  /** Switches: how often it went on, and for how long in all. */
  readonly switched?: { readonly times: number; readonly onMs: number };
  /** Share of the period with a known value, 0 to 1. */
  readonly coverage: number;
  readonly gaps: readonly Gap[];
  /** Gaps beyond `gapsMax`: counted in the coverage, not listed. */
  readonly gapsUnlisted: number;
  readonly calibrations: readonly string[];
  readonly chart: ChartColumns;
}

/** Calibrations that one point's records of one period name at most; a year has one or two. */
const calibrationsMax = 20;

/** Sums up the readings of one point, oldest first, in memory that does not grow with their number. */
export class Tally {
  readonly #point: PlannedPoint;
  readonly #period: Span;
  readonly #outOfService: readonly Span[];
  readonly #gaps = new GapList();
  readonly #chart: ChartColumns;
  readonly #counts = { good: 0, uncertain: 0, bad: 0, late: 0, clockUnsure: 0 };
  readonly #calibrations = new Set<string>();
  #sum: KineticSum = noKinetic;
  #celsius: KineticSum = noKinetic;
  #min: Extreme | undefined;
  #max: Extreme | undefined;
  #outsideMs = 0;
  #switchedOn = 0;
  #last: Reading | undefined;
  /** Why no good value came since. */
  #doubt: string | undefined;

  /** @param outOfService In order of time, not overlapping. */
  constructor(point: PlannedPoint, period: Span, outOfService: readonly Span[]) {
    this.#point = point;
    this.#period = period;
    this.#outOfService = outOfService;
    this.#chart = new ChartColumns(period.from, period.to);
  }

  take(reading: Reading): void {
    const { at, quality } = reading;
    if (at >= this.#period.from && at < this.#period.to) this.#count(reading);
    // A doubtful value neither counts nor ends the one before it.
    if (quality === "uncertain") {
      this.#doubt = reading.reason ?? "uncertain";
      return;
    }
    this.#close(at);
    this.#last = reading;
    this.#doubt = undefined;
  }

  damaged({ from, to }: Damage): void {
    this.#close(from);
    this.#gap({ from, to }, "damaged", true);
    this.#last = undefined;
  }

  figures(): PointFigures {
    this.#close(this.#period.to);
    const { from, to } = this.#period;
    const { kind, unit, values, coverageMin } = this.#point;
    const { good, uncertain, bad, late, clockUnsure } = this.#counts;
    const toCelsius = celsiusOf(kind, unit);
    const mean = plainMean(this.#sum);
    return {
      readings: good + uncertain + bad,
      ...{ good, uncertain, bad, late, clockUnsure },
      ...(this.#min !== undefined && { min: this.#min }),
      ...(this.#max !== undefined && { max: this.#max }),
      ...(values !== "text" && mean !== undefined && { mean }),
      ...(toCelsius !== undefined && { mkt: this.#mkt(to - from, coverageMin, toCelsius) }),
      outsideMs: this.#outsideMs,
      ...(values === "boolean" && {
        switched: { times: this.#switchedOn, onMs: this.#sum.degreeMs },
      }),
      coverage: to > from ? Math.min(1, this.#sum.coveredMs / (to - from)) : 0,
      gaps: this.#gaps.list,
      gapsUnlisted: this.#gaps.unlisted,
      calibrations: [...this.#calibrations],
      chart: this.#chart,
    };
  }

  #mkt(ofMs: number, coverageMin: number, toCelsius: (value: number) => number): Mkt {
    const mkt = mktOf(this.#celsius, ofMs, coverageMin);
    const { limits } = this.#point;
    const mustNotFreeze = limits.some((limit) => toCelsius(limit) > 0);
    const froze = this.#min !== undefined && toCelsius(this.#min.value) < 0;
    // Frozen goods are spoilt however cold the rest of the time was (USP <1079.2>).
    return mustNotFreeze && froze ? { refused: "freeze", coverage: mkt.coverage } : mkt;
  }

  #count({ at, quality, late, clock, calibration, ...reading }: Reading): void {
    this.#counts[quality] += 1;
    if (late) this.#counts.late += 1;
    if (clock !== "synchronized") this.#counts.clockUnsure += 1;
    if (calibration !== undefined && this.#calibrations.size < calibrationsMax) {
      this.#calibrations.add(calibration);
    }
    const value = numberOf(reading.value);
    if (quality !== "good" || value === undefined) return;
    if (this.#min === undefined || value < this.#min.value) this.#min = { value, at };
    if (this.#max === undefined || value > this.#max.value) this.#max = { value, at };
    if (reading.value === true && this.#last?.value === false) this.#switchedOn += 1;
    this.#chart.add(at, value);
  }

  /** The last reading held until `until`, or was too old by then to say anything. */
  #close(until: EpochMs): void {
    const { from, to } = this.#period;
    const last = this.#last;
    const span = { from: Math.max(last?.at ?? from, from), to: Math.min(until, to) };
    if (span.to <= span.from) return;
    const value = last === undefined || last.quality === "bad" ? undefined : last.value;
    if (last === undefined || value === undefined) {
      this.#gap(span, last?.reason ?? this.#doubt ?? "", last !== undefined);
      return;
    }
    const allowedMs = last.place === "outside" ? this.#point.gapOutsideMs : this.#point.gapMs;
    if (until - last.at > (allowedMs ?? Number.POSITIVE_INFINITY)) {
      this.#gap(span, this.#doubt ?? "", this.#doubt !== undefined);
      return;
    }
    for (const piece of this.#inService(span)) this.#hold(numberOf(value) ?? 0, piece, last);
  }

  #hold(value: number, { from, to }: Span, { place }: Reading): void {
    const { kind, unit } = this.#point;
    const ms = to - from;
    const toCelsius = celsiusOf(kind, unit);
    this.#sum = plus(this.#sum, { coveredMs: ms, kinetic: 0, degreeMs: value * ms });
    if (toCelsius !== undefined) this.#celsius = plus(this.#celsius, held(toCelsius(value), ms));
    if (place === "outside") this.#outsideMs += ms;
  }

  /** @param told Whether a reading said so; else there was silence. */
  #gap(span: Span, reason: string, told: boolean): void {
    for (const { from, to } of this.#inService(span)) this.#gaps.add({ from, to, reason, told });
  }

  /** The pieces that count: time out of service is a gap of its own. */
  #inService({ from, to }: Span): readonly Span[] {
    const pieces: Span[] = [];
    let begin = from;
    for (const pause of this.#outOfService) {
      if (pause.to <= begin || pause.from >= to) continue;
      if (pause.from > begin) pieces.push({ from: begin, to: pause.from });
      const out = { from: Math.max(pause.from, begin), to: Math.min(pause.to, to) };
      this.#gaps.add({ ...out, reason: "out-of-service", told: true });
      begin = out.to;
    }
    if (begin < to) pieces.push({ from: begin, to });
    return pieces;
  }
}

function numberOf(value: Reading["value"]): number | undefined {
  if (typeof value === "boolean") return value ? 1 : 0;
  return typeof value === "number" ? value : undefined;
}

function celsiusOf(
  kind: PlannedPoint["kind"],
  unit: string | undefined,
): ((value: number) => number) | undefined {
  if (unit === "Cel" || (unit === undefined && kind === "temperature")) return (value) => value;
  return unit === undefined ? undefined : conversion(unit, "Cel");
}
