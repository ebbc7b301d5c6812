import { z } from "zod";
import { prioritySchema } from "../../config/schema/rule.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import type { Alarm } from "../alarms/alarm.ts";
import type { DayFigures, RuleFigures } from "./day-figures.ts";

/** ISA-18.2: up to this many a day one person can handle; from `overloadedPerDay` on nobody can. */
export const manageablePerDay = 150;
export const overloadedPerDay = 300;

/** Active for longer than this an alarm tells nobody anything any more. */
export const staleAlarmMs = 86_400_000;

const dayMs = 86_400_000;
const listMax = 10;

/** The figures of an alarm system over some days (ISA-18.2 clause on monitoring; targets in docs/alarms.md). */
export const alarmFiguresSchema = z.object({
  /** First and last day, UTC, YYYY-MM-DD. */
  from: z.string(),
  to: z.string(),
  days: z.number(),
  raised: z.number(),
  perDay: z.number(),
  load: z.enum(["manageable", "busy", "overloaded"]),
  floods: z.number(),
  /** Share of the time, 0 to 1; the goal is below 0.01. */
  floodShare: z.number(),
  /** Share of each priority, 0 to 1; the goal is about 0.8 low, 0.15 medium, 0.05 high and critical. */
  priorities: z.record(prioritySchema, z.number()),
  chattering: z.array(z.object({ rule: z.string(), episodes: z.number() })),
  fleeting: z.array(z.object({ rule: z.string(), times: z.number() })),
  /** Active for more than a day, now. */
  stale: z.array(z.object({ alarm: z.string(), hours: z.number() })),
  topTen: z.array(z.object({ rule: z.string(), raised: z.number(), share: z.number() })),
  topTenShare: z.number(),
  /** Means, in seconds; absent when there was none. */
  acknowledgeSeconds: z.number().optional(),
  clearSeconds: z.number().optional(),
  perDayList: z.array(z.object({ day: z.string(), raised: z.number() })),
});
export type AlarmFigures = z.infer<typeof alarmFiguresSchema>;

/** @param now the last of `days` days; days without anything count as days. */
export function summarize(
  all: readonly DayFigures[],
  alarms: readonly Pick<Alarm, "id" | "active" | "raisedAt">[],
  now: EpochMs,
  days: number,
): AlarmFigures {
  const names = Array.from({ length: days }, (_, index) =>
    new Date(now - (days - 1 - index) * dayMs).toISOString().slice(0, 10),
  );
  const known = new Map(all.map((day) => [day.day, day]));
  const found = names.flatMap((name) => known.get(name) ?? []);
  const rules = sumRules(found);
  const raised = sum(found, raisedOn);
  const top = [...rules]
    .map(([rule, figures]) => ({
      rule,
      raised: figures.raised,
      share: ratio(figures.raised, raised),
    }))
    .toSorted((a, b) => b.raised - a.raised)
    .slice(0, listMax);
  const perDay = raised / days;
  return {
    from: names.at(0) ?? "",
    to: names.at(-1) ?? "",
    days,
    raised,
    perDay,
    load:
      perDay <= manageablePerDay ? "manageable" : perDay < overloadedPerDay ? "busy" : "overloaded",
    floods: sum(found, (day) => day.floods),
    floodShare: sum(found, (day) => day.floodMs) / (days * dayMs),
    priorities: {
      low: ratio(
        sum(found, (day) => day.raised.low),
        raised,
      ),
      medium: ratio(
        sum(found, (day) => day.raised.medium),
        raised,
      ),
      high: ratio(
        sum(found, (day) => day.raised.high),
        raised,
      ),
      critical: ratio(
        sum(found, (day) => day.raised.critical),
        raised,
      ),
    },
    chattering: worst(rules, ({ chattered }) => chattered).map(([rule, episodes]) => ({
      rule,
      episodes,
    })),
    fleeting: worst(rules, ({ fleeting }) => fleeting).map(([rule, times]) => ({ rule, times })),
    stale: alarms
      .filter(({ active, raisedAt }) => active && now - raisedAt > staleAlarmMs)
      .map(({ id, raisedAt }) => ({ alarm: id, hours: (now - raisedAt) / 3_600_000 })),
    topTen: top,
    topTenShare: ratio(
      sum(top, (rule) => rule.raised),
      raised,
    ),
    ...mean("acknowledgeSeconds", found, (day) => day.acknowledged),
    ...mean("clearSeconds", found, (day) => day.cleared),
    perDayList: names.map((day) => {
      const figures = known.get(day);
      return { day, raised: figures === undefined ? 0 : raisedOn(figures) };
    }),
  };
}

function raisedOn({ raised }: DayFigures): number {
  return raised.low + raised.medium + raised.high + raised.critical;
}

function sumRules(days: readonly DayFigures[]): ReadonlyMap<string, RuleFigures> {
  const rules = new Map<string, RuleFigures>();
  for (const [rule, figures] of days.flatMap((day) => Object.entries(day.rules))) {
    const before = rules.get(rule) ?? { raised: 0, chattered: 0, fleeting: 0 };
    rules.set(rule, {
      raised: before.raised + figures.raised,
      chattered: before.chattered + figures.chattered,
      fleeting: before.fleeting + figures.fleeting,
    });
  }
  return rules;
}

function worst(rules: ReadonlyMap<string, RuleFigures>, of: (figures: RuleFigures) => number) {
  return [...rules]
    .map(([rule, figures]) => [rule, of(figures)] as const)
    .filter(([, times]) => times > 0)
    .toSorted(([, a], [, b]) => b - a)
    .slice(0, listMax);
}

function mean<Key extends string>(
  key: Key,
  days: readonly DayFigures[],
  of: (day: DayFigures) => DayFigures["cleared"],
): Partial<Record<Key, number>> {
  const times = sum(days, (day) => of(day).count);
  if (times === 0) return {};
  const result: Partial<Record<Key, number>> = {};
  result[key] = sum(days, (day) => of(day).ms) / times / 1_000;
  return result;
}

function sum<Item>(items: readonly Item[], of: (item: Item) => number): number {
  return items.reduce((total, item) => total + of(item), 0);
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
