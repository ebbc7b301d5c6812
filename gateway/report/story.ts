import { z } from "zod";
import { prioritySchema } from "../../config/schema/rule.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import { type Excursion, excursionSchema } from "../cold-chain/excursion.ts";
import type { GatewayEvent } from "../store/store.ts";
import type { Incident } from "./gap-cause.ts";
import type { LoggedEvent } from "./log-reader.ts";
import type { ReportPlan } from "./report-plan.ts";

/** Alarms that one report tells of. Beyond it the later ones are counted only. */
export const reportAlarmsMax = 2_000;

/** Transitions that one alarm is told with; the middle ones of a chattering one say nothing. */
const stepsMax = 50;

const transitionSchema = z.object({
  alarm: z.string(),
  rule: z.string(),
  from: z.string(),
  to: z.string(),
  at: z.number(),
  cause: z.string(),
  by: z.string().optional(),
  comment: z.string().optional(),
  point: z.string().optional(),
  value: z.union([z.number(), z.string(), z.boolean()]).optional(),
  priority: prioritySchema,
  message: z.string(),
});
export type AlarmStep = z.infer<typeof transitionSchema>;

/** One occurrence of an alarm, as far as it lies in the period. */
export interface ReportAlarm {
  readonly id: string;
  readonly rule: string;
  readonly priority: AlarmStep["priority"];
  readonly message: string;
  readonly steps: AlarmStep[];
  /** Raised before the period. */
  readonly earlier: boolean;
  stepsDropped: number;
}

interface Span {
  readonly from: EpochMs;
  readonly to: EpochMs;
}

const savedSchema = z.object({
  occurrence: z.number(),
  active: z.boolean(),
  acknowledged: z.boolean().optional(),
  priority: prioritySchema,
  message: z.string(),
  raisedAt: z.number(),
  outOfService: z.object({ since: z.number() }).optional(),
});

const excursionEventSchema = z.object({
  do: z.string(),
  excursion: z.looseObject({ id: z.string(), rule: z.string() }),
});

/** What happened at a location besides its readings, from the log of events and the state that the gateway keeps. */
export class Story {
  readonly incidents: Incident[] = [];
  alarmsUntold = 0;
  readonly #plan: ReportPlan;
  readonly #rules: ReadonlyMap<string, readonly string[]>;
  readonly #points: ReadonlySet<string>;
  readonly #alarms = new Map<string, ReportAlarm>();
  readonly #excursions = new Map<string, Excursion>();
  readonly #pauses = new Map<string, { open: EpochMs | undefined; spans: Span[] }>();
  #boot: string | undefined;

  constructor(plan: ReportPlan) {
    this.#plan = plan;
    this.#rules = new Map(plan.rules.map(({ id, points }) => [id, points]));
    this.#points = new Set(plan.points.map(({ key }) => key));
  }

  /** In the order of the log. @returns whether the event belongs into the report. */
  take({ event, boot }: LoggedEvent): boolean {
    const { from, to } = this.#plan;
    const isWithin = event.at >= from && event.at < to;
    if (event.kind !== "boot") this.#boot ??= boot;
    if (event.kind === "alarm") return this.#transition(event, isWithin);
    if (event.kind === "excursion") return this.#excursion(event) && isWithin;
    const kind = this.#incident(event, boot);
    if (kind === undefined || !isWithin) return false;
    this.incidents.push({ at: event.at, kind });
    return true;
  }

