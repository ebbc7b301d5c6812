import type { CronField } from "../language/check-alarm.ts";
import { type Finding, finding, type Path } from "../problem.ts";
import { dayNames, type ScheduleConfig } from "../schema/schedule.ts";
import type { Subject } from "./subject.ts";

/** Each schedule says when it begins and how long it lasts. */
export function checkSchedules({ config }: Subject): readonly Finding[] {
  return Object.entries(config.schedules).flatMap(([id, schedule]) =>
    scheduleFindings(schedule, ["schedules", id]),
  );
}

function scheduleFindings(schedule: ScheduleConfig, path: Path): readonly Finding[] {
  const { hours, cron } = schedule;
  const lasts = schedule.for;
  if (hours !== undefined && cron !== undefined) {
    return [finding("schedule/both", [...path, "cron"], {}, { at: "key" })];
  }
  if (cron !== undefined) {
    const missing =
      lasts === undefined
        ? [finding("schedule/cron-for", [...path, "cron"], {}, { at: "key" })]
        : [];
    return [...missing, ...cronFindings(cron, [...path, "cron"])];
  }
  if (hours === undefined) return [finding("schedule/empty", path, {}, { at: "key" })];
  if (lasts === undefined) return [];
  const params = { key: "for", needs: ["cron"] };
  return [finding("rule/key-needs", [...path, "for"], params, { at: "key" })];
}

const monthNames = [
  ...(["jan", "feb", "mar", "apr", "may", "jun"] as const),
  ...(["jul", "aug", "sep", "oct", "nov", "dec"] as const),
];

interface Range {
  readonly field: CronField;
  readonly min: number;
  readonly max: number;
  /** Words that stand for numbers, the first one for `firstName`. */
  readonly names?: readonly string[];
  readonly firstName?: number;
}

const cronRanges: readonly Range[] = [
  { field: "minute", min: 0, max: 59 },
  { field: "hour", min: 0, max: 23 },
  { field: "day-of-month", min: 1, max: 31 },
  { field: "month", min: 1, max: 12, names: monthNames, firstName: 1 },
  { field: "day-of-week", min: 0, max: 7, names: dayNames, firstName: 1 },
];

function cronFindings(line: string, path: Path): readonly Finding[] {
  const fields = line.trim().split(/\s+/);
  if (fields.length !== cronRanges.length) {
    return [finding("schedule/cron-fields", path, { count: fields.length })];
  }
  const wrong = cronRanges.flatMap((range, index) => {
    const text = fields[index] ?? "";
    if (valuesOf(text, range) !== undefined) return [];
    const { field, min, max } = range;
    return [finding("schedule/cron", path, { field, text, min, max })];
  });
  return wrong.length > 0 || hasDay(fields) ? wrong : [finding("schedule/cron-never", path, {})];
}

/** Days of each month; of February those of a leap year. */
const monthDays = [31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31];

/** False for a date that no year has, as 30 February. Where some days of the week are named too, either is enough. */
function hasDay(fields: readonly string[]): boolean {
  const [, , dayRange, monthRange, weekRange] = cronRanges;
  const [, , day = "", month = "", weekday = ""] = fields;
  if (dayRange === undefined || monthRange === undefined || weekRange === undefined) return true;
  const weekdays = new Set((valuesOf(weekday, weekRange) ?? []).map((number) => number % 7));
  if (weekdays.size < dayNames.length) return true;
  const days = valuesOf(day, dayRange) ?? [];
  const months = valuesOf(month, monthRange) ?? [];
  return months.some((number) => days.some((it) => it <= (monthDays[number - 1] ?? 0)));
}

/** Every value that a field names; undefined: it is wrong. */
function valuesOf(text: string, range: Range): readonly number[] | undefined {
  const parts = text.split(",").map((part) => valuesOfPart(part, range));
  const values = parts.flatMap((part) => part ?? []);
  return parts.includes(undefined) ? undefined : values;
}

/** A number, a range or `*`, each with a step behind it or not. */
function valuesOfPart(part: string, range: Range): readonly number[] | undefined {
  const [whole, span = "", step = "1"] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
  const by = Number(step);
  if (whole === undefined || by < 1 || by > range.max) return undefined;
  if (span === "*") return stepped(range.min, range.max, by);
  const [from, to, ...rest] = span.split("-").map((word) => numberOf(word, range));
  if (from === undefined || rest.length > 0) return undefined;
  // A number with a step means from there on.
  if (!span.includes("-")) return part.includes("/") ? stepped(from, range.max, by) : [from];
  return to === undefined || from > to ? undefined : stepped(from, to, by);
}

function stepped(from: number, to: number, by: number): readonly number[] {
  return Array.from({ length: Math.floor((to - from) / by) + 1 }, (_, index) => from + index * by);
}

function numberOf(
  word: string,
  { min, max, names = [], firstName = 0 }: Range,
): number | undefined {
  const index = names.indexOf(word.toLowerCase());
  const value = index >= 0 ? index + firstName : /^\d{1,2}$/.test(word) ? Number(word) : undefined;
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
