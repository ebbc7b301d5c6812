import type { Language } from "../../config/language/language.ts";
import { reportText } from "../../config/language/report.ts";
import type { EpochMs } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { type DayNumber, dayOfDate, type Zone, zoneOf } from "../rules/zone.ts";

/** Days of one report: a year with its leap day, and the days by which an audit is late. Beyond it: refused. */
export const periodDaysMax = 400;

const dayMs = 86_400_000;

export interface Period {
  readonly from: EpochMs;
  /** The first instant that no longer belongs to it. */
  readonly to: EpochMs;
  /** The period goes on: `to` is now, and the same report will say more later. */
  readonly open: boolean;
}

/** What a person asks for; nothing: yesterday. */
export interface PeriodText {
  readonly month?: string | undefined;
  readonly from?: string | undefined;
  readonly to?: string | undefined;
}

/**
 * Days and months are those of the gateway's time zone. A day as `to` belongs to the period.
 * @throws RackwatchError `config/invalid` for what is no time, no month, backwards, too long or all in the future.
 */
export function periodOf(
  { month, from, to }: PeriodText,
  { timezone, now, language }: { timezone: string; now: EpochMs; language: Language },
): Period {
  const text = reportText[language].period;
  const zone = zoneOf(timezone);
  const midnight = (day: DayNumber) => zone.instantOf(day, 0, "first");
  const today = zone.dayOf(now);
  if (month !== undefined && (from ?? to) !== undefined) throw refused(text.either);
  const asked =
    month !== undefined
      ? monthOf(month, midnight, text)
      : {
          from: from === undefined ? undefined : instantOf(from, zone, "first", text),
          to: to === undefined ? undefined : instantOf(to, zone, "end", text),
        };
  const yesterday = { from: midnight(today - 1), to: midnight(today) };
  const nothing = asked.from === undefined && asked.to === undefined;
  const begin = nothing ? yesterday.from : (asked.from ?? (asked.to ?? now) - dayMs);
  const end = nothing ? yesterday.to : (asked.to ?? now);
  if (end <= begin) throw refused(text.backwards);
  if (begin >= now) throw refused(text.future);
  if (end - begin > periodDaysMax * dayMs) throw refused(text.tooLong(periodDaysMax));
  return { from: begin, to: Math.min(end, now), open: end > now };
}

type Sentences = (typeof reportText)["en"]["period"];

function monthOf(month: string, midnight: (day: DayNumber) => EpochMs, text: Sentences) {
  const match = /^(\d{4})-(0[1-9]|1[0-2])$/.exec(month);
  if (match === null) throw refused(text.noMonth(month));
  const [year, index] = [Number(match[1]), Number(match[2])];
  const first = Date.UTC(year, index - 1, 1) / dayMs;
  return { from: midnight(first), to: midnight(Date.UTC(year, index, 1) / dayMs) };
}

function instantOf(given: string, zone: Zone, which: "first" | "end", text: Sentences): EpochMs {
  const match = /^(\d{4}-\d\d-\d\d)(?:[T ](\d\d):(\d\d)(?::(\d\d))?)?$/.exec(given);
  if (match === null) {
    const at = /^\d{12,15}$/.test(given) ? Number(given) : Date.parse(given);
    if (!Number.isFinite(at) || !/\d{4}/.test(given)) throw refused(text.noTime(given));
    return at;
  }
  const [, date = "", hours, minutes = "0", seconds = "0"] = match;
  const day = dayOfDate(date);
  const real = Number.isFinite(day) && new Date(day * dayMs).toISOString().slice(0, 10) === date;
  const [hour, minute, second] = [Number(hours ?? 0), Number(minutes), Number(seconds)];
  if (!real || hour > 23 || minute > 59 || second > 59) throw refused(text.noTime(given));
  if (hours === undefined) return zone.instantOf(day + (which === "end" ? 1 : 0), 0, "first");
  const at = zone.instantOf(day, hour * 60 + minute, which === "end" ? "last" : "first");
  return at + second * 1_000;
}

function refused(message: string): RackwatchError {
  return new RackwatchError("config/invalid", message);
}