  /** What is so now: excursions with what was decided, alarms that began before the log, pauses that go on. */
  takeState(alarms: ReadonlyMap<string, unknown>, excursions: ReadonlyMap<string, unknown>): void {
    const { from, to } = this.#plan;
    for (const json of excursions.values()) {
      const parsed = excursionSchema.safeParse(json).data;
      if (parsed !== undefined) this.#noteExcursion(parsed);
    }
    for (const [key, json] of alarms) {
      const rule = key.slice(key.indexOf("/") + 1);
      const saved = savedSchema.safeParse(json).data;
      if (saved === undefined || !this.#rules.has(rule)) continue;
      const since = saved.outOfService?.since;
      if (since !== undefined && since < from && !this.#pauses.has(rule)) {
        this.#pauses.set(rule, { open: from, spans: [] });
      }
      const id = `${rule}#${saved.occurrence}`;
      const lasts = saved.active && saved.raisedAt < to && saved.raisedAt < from;
      if (!lasts || this.#alarms.has(id)) continue;
      const { priority, message } = saved;
      this.#addAlarm({ id, rule, priority, message, steps: [], earlier: true, stepsDropped: 0 });
    }
  }

  alarms(): readonly ReportAlarm[] {
    return [...this.#alarms.values()];
  }

  excursions(): readonly Excursion[] {
    return [...this.#excursions.values()].sort(
      (left, right) => left.start - right.start || (left.id < right.id ? -1 : 1),
    );
  }

  /** When a point counted for nothing, because somebody took a rule that watches it out of service. */
  outOfService(point: string): readonly Span[] {
    const spans = [...this.#pauses].flatMap(([rule, { open, spans }]) => {
      if (this.#rules.get(rule)?.includes(point) !== true) return [];
      return open === undefined ? spans : [...spans, { from: open, to: this.#plan.to }];
    });
    const joined: Span[] = [];
    for (const span of spans.sort((left, right) => left.from - right.from)) {
      const last = joined.at(-1);
      if (last === undefined || span.from > last.to) joined.push(span);
      else joined[joined.length - 1] = { from: last.from, to: Math.max(last.to, span.to) };
    }
    return joined;
  }

  #transition({ body }: GatewayEvent, isWithin: boolean): boolean {
    const parsed = transitionSchema.safeParse(body).data;
    if (parsed === undefined) return false;
    const { rule, point } = parsed;
    if (!this.#rules.has(rule) && (point === undefined || !this.#points.has(point))) return false;
    this.#notePause(parsed);
    if (!isWithin) return false;
    const known = this.#alarms.get(parsed.alarm);
    if (known !== undefined) addStep(known, parsed);
    else {
      const { alarm: id, priority, message, cause } = parsed;
      const earlier = cause !== "violated" && !id.endsWith("#0");
      const steps = [parsed];
      this.#addAlarm({ id, rule, priority, message, steps, earlier, stepsDropped: 0 });
    }
    return true;
  }

  #addAlarm(alarm: ReportAlarm): void {
    if (this.#alarms.size < reportAlarmsMax) this.#alarms.set(alarm.id, alarm);
    else this.alarmsUntold += 1;
  }

  #notePause({ rule, cause, at }: AlarmStep): void {
    const { from } = this.#plan;
    if (cause === "out-of-service") {
      const pause = this.#pauses.get(rule) ?? { open: undefined, spans: [] };
      pause.open ??= at;
      this.#pauses.set(rule, pause);
    } else if (cause === "return-to-service" || cause === "rule-removed") {
      const pause = this.#pauses.get(rule);
      // Nothing told of its begin: that was before the period.
      if (pause === undefined && cause === "return-to-service") {
        this.#pauses.set(rule, { open: undefined, spans: [{ from, to: at }] });
      } else if (pause?.open !== undefined) {
        pause.spans.push({ from: pause.open, to: at });
        pause.open = undefined;
      }
    }
  }

  #excursion({ body }: GatewayEvent): boolean {
    const told = excursionEventSchema.safeParse(body).data;
    if (told === undefined) return false;
    if (told.do === "withdrawn") return this.#excursions.delete(told.excursion.id);
    const parsed = excursionSchema.safeParse(told.excursion).data;
    return parsed === undefined
      ? this.#rules.has(told.excursion.rule)
      : this.#noteExcursion(parsed);
  }

  #noteExcursion(excursion: Excursion): boolean {
    const { rule, point, affected, start, end } = excursion;
    const { location, from, to } = this.#plan;
    const isHere =
      this.#rules.has(rule) ||
      (point !== undefined && this.#points.has(point)) ||
      affected.location === location.id;
    if (!isHere) return false;
    if (start < to && (end ?? Number.POSITIVE_INFINITY) > from) {
      this.#excursions.set(excursion.id, excursion);
    } else this.#excursions.delete(excursion.id);
    return true;
  }

  #incident({ kind }: GatewayEvent, boot: string): Incident["kind"] | undefined {
    if (kind === "clock") return "clock";
    if (kind === "gap") return "storage";
    if (kind !== "boot") return undefined;
    const isOther = this.#boot !== undefined && this.#boot !== boot;
    this.#boot = boot;
    return isOther ? "power" : "stopped";
  }
}

function addStep(alarm: ReportAlarm, step: AlarmStep): void {
  if (alarm.steps.length < stepsMax) alarm.steps.push(step);
  else {
    alarm.steps.splice(1, 1);
    alarm.steps.push(step);
    alarm.stepsDropped += 1;
  }
}
