import type { EpochMs, MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import type { Instant } from "../rules/rule.ts";
import {
  type Affected,
  dispositionOf,
  type Excursion,
  historicId,
  isFarther,
  type Limit,
} from "./excursion.ts";
import type { ExcursionBook } from "./excursion-book.ts";
import type { ExcursionRule } from "./excursion-rule.ts";
import { type HistoricRun, historicRuns, joinMsOf, type LateReading } from "./historic-run.ts";
import { mktOf, noKinetic, plus } from "./mkt.ts";

/**
 * Late readings of one point that are kept to put the next ones in order: some days at one a minute. Beyond it the
 * oldest go, and the excursions that they told of only grow from then on.
 */
export const lateReadingsMax = 5_000;

/** A backlog comes in batches: people are told once none came for this long. */
export const historicSettleMs = 10_000;

/** Of low priority: what is over needs no siren. */
export interface HistoricNotice {
  readonly excursion: Excursion;
  readonly priority: "low";
}

interface Watched {
  readonly of: ExcursionRule;
  readonly limit: Limit;
  /** What stood before the readings at hand, from an earlier run of the program or out of their reach. */
  readonly fixed: Map<string, Excursion>;
  /** Made of the readings at hand. */
  readonly own: Set<string>;
}

/** Turns late samples into excursions of the past. In whichever order they come, the result is the same. */
export class HistoricExcursions {
  readonly #book: ExcursionBook;
  readonly #affected: (of: ExcursionRule, at: EpochMs) => Affected;
  readonly #byPoint = new Map<PointKey, Watched[]>();
  readonly #readings = new Map<PointKey, LateReading[]>();
  readonly #pending = new Set<string>();
  #settledAt: MonotonicMs | undefined;

  constructor(
    rules: readonly ExcursionRule[],
    book: ExcursionBook,
    affected: (of: ExcursionRule, at: EpochMs) => Affected,
  ) {
    this.#book = book;
    this.#affected = affected;
    for (const of of rules) {
      const { limit } = of;
      if (limit === undefined) continue;
      const known = book
        .list()
        .filter(({ kind, rule }) => kind === "historic" && rule === of.rule.id);
      const fixed = new Map(known.map((excursion) => [excursion.id, excursion]));
      const watched = { of, limit, fixed, own: new Set<string>() };
      this.#byPoint.set(limit.point, [...(this.#byPoint.get(limit.point) ?? []), watched]);
    }
    for (const { id, told } of book.list()) if (told === false) this.#pending.add(id);
  }

  nextDue(): MonotonicMs | undefined {
    return this.#pending.size === 0 ? undefined : (this.#settledAt ?? Number.NEGATIVE_INFINITY);
  }

  step(late: readonly Sample[], { at, mono }: Instant): readonly HistoricNotice[] {
    const points = new Set<PointKey>();
    for (const sample of late) if (this.#keep(sample)) points.add(sample.point);
    for (const point of points) {
      for (const watched of this.#byPoint.get(point) ?? []) this.#renew(watched, point, at);
      this.#settledAt = mono + historicSettleMs;
    }
    const due = this.nextDue();
    return due === undefined || mono < due ? [] : this.#tell();
  }

  #tell(): readonly HistoricNotice[] {
    const notices: HistoricNotice[] = [];
    for (const id of this.#pending) {
      const excursion = this.#book.get(id);
      if (excursion === undefined) continue;
      const told = { ...excursion, told: true };
      this.#book.put(told, excursion.told === true ? "updated" : "opened");
      if (excursion.told !== true) notices.push({ excursion: told, priority: "low" });
    }
    this.#pending.clear();
    return notices;
  }

  /** False for what tells nothing: another point, a bad or doubtful sample, one that is known. */
  #keep(sample: Sample): boolean {
    if (!this.#byPoint.has(sample.point)) return false;
    if (sample.quality !== "good" || typeof sample.value !== "number") return false;
    const readings = this.#readings.get(sample.point) ?? [];
    this.#readings.set(sample.point, readings);
    const reading = { at: sample.sampledAt, value: sample.value };
    const index = placeOf(readings, reading);
    const there = readings[index];
    if (there?.at === reading.at && there.value === reading.value) return false;
    readings.splice(index, 0, reading);
    return true;
  }

  #renew(watched: Watched, point: PointKey, now: EpochMs): void {
    const readings = this.#readings.get(point) ?? [];
    this.#bound(readings, point);
    const { of, limit, fixed } = watched;
    const runs = historicRuns(readings, of, limit);
    const rest = this.#extendFixed(watched, runs, now);
    const own = [...watched.own].flatMap((id) => this.#book.get(id) ?? []);
    const taken = new Set<string>();
    for (const run of rest) {
      const same = own.find(
        (one) => !taken.has(one.id) && one.start <= run.end && (one.end ?? one.start) >= run.start,
      );
      const before = same ?? this.#born(of, limit, run, now);
      taken.add(before.id);
      watched.own.add(before.id);
      this.#change(before, of, run, now);
    }
    for (const gone of own) {
      if (taken.has(gone.id)) continue;
      watched.own.delete(gone.id);
      this.#pending.delete(gone.id);
      if (!fixed.has(gone.id)) this.#book.withdraw(gone, gone.told === true);
    }
  }

  /** @returns the runs that touch none of what stood before. */
  #extendFixed({ of, limit, fixed }: Watched, runs: readonly HistoricRun[], now: EpochMs) {
    const joinMs = joinMsOf(of);
    let rest = runs;
    for (const [id, base] of fixed) {
      const end = base.end ?? base.start;
      const touching = rest.filter(
        (run) => run.start <= end + joinMs && run.end >= base.start - joinMs,
      );
      rest = rest.filter((run) => !touching.includes(run));
      const present = this.#book.get(id);
      if (present === undefined || touching.length === 0) continue;
      const all = touching.reduce((left, right) => united(left, right, limit), runOf(base));
      this.#change(present, of, all, now);
    }
    return rest;
  }

  #born(of: ExcursionRule, limit: Limit, run: HistoricRun, now: EpochMs): Excursion {
    const { rule } = of;
    const { profile } = rule;
    return {
      version: 1,
      id: this.#freeId(historicId(rule.id, run.start)),
      kind: "historic",
      rule: rule.id,
      ...(profile !== undefined && { profile: { id: profile.id, limit: profile.limit } }),
      limit: { is: limit.is, value: limit.value, inclusive: limit.inclusive },
      point: limit.point,
      state: "closed",
      start: run.start,
      knownMs: 0,
      outsideMs: 0,
      gapMs: 0,
      outside24hMs: 0,
      affected: this.#affected(of, run.start),
      trail: [],
      dispositions: [],
      updatedAt: now,
      told: false,
    };
  }

  /** One that grew to the front keeps its id, and may be split at the time that it is named after. */
  #freeId(id: string): string {
    let free = id;
    for (let count = 2; this.#book.get(free) !== undefined; count += 1) free = `${id}.${count}`;
    return free;
  }

  #change(before: Excursion, of: ExcursionRule, run: HistoricRun, now: EpochMs): void {
    const { start, end, peak, knownMs, outsideMs, gapMs, kinetic } = run;
    const same =
      before.start === start &&
      before.end === end &&
      before.peak?.value === peak.value &&
      before.peak.at === peak.at &&
      before.knownMs === knownMs &&
      before.outsideMs === outsideMs &&
      before.gapMs === gapMs;
    if (same) return;
    const mkt = mktOfRun(run, of);
    const excursion: Excursion = {
      ...before,
      ...{ start, end, peak, knownMs, outsideMs, gapMs, kinetic, updatedAt: now },
      // All of it that lies within the 24 hours before its end.
      outside24hMs: Math.min(outsideMs, 86_400_000),
      ...(mkt !== undefined && { mkt }),
    };
    this.#book.put(reopened(excursion, now));
    this.#pending.add(excursion.id);
  }

  #bound(readings: LateReading[], point: PointKey): void {
    const over = readings.length - lateReadingsMax;
    if (over <= 0) return;
    readings.splice(0, over);
    const oldest = readings[0]?.at ?? 0;
    for (const { own, fixed } of this.#byPoint.get(point) ?? []) {
      for (const id of own) {
        const excursion = this.#book.get(id);
        if (excursion === undefined || excursion.start >= oldest) continue;
        own.delete(id);
        fixed.set(id, excursion);
      }
    }
  }
}

