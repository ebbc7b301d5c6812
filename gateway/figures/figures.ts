import type { MonotonicMs } from "../../drivers/contract.ts";
import type { Alarm, AlarmTransition } from "../alarms/alarm.ts";
import { type Follow, type Follower, nothingFollows } from "../follow.ts";
import { Flood, type FloodLimits } from "../push/flood.ts";
import type { BootClock } from "../push/time-mark.ts";
import type { Instant } from "../rules/rule.ts";
import { type DayFigures, dayFiguresSchema, emptyDay, withRule } from "./day-figures.ts";

export const figuresKeyPrefix = "figures/";

/** Days that are kept: a year and the days that a yearly report may come late. */
export const figuresDaysMax = 400;

/** ISA-18.2: raised this often within `chatterMs` is chattering. */
export const chatterRaises = 3;
export const chatterMs = 60_000;

/** An alarm that was active no longer than this came and went before anybody could act. */
export const fleetingMs = 10_000;

export interface FiguresInput {
  readonly transitions: readonly AlarmTransition[];
  /** All alarms as they are after the transitions. */
  readonly alarms: readonly Alarm[];
  readonly instant: Instant;
}

export interface FiguresParts {
  readonly limits: FloodLimits;
  readonly clock: BootClock;
  /** What the store kept under `figures/`. */
  readonly saved: ReadonlyMap<string, unknown>;
  readonly instant: Instant;
}

interface RuleRun {
  /** Of the last three raises, oldest first. */
  raisedMono: readonly MonotonicMs[];
  chattering: boolean;
}

/** Counts what ISA-18.2 asks of an alarm system, day by day. A day is one of UTC by the wall clock at the time. */
export class Figures implements Follower<FiguresInput> {
  readonly #days = new Map<string, DayFigures>();
  readonly #rules = new Map<string, RuleRun>();
  readonly #flood: Flood;
  #floodSince: MonotonicMs | undefined;

  constructor({ limits, clock, saved, instant }: FiguresParts) {
    this.#flood = new Flood(limits, clock, undefined, instant);
    for (const [key, value] of saved) {
      const day = dayFiguresSchema.safeParse(value).data;
      if (key.startsWith(figuresKeyPrefix) && day !== undefined) this.#days.set(day.day, day);
    }
  }

  /** The days on record, oldest first. */
  days(): readonly DayFigures[] {
    return [...this.#days.values()].toSorted((a, b) => (a.day < b.day ? -1 : 1));
  }

  step({ transitions, alarms, instant }: FiguresInput): Follow {
    if (transitions.length === 0 && !this.#isDue(instant)) return nothingFollows;
    const name = new Date(instant.at).toISOString().slice(0, 10);
    const before = this.#days.get(name) ?? emptyDay(name);
    let day = before;
    let raises = 0;
    for (const transition of transitions) {
      if (isRaise(transition)) {
        raises += 1;
        day = this.#raise(day, transition, instant);
      } else day = this.#end(day, transition, alarms, instant);
    }
    day = this.#noteFlood(day, raises, instant);
    return { events: [], state: day === before ? new Map() : this.#keep(day) };
  }

  nextDue(): MonotonicMs | undefined {
    return this.#flood.nextDue();
  }

  #isDue({ mono }: Instant): boolean {
    const due = this.#flood.nextDue();
    return due !== undefined && due <= mono;
  }

  #raise(day: DayFigures, { rule, priority }: AlarmTransition, { mono }: Instant): DayFigures {
    const run = this.#rules.get(rule) ?? { raisedMono: [], chattering: false };
    this.#rules.set(rule, run);
    run.raisedMono = [...run.raisedMono, mono].slice(-chatterRaises);
    const [first] = run.raisedMono;
    const often =
      run.raisedMono.length === chatterRaises && first !== undefined && mono - first < chatterMs;
    const chattered = often && !run.chattering ? 1 : 0;
    run.chattering = often;
    const raised = { ...day.raised, [priority]: day.raised[priority] + 1 };
    return withRule({ ...day, raised }, rule, { raised: 1, chattered });
  }

  #end(
    day: DayFigures,
    { alarm, rule, cause, at }: AlarmTransition,
    alarms: readonly Alarm[],
    { mono }: Instant,
  ): DayFigures {
    if (cause !== "acknowledged" && cause !== "returned") return day;
    const raisedMono = this.#rules.get(rule)?.raisedMono.at(-1);
    const raisedAt = alarms.find(({ id }) => id === alarm)?.raisedAt ?? at;
    // Of an earlier run of this program only the wall clock knows.
    const ms = Math.max(0, raisedMono === undefined ? at - raisedAt : mono - raisedMono);
    if (cause === "acknowledged") return { ...day, acknowledged: added(day.acknowledged, ms) };
    const cleared = { ...day, cleared: added(day.cleared, ms) };
    return ms <= fleetingMs ? withRule(cleared, rule, { fleeting: 1 }) : cleared;
  }

  #noteFlood(day: DayFigures, raises: number, { mono }: Instant): DayFigures {
    let result = day;
    for (const change of this.#flood.note(raises, mono)) {
      if (change.to === "flood") {
        this.#floodSince = change.mono;
        result = { ...result, floods: result.floods + 1 };
      } else if (this.#floodSince !== undefined) {
        result = { ...result, floodMs: result.floodMs + change.mono - this.#floodSince };
        this.#floodSince = undefined;
      }
    }
    return result;
  }

  #keep(day: DayFigures): ReadonlyMap<string, unknown> {
    this.#days.set(day.day, day);
    const state = new Map<string, unknown>([[figuresKeyPrefix + day.day, day]]);
    const surplus = this.days().slice(0, Math.max(0, this.#days.size - figuresDaysMax));
    for (const old of surplus) {
      this.#days.delete(old.day);
      state.set(figuresKeyPrefix + old.day, undefined);
    }
    return state;
  }
}

/** What somebody near the rack saw and heard; behind a shelf or a suppression nobody did. */
function isRaise({ cause, to }: AlarmTransition): boolean {
  return cause === "violated" && to === "unacknowledged";
}

function added(sum: DayFigures["cleared"], ms: number): DayFigures["cleared"] {
  return { count: sum.count + 1, ms: sum.ms + ms };
}
