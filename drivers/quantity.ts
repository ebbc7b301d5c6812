import { z } from "zod";

const durationUnits: Readonly<Record<string, number>> = {
  ms: 1,
  s: 1_000,
  min: 60_000,
  h: 3_600_000,
  d: 86_400_000,
};

const massUnits: Readonly<Record<string, number>> = { mg: 1e-6, g: 1e-3, kg: 1, t: 1_000 };

/** Longest duration that a configuration may name: ten years, beyond which a typing error is certain. */
const durationMsMax = 10 * 366 * 86_400_000;

const amount = String.raw`(?:\d+(?:\.\d+)?|\.\d+)`;
const durationPattern = new RegExp(`^(${amount})\\s*(ms|s|min|h|d)$`);
const massPattern = new RegExp(`^(${amount})\\s*(mg|g|kg|t)$`);

/** `500ms`, `10s`, `5min`, `2h`, `1.5 d` -> milliseconds; undefined when it is not a duration. */
export function parseDuration(text: string): number | undefined {
  const match = durationPattern.exec(text.trim());
  if (match === null) return undefined;
  const ms = Number(match[1]) * (durationUnits[match[2] ?? ""] ?? Number.NaN);
  return ms <= durationMsMax ? Math.round(ms) : undefined;
}

/** `84.2 g`, `1.25 kg` -> kilograms; undefined when it is not a mass. */
export function parseMass(text: string): number | undefined {
  const match = massPattern.exec(text.trim());
  if (match === null) return undefined;
  return Number((Number(match[1]) * (massUnits[match[2] ?? ""] ?? Number.NaN)).toPrecision(12));
}

/** Text with a unit -> milliseconds. `min`/`max` are in milliseconds; editors and pages see them as `shortest`, `longest`. */
export function duration(limits: { readonly min?: number; readonly max?: number } = {}) {
  const { min = 0, max = durationMsMax } = limits;
  return z
    .string({ error: "quantity/duration" })
    .regex(durationPattern, { error: "quantity/duration" })
    .transform((text, context) => {
      const ms = parseDuration(text);
      if (ms !== undefined && ms >= min && ms <= max) return ms;
      context.issues.push({
        code: "custom",
        input: text,
        message: "quantity/duration-range",
        params: { min: formatDuration(min), max: formatDuration(max) },
      });
      return z.NEVER;
    })
    .meta({
      ...(min === 0 ? {} : { shortest: formatDuration(min) }),
      ...(max === durationMsMax ? {} : { longest: formatDuration(max) }),
    });
}

/** Text with a unit -> kilograms. */
export function mass() {
  return z
    .string({ error: "quantity/mass" })
    .regex(massPattern, { error: "quantity/mass" })
    .transform((text) => parseMass(text) ?? Number.NaN);
}

/** Milliseconds -> the shortest exact text that `parseDuration` reads back: 90000 -> `90s`, 300000 -> `5min`. */
export function formatDuration(ms: number): string {
  const unit = Object.entries(durationUnits).findLast(([, size]) => ms >= size && ms % size === 0);
  return unit === undefined ? `${ms}ms` : `${ms / unit[1]}${unit[0]}`;
}

/** Kilograms -> text in the unit that people would take, of four digits: 0.0842 -> `84.2 g`, 1.25 -> `1.25 kg`. */
export function formatMass(kg: number): string {
  const unit = Object.entries(massUnits).findLast(([name, size]) => {
    return name !== "t" && Math.abs(kg) >= size;
  });
  const [name, size] = unit ?? ["g", 1e-3];
  return `${Number((kg / size).toPrecision(4))} ${name}`;
}

const durationWords: Readonly<Record<string, string>> = {
  ...{ msec: "ms", millisecond: "ms", sec: "s", second: "s", m: "min", mins: "min", minute: "min" },
  ...{ hr: "h", hour: "h", day: "d", 毫秒: "ms", 秒: "s", 分: "min", 分钟: "min" },
  ...{ 小时: "h", 时: "h", 天: "d" },
};

const massWords: Readonly<Record<string, string>> = {
  ...{ gram: "g", kilogram: "kg", kilo: "kg", ton: "t", tonne: "t" },
  ...{ 毫克: "mg", 克: "g", 公斤: "kg", 千克: "kg", 吨: "t" },
};

const loose = new RegExp(`^(${amount})\\s*(\\p{L}+)$`, "u");

/** What was most likely meant by text that is no duration: `5 minutes` -> `5min`, `10` -> `10s`, `10min`. */
export function suggestDuration(text: string): readonly string[] {
  const bare = text.trim();
  if (new RegExp(`^${amount}$`).test(bare)) return [`${bare}s`, `${bare}min`];
  return corrected(bare, durationUnits, durationWords);
}

/** What was most likely meant by text that is no mass: `84.2 grams` -> `84.2g`, `3` -> `3g`, `3kg`. */
export function suggestMass(text: string): readonly string[] {
  const bare = text.trim();
  if (new RegExp(`^${amount}$`).test(bare)) return [`${bare}g`, `${bare}kg`];
  return corrected(bare, massUnits, massWords);
}

function corrected(
  text: string,
  units: Readonly<Record<string, number>>,
  words: Readonly<Record<string, string>>,
): readonly string[] {
  const [, number = "", word = ""] = loose.exec(text.toLowerCase()) ?? [];
  const singular = word.replace(/s$/, "");
  const unit = Object.hasOwn(units, word) ? word : (words[word] ?? words[singular]);
  return unit === undefined ? [] : [number + unit];
}
