import type { Language } from "../../../config/language/language.ts";

/** UCUM spellings (case-sensitive codes) that people would not recognise. */
const unitSigns: Readonly<Record<string, string>> = {
  Cel: "°C",
  "[degF]": "°F",
  "[ppm]": "ppm",
  "m3/h": "m³/h",
  m3: "m³",
  m2: "m²",
  ug: "µg",
  "ug/m3": "µg/m³",
  Ohm: "Ω",
  deg: "°",
};

/** Units that are read with one decimal at least: a value that jumps between `8` and `8.1` is hard to follow. */
const oneDecimal: ReadonlySet<string> = new Set(["Cel", "[degF]", "%"]);

const locales: Readonly<Record<Language, string>> = { en: "en-GB", zh: "zh-CN" };

export function localeOf(language: Language): string {
  return locales[language];
}

export function unitText(unit: string | undefined): string {
  return unit === undefined ? "" : (unitSigns[unit] ?? unit);
}

/** The space between a number and its unit; none before a percent sign. */
export function unitGap(unit: string | undefined): string {
  return unit === undefined || unit === "%" ? "" : "\u00a0";
}

export interface Format {
  number(value: number, unit?: string): string;
  /** Number with its unit. */
  quantity(value: number, unit?: string): string;
  integer(value: number): string;
  /** Hours and minutes; the date before it when it is another day than `now`, with its year when that is another one. */
  time(at: number, now: number): string;
  clock(at: number): string;
  date(at: number): string;
}

/** Numbers and times as people of this language write them, times in the zone of the place that is watched. */
export function createFormat(language: Language, timezone: string | undefined): Format {
  const locale = locales[language];
  const timeZone = knownZone(timezone);
  const zone = timeZone === undefined ? {} : { timeZone };
  const hm = { hour: "2-digit", minute: "2-digit", hourCycle: "h23" } as const;
  const clock = new Intl.DateTimeFormat(locale, { ...hm, ...zone });
  const day = { day: "numeric", month: "short", ...zone } as const;
  const dayAndClock = new Intl.DateTimeFormat(locale, { ...day, ...hm });
  const date = new Intl.DateTimeFormat(locale, { ...day, weekday: "short" });
  const dayKey = new Intl.DateTimeFormat("en-CA", { dateStyle: "short", ...zone });
  // Rarely needed: only who looks back beyond New Year reads a year.
  const yearAndClock = (at: number) =>
    new Intl.DateTimeFormat(locale, { year: "numeric", ...day, ...hm }).format(at);
  const integer = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 });

  // Some few forms; to make one costs more than all else in a message.
  const made = new Map<string, Intl.NumberFormat>();
  const number = (value: number, unit?: string) => {
    const options = digits(value, unit);
    const form = Object.values(options).join();
    const format = made.get(form) ?? new Intl.NumberFormat(locale, options);
    made.set(form, format);
    return format.format(value);
  };
  return {
    number,
    quantity: (value, unit) => `${number(value, unit)}${unitGap(unit)}${unitText(unit)}`,
    integer: (value) => integer.format(value),
    time: (at, now) => {
      const [its, today] = [dayKey.format(at), dayKey.format(now)];
      if (its === today) return clock.format(at);
      return its.slice(0, 4) === today.slice(0, 4) ? dayAndClock.format(at) : yearAndClock(at);
    },
    clock: (at) => clock.format(at),
    date: (at) => date.format(at),
  };
}

function digits(value: number, unit: string | undefined): Intl.NumberFormatOptions {
  const size = Math.abs(value);
  if (size !== 0 && size < 0.01) return { maximumSignificantDigits: 3 };
  const minimumFractionDigits = unit !== undefined && oneDecimal.has(unit) ? 1 : 0;
  return { minimumFractionDigits, maximumFractionDigits: size >= 1_000 ? 1 : 2 };
}

/** A browser may not know the zone that the gateway names; its own zone is then better than no page. */
function knownZone(timezone: string | undefined): string | undefined {
  try {
    return new Intl.DateTimeFormat("en", { timeZone: timezone }).resolvedOptions().timeZone;
  } catch {
    return undefined;
  }
}