/** What was released on less than is known now is in quarantine again. */
function reopened(excursion: Excursion, at: EpochMs): Excursion {
  if (dispositionOf(excursion) !== "released") return excursion;
  const meaning = "late samples changed it after its release";
  const again = { to: "quarantined" as const, by: "gateway", at, meaning };
  return { ...excursion, dispositions: [...excursion.dispositions, again] };
}

function mktOfRun(run: HistoricRun, { limit, toCelsius, coverageMin }: ExcursionRule) {
  if (toCelsius === undefined) return undefined;
  const mkt = mktOf(run.kinetic, run.knownMs + run.gapMs, coverageMin);
  return limit?.is === "below" ? { refused: "freeze" as const, coverage: mkt.coverage } : mkt;
}

function runOf({ start, end, peak, kinetic, knownMs, outsideMs, gapMs }: Excursion): HistoricRun {
  return {
    start,
    end: end ?? start,
    peak: peak ?? { value: Number.NaN, at: start },
    kinetic: kinetic ?? noKinetic,
    knownMs,
    outsideMs,
    gapMs,
  };
}

/** Of two that touch; what lies between them is a gap. One within the other adds nothing. */
function united(base: HistoricRun, run: HistoricRun, limit: Limit): HistoricRun {
  if (run.start >= base.start && run.end <= base.end) return base;
  const start = Math.min(base.start, run.start);
  const end = Math.max(base.end, run.end);
  const outsideMs = Math.min(base.outsideMs + run.outsideMs, end - start);
  const knownMs = Math.max(outsideMs, Math.min(base.knownMs + run.knownMs, end - start));
  return {
    start,
    end,
    peak: isFarther(limit, run.peak.value, base.peak.value) ? run.peak : base.peak,
    knownMs,
    outsideMs,
    gapMs: Math.max(0, end - start - knownMs),
    kinetic: plus(base.kinetic, run.kinetic),
  };
}

/** Where a reading belongs: by time, then by value, so that the order of arrival leaves no trace. */
function placeOf(readings: readonly LateReading[], { at, value }: LateReading): number {
  let low = 0;
  let high = readings.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    const there = readings[middle];
    const before =
      there !== undefined && (there.at < at || (there.at === at && there.value < value));
    if (before) low = middle + 1;
    else high = middle;
  }
  return low;
}
