import { z } from "zod";
import type { Language } from "../../config/language/language.ts";
import { reportText } from "../../config/language/report.ts";
import { type DayFigures, dayFiguresSchema } from "../figures/day-figures.ts";
import { figuresKeyPrefix } from "../figures/figures.ts";
import type { AlarmFigures } from "../figures/summary.ts";
import { type Cell, csvLine } from "./csv-line.ts";
import { durationText, percentText } from "./report-words.ts";

export interface FiguresSection {
  readonly title: string;
  readonly rows: readonly (readonly [name: string, value: string])[];
}

/** The days on record, from the state of a store. */
export function daysOf(state: ReadonlyMap<string, unknown>): readonly DayFigures[] {
  return [...state].flatMap(([key, json]) => {
    const day = dayFiguresSchema.safeParse(json).data;
    return key.startsWith(figuresKeyPrefix) && day !== undefined ? [day] : [];
  });
}

const savedSchema = z.object({
  occurrence: z.number(),
  active: z.boolean(),
  raisedAt: z.number(),
});

/** The last alarm of each rule, as far as the figures ask. @param state What the store keeps under `alarm/`. */
export function savedAlarms(state: ReadonlyMap<string, unknown>) {
  return [...state].flatMap(([key, json]) => {
    const saved = savedSchema.safeParse(json).data;
    if (saved === undefined) return [];
    const { occurrence, active, raisedAt } = saved;
    return [{ id: `${key.slice(key.indexOf("/") + 1)}#${occurrence}`, active, raisedAt }];
  });
}

/** The figures of an alarm system in words: the same for paper and for a spreadsheet. */
export function figuresSections(
  figures: AlarmFigures,
  language: Language,
): readonly FiguresSection[] {
  const text = reportText[language];
  const names = text.figureNames;
  const mean = (seconds: number | undefined) =>
    seconds === undefined ? names.none : durationText(seconds * 1_000, language);
  const { low = 0, medium = 0, high = 0, critical = 0 } = figures.priorities;
  const list = (title: string, rows: FiguresSection["rows"]): FiguresSection => ({
    title,
    rows: rows.length === 0 ? [[names.none, ""]] : rows,
  });
  return [
    {
      title: text.alarmFiguresPeriod(figures.from, figures.to, figures.days),
      rows: [
        [names.raised, String(figures.raised)],
        [names.perDay, `${Math.round(figures.perDay * 10) / 10}`],
        [names.load, text.loads[figures.load]],
        [names.floods, String(figures.floods)],
        [names.floodShare, percentText(figures.floodShare)],
        [names.priorities, [low, medium, high, critical].map(percentText).join(" / ")],
        [names.acknowledge, mean(figures.acknowledgeSeconds)],
        [names.clear, mean(figures.clearSeconds)],
        [names.topTenShare, percentText(figures.topTenShare)],
      ],
    },
    list(
      text.topTen,
      figures.topTen.map(({ rule, raised, share }) => [rule, `${raised} (${percentText(share)})`]),
    ),
    list(
      text.chattering,
      figures.chattering.map(({ rule, episodes }) => [rule, String(episodes)]),
    ),
    list(
      text.fleeting,
      figures.fleeting.map(({ rule, times }) => [rule, String(times)]),
    ),
    list(
      text.stale,
      figures.stale.map(({ alarm, hours }) => [alarm, text.hours(hours.toFixed(1))]),
    ),
    list(
      text.perDayList,
      figures.perDayList.map(({ day, raised }) => [day, String(raised)]),
    ),
  ];
}

/** One table: section, name, value. */
export function figuresCsv(sections: readonly FiguresSection[]): string {
  const lines = sections.flatMap(({ title, rows }) =>
    rows.map(([name, value]): readonly Cell[] => [title, name, value]),
  );
  return `\uFEFF${lines.map(csvLine).join("")}`;
}
