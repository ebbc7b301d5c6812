import { coldChainText } from "../../config/language/cold-chain.ts";
import type { Language } from "../../config/language/language.ts";
import type { LocationConfig } from "../../config/schema/location.ts";
import type { EpochMs, MonotonicMs, PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Alarm, AlarmTransition } from "../alarms/alarm.ts";
import type { AlarmStep } from "../alarms/alarm-system.ts";
import type { Follow, Follower } from "../follow.ts";
import type { Instant, Rule } from "../rules/rule.ts";
import type { Start } from "../rules/rule-state.ts";
import { fixOf, type TimeCorrection } from "../store/time-shift.ts";
import { dipsSchema, type SavedDips } from "./dips.ts";
import { type Disposal, disposed } from "./disposition.ts";
import {
  affectedBy,
  type Excursion,
  excursionKeyPrefix,
  type StockAt,
  withTrail,
} from "./excursion.ts";
import { ExcursionBook } from "./excursion-book.ts";
import { type ExcursionRule, excursionRules, type WatchedPoint } from "./excursion-rule.ts";
import { atTrueTimes, missedBy, settledOf } from "./excursion-times.ts";
import { ExcursionTrack, type Measured, monoOf } from "./excursion-track.ts";
import { HistoricExcursions, type HistoricNotice } from "./historic-excursions.ts";

/** Time out of range within 24 hours is kept under this prefix, followed by the rule. */
export const dipsKeyPrefix = "outside/";

/** An open excursion is saved at what changes it, and for its figures no oftener than this. */
export const excursionSavedEveryMs = 60_000;

/** How often the log is told of an open excursion's figures: its rows are never dropped. */
export const excursionToldEveryMs = 1_800_000;

export interface ExcursionsParts extends Start {
  readonly rules: readonly Rule[];
  readonly points: ReadonlyMap<PointKey, WatchedPoint>;
  readonly locations: Readonly<Record<string, Pick<LocationConfig, "within">>>;
  /** Of a profile's mean kinetic temperature; undefined: the usual one. */
  readonly coverageMin?: (profile: string) => number | undefined;
  readonly stockAt?: StockAt;
  /** What the store kept under `excursion/` and `outside/`, by key. */
  readonly saved: ReadonlyMap<string, unknown>;
  readonly language?: Language;
}

export interface ExcursionInput {
  /** Live samples, as the pipeline gave them. */
  readonly samples: readonly Sample[];
  readonly late: readonly Sample[];
  readonly step: Pick<AlarmStep, "transitions" | "alarms">;
  readonly instant: Instant;
}

export interface ExcursionFollow extends Follow {
  /** Historic excursions of which people are to be told, once each. */
  readonly notices: readonly HistoricNotice[];
}

interface Open {
  readonly id: string;
  savedAt: MonotonicMs;
  toldAt: MonotonicMs;
}

const noStock: StockAt = () => ({ items: [], lots: [] });

/**
 * Makes an object of each time out of range that a profile's alarm tells of, and of what late samples tell of the
 * past. Shelving, suppression and silence change nothing here: what happened to the goods happened.
 */
export class Excursions implements Follower<ExcursionInput> {
  readonly #parts: ExcursionsParts;
  readonly #book: ExcursionBook;
  readonly #historic: HistoricExcursions;
  readonly #tracks = new Map<string, ExcursionTrack>();
  readonly #byPoint = new Map<PointKey, ExcursionTrack[]>();
  readonly #open = new Map<ExcursionTrack, Open>();
  /** Tracks whose dips changed, and when they were saved last. */
  readonly #dipsSavedAt = new Map<ExcursionTrack, MonotonicMs>();
  readonly #dipsChanged = new Set<ExcursionTrack>();
  /** Of excursions that were there at the start: times from before this boot. */
  readonly #settled = new Map<string, readonly EpochMs[]>();
  /** The last correction of this boot's clock. */
  #correctedMono: MonotonicMs | undefined;
  #orphans: readonly Excursion[];
  #started = false;

