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
  return cronRanges.flatMap((range, index) => {
    const text = fields[index] ?? "";
    if (text.split(",").every((part) => isPart(part, range))) return [];
    const { field, min, max } = range;
    return [finding("schedule/cron", path, { field, text, min, max })];
  });
}

/** A number, a range or `*`, each with a step behind it or not. */
function isPart(part: string, range: Range): boolean {
  const [whole, span = "", step, ...more] = /^([^/]+)(?:\/(\d+))?$/.exec(part) ?? [];
  if (whole === undefined || more.length > 0) return false;
  if (step !== undefined && (Number(step) < 1 || Number(step) > range.max)) return false;
  if (span === "*") return true;
  const [from, to, ...rest] = span.split("-").map((word) => numberOf(word, range));
  if (from === undefined || rest.length > 0) return false;
  if (!span.includes("-")) return true;
  return to !== undefined && from <= to;
}

function numberOf(
  word: string,
  { min, max, names = [], firstName = 0 }: Range,
): number | undefined {
  const index = names.indexOf(word.toLowerCase());
  const value = index >= 0 ? index + firstName : /^\d{1,2}$/.test(word) ? Number(word) : undefined;
  return value !== undefined && value >= min && value <= max ? value : undefined;
}