  constructor(parts: ExcursionsParts) {
    this.#parts = parts;
    this.#correctedMono = parts.corrections?.findLast(({ boot }) => boot === parts.boot)?.mono;
    const { rules, points, saved, coverageMin = () => undefined } = parts;
    const own = [...saved].filter(([key]) => key.startsWith(excursionKeyPrefix));
    this.#book = new ExcursionBook(new Map(own));
    const watched = excursionRules(rules, points, coverageMin);
    for (const of of watched) this.#track(of);
    for (const excursion of this.#book.list()) this.#settle(excursion);
    this.#orphans = this.#book.list().filter((excursion) => !this.#resume(excursion));
    this.#historic = new HistoricExcursions(watched, this.#book, (of, at) =>
      this.#affected(of, at),
    );
  }

  /** Keys whose saved excursion cannot be read, for the log. */
  get unreadable(): readonly string[] {
    return this.#book.unreadable;
  }

  /** Open ones first, then the newest first. */
  list(): readonly Excursion[] {
    return this.#book.list().toSorted((left, right) => {
      const open = Number(right.state === "open") - Number(left.state === "open");
      return open === 0 ? right.start - left.start : open;
    });
  }

  /** When historic excursions have settled. */
  nextDue(): MonotonicMs | undefined {
    return this.#historic.nextDue();
  }

  step({ samples, late, step, instant }: ExcursionInput): ExcursionFollow {
    for (const sample of samples) this.#observe(sample, instant);
    for (const transition of step.transitions) this.#follow(transition, instant);
    if (!this.#started) this.#reconcile(step.alarms, instant);
    const notices = this.#historic.step(late, instant);
    this.#save(instant);
    const { events, state } = this.#book.collect(instant.at);
    return { events, state: new Map([...state, ...this.#saveDips(instant)]), notices };
  }

  /** The clock was wrong: what it dated gets its true time, open or closed, on disk with the next step. */
  correct(correction: TimeCorrection): void {
    this.#correctedMono = correction.mono;
    for (const track of this.#tracks.values()) {
      const open = this.#open.get(track);
      track.correct(fixOf(correction, open && this.#settled.get(open.id)));
    }
    for (const excursion of this.#book.list()) {
      if (excursion.kind !== "live") continue;
      const after = atTrueTimes(excursion, correction, this.#settled.get(excursion.id));
      if (after !== excursion) this.#book.put(after, "updated");
    }
  }

  /** @throws RackwatchError `alarm/unknown`, `alarm/not-allowed` with the reason; nothing has changed then. */
  dispose(id: string, disposal: Disposal, instant: Instant): Follow {
    const { language = "en" } = this.#parts;
    const excursion = this.#book.get(id);
    if (excursion === undefined) {
      throw new RackwatchError("alarm/unknown", coldChainText[language].unknown(id));
    }
    this.#book.put(disposed(excursion, disposal, instant, language), "disposed");
    return this.#book.collect(instant.at);
  }

  /** As it was saved, with what was found out of the clock since, and what of it is settled. */
  #settle(saved: Excursion): void {
    const { boot, corrections = [] } = this.#parts;
    let excursion = saved;
    for (const correction of missedBy(saved, corrections)) {
      excursion = atTrueTimes(excursion, correction, saved.settled);
    }
    const settled = settledOf(excursion, boot);
    if (settled.length > 0) this.#settled.set(saved.id, settled);
    if (excursion !== saved) this.#book.put(excursion, "updated");
  }

  #track(of: ExcursionRule): void {
    const { boot, instant, saved, clockSynchronized } = this.#parts;
    const track = new ExcursionTrack(of);
    this.#tracks.set(of.rule.id, track);
    const { limit } = of;
    if (limit === undefined) return;
    this.#byPoint.set(limit.point, [...(this.#byPoint.get(limit.point) ?? []), track]);
    const parsed = dipsSchema.safeParse(saved.get(dipsKeyPrefix + of.rule.id));
    if (!parsed.success) return;
    const { mono, dips } = parsed.data;
    track.dips.restore(dips, monoOf(parsed.data, boot, instant, clockSynchronized()) - mono);
  }

  /** False for an open one whose rule is gone. */
  #resume(excursion: Excursion): boolean {
    if (excursion.kind !== "live" || excursion.state !== "open") return true;
    const track = this.#tracks.get(excursion.rule);
    if (track === undefined || track.isOpen) return false;
    const { boot, instant, clockSynchronized } = this.#parts;
    const { last } = excursion;
    const mono =
      last === undefined ? instant.mono : monoOf(last, boot, instant, clockSynchronized());
    track.resume(excursion, mono);
    this.#open.set(track, { id: excursion.id, savedAt: instant.mono, toldAt: instant.mono });
    return true;
  }

  #observe(sample: Sample, { mono }: Instant): void {
    const tracks = this.#byPoint.get(sample.point);
    if (tracks === undefined || sample.quality === "uncertain") return;
    const value = sample.quality === "good" ? sample.value : undefined;
    if (typeof value !== "number" && value !== undefined) return;
    for (const track of tracks) {
      const crossed = track.observe(value, sample.sampledAt, mono);
      if (crossed || (track.measured !== undefined && !track.dips.isEmpty)) {
        this.#dipsChanged.add(track);
      }
    }
  }

  #follow(transition: AlarmTransition, instant: Instant): void {
    const track = this.#tracks.get(transition.rule);
    if (track !== undefined) {
      const { cause, alarm, at } = transition;
      if (cause === "out-of-service") track.outOfService = true;
      else if (cause === "return-to-service") track.outOfService = false;
      else if (cause === "violated") this.#opened(track, alarm, at, instant);
      else if (cause === "returned") this.#closed(track, at, instant);
    }
    const excursion = this.#book.get(transition.alarm);
    if (excursion === undefined) return;
    const { from, to, at, cause, by, comment } = transition;
    const told = { ...(by !== undefined && { by }), ...(comment !== undefined && { comment }) };
    this.#book.put(withTrail(excursion, { from, to, at, cause, ...told }));
  }

  /** What the start itself changed: alarms that no excursion knows, excursions whose alarm is gone. */
  #reconcile(alarms: readonly Alarm[], instant: Instant): void {
    this.#started = true;
    const active = new Set<ExcursionTrack>();
    for (const { id, rule, active: isActive, outOfService, raisedAt } of alarms) {
      const track = this.#tracks.get(rule);
      if (track === undefined) continue;
      if (outOfService !== undefined) track.outOfService = true;
      if (!isActive) continue;
      active.add(track);
      this.#opened(track, id, raisedAt, instant);
    }
    for (const track of this.#open.keys()) {
      if (!active.has(track)) this.#closed(track, instant.at, instant);
    }
    for (const orphan of this.#orphans) {
      const { last, settled, ...closed } = orphan;
      const end = last?.insideSince ?? orphan.updatedAt;
      this.#book.put({ ...closed, state: "closed", end, updatedAt: instant.at }, "closed");
    }
    this.#orphans = [];
  }

  #opened(track: ExcursionTrack, id: string, at: EpochMs, instant: Instant): void {
    const open = this.#open.get(track);
    if (open?.id === id) return;
    if (open !== undefined) this.#closed(track, at, instant);
    const { rule } = track.of;
    const measured = track.open(at - rule.onDelayMs, instant.mono);
    const excursion = this.#current(track, born(track.of, id, measured.start), measured, instant);
    const affected = this.#affected(track.of, measured.start);
    this.#book.put({ ...excursion, affected }, "opened");
    this.#open.set(track, { id, savedAt: instant.mono, toldAt: instant.mono });
  }

  #closed(track: ExcursionTrack, at: EpochMs, instant: Instant): void {
    const open = this.#open.get(track);
    const before = open === undefined ? undefined : this.#book.get(open.id);
    const end = track.insideSince ?? at;
    const measured = track.close(instant.mono);
    this.#open.delete(track);
    if (before === undefined || measured === undefined) return;
    const { last, settled, ...excursion } = this.#current(track, before, measured, instant);
    this.#book.put({ ...excursion, state: "closed", end }, "closed");
  }

  #save(instant: Instant): void {
    for (const [track, open] of this.#open) {
      if (instant.mono - open.savedAt < excursionSavedEveryMs) continue;
      const before = this.#book.get(open.id);
      const { measured } = track;
      if (before === undefined || measured === undefined) continue;
      const tell = instant.mono - open.toldAt >= excursionToldEveryMs;
      this.#book.put(this.#current(track, before, measured, instant), tell ? "updated" : undefined);
      open.savedAt = instant.mono;
      if (tell) open.toldAt = instant.mono;
    }
  }

  #saveDips(instant: Instant): readonly (readonly [string, SavedDips | undefined])[] {
    const saved: (readonly [string, SavedDips | undefined])[] = [];
    for (const track of this.#dipsChanged) {
      const savedAt = this.#dipsSavedAt.get(track) ?? Number.NEGATIVE_INFINITY;
      if (instant.mono - savedAt < excursionSavedEveryMs) continue;
      this.#dipsChanged.delete(track);
      this.#dipsSavedAt.set(track, instant.mono);
      const { boot } = this.#parts;
      const dips = { boot, ...instant, dips: track.dips.save() };
      saved.push([dipsKeyPrefix + track.of.rule.id, track.dips.isEmpty ? undefined : dips]);
    }
    return saved;
  }

  #current(
    track: ExcursionTrack,
    excursion: Excursion,
    measured: Measured,
    instant: Instant,
  ): Excursion {
    const { start, peak, knownMs, outsideMs, gapMs, kinetic } = measured;
    const { last, insideSince } = track;
    const mkt = track.mkt(measured);
    const settled = this.#settled.get(excursion.id);
    const correctedMono = this.#correctedMono;
    const lastMono = last?.mono ?? instant.mono;
    return {
      ...excursion,
      ...{ start, knownMs, outsideMs, gapMs, kinetic, updatedAt: instant.at },
      ...(peak !== undefined && { peak }),
      ...(mkt !== undefined && { mkt }),
      outside24hMs: track.dips.total(instant.mono),
      last: {
        boot: this.#parts.boot,
        mono: lastMono,
        at: instant.at - (instant.mono - lastMono),
        ...(last?.value !== undefined && { value: last.value }),
        ...(insideSince !== undefined && { insideSince }),
        ...(correctedMono !== undefined && { correctedMono }),
      },
      ...(settled !== undefined && { settled: [...settled] }),
    };
  }

  #affected({ rule }: ExcursionRule, at: EpochMs) {
    const { locations, stockAt = noStock } = this.#parts;
    return affectedBy(rule.location, locations, stockAt, at);
  }
}

function born({ rule, limit }: ExcursionRule, id: string, start: EpochMs): Excursion {
  const { profile } = rule;
  return {
    version: 1,
    id,
    kind: "live",
    rule: rule.id,
    ...(profile !== undefined && { profile: { id: profile.id, limit: profile.limit } }),
    ...(limit !== undefined && {
      limit: { is: limit.is, value: limit.value, inclusive: limit.inclusive },
      point: limit.point,
    }),
    state: "open",
    start,
    knownMs: 0,
    outsideMs: 0,
    gapMs: 0,
    outside24hMs: 0,
    affected: { locations: [], items: [], lots: [] },
    trail: [],
    dispositions: [],
    updatedAt: start,
  };
}
