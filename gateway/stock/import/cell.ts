import type { ImportReason } from "../../../config/language/import.ts";

/** What a cell says, or why it cannot be taken. */
export type Read<T> = { readonly value: T } | { readonly reason: ImportReason };

/** Full-width digits and letters as people type them with a Chinese keyboard, and blanks of all kinds. */
export function tidy(cell: string): string {
  // Most cells are plain: they need no normal form.
  if (/^[!-~]*$/.test(cell)) return cell;
  return cell.normalize("NFKC").replace(/\s+/g, " ").trim();
}

/** Beginnings that a spreadsheet takes for a formula. */
const formulaStart = /^[=+\-@\t\r]/;

/** What we put before such text in our own files, so that nothing is run when they are opened. */
export function guarded(text: string): string {
  return formulaStart.test(text) || /^'+[=+\-@\t\r]/.test(text) ? `'${text}` : text;
}

/** Text, without the guard. A plain number is no formula, also a negative one. */
export function readText(cell: string): Read<string> {
  if (/^'+[=+\-@\t\r]/.test(cell)) return { value: cell.slice(1).trim() };
  const text = cell.trim();
  return isFormula(text) ? { reason: "formula" } : { value: text };
}

function isFormula(text: string): boolean {
  return /^[=+\-@]./s.test(text) && !/^[+-][\d.,\s]*\d$/.test(text.normalize("NFKC"));
}

/**
 * A number as people of several countries write it: `1,234.5`, `1.234,5`, `1 234`, full-width. Refused where two
 * readings are possible: `1,234` and, in a file with semicolons, whose decimals are often commas, `1.234`.
 */
export function readNumber(cell: string, delimiter: string): Read<number> {
  const text = tidy(cell).replace(/[’']/g, "");
  if (isFormula(text)) return { reason: "formula" };
  if (/^[+-]?(\d+|\d+\.\d*|\.\d+)(e[+-]?\d{1,2})?$/i.test(text)) {
    const isAmbiguous = delimiter === ";" && /^[+-]?[1-9]\d{0,2}\.\d{3}$/.test(text);
    return isAmbiguous ? { reason: "number-ambiguous" } : { value: Number(text) };
  }
  const [, sign = "", digits = ""] = /^([+-]?)([\d.,\s]*\d)$/.exec(text) ?? [];
  if (digits === "") return { reason: "number" };
  const groups = digits.replace(/(?<=\d) (?=\d{3}(\D|$))/g, "");
  const written = grouped(groups, ",", ".") ?? grouped(groups, ".", ",");
  if (written !== undefined) return { value: Number(sign + written) };
  if (/^[1-9]\d{0,2}[,]\d{3}$/.test(groups)) return { reason: "number-ambiguous" };
  if (/^\d+,\d+$/.test(groups)) return { value: Number(sign + groups.replace(",", ".")) };
  return /^\d+(\.\d+)?$/.test(groups) ? { value: Number(sign + groups) } : { reason: "number" };
}

/** With thousands in groups of three and either two groups or decimals, so that only one reading is left. */
function grouped(text: string, thousands: string, point: string): string | undefined {
  const [whole = "", decimals, ...more] = text.split(point);
  const parts = whole.split(thousands);
  const isGrouped =
    more.length === 0 &&
    parts.length > 1 &&
    /^[1-9]\d{0,2}$/.test(parts[0] ?? "") &&
    parts.slice(1).every((part) => /^\d{3}$/.test(part)) &&
    (decimals === undefined || /^\d+$/.test(decimals));
  if (!isGrouped || (parts.length === 2 && decimals === undefined)) return undefined;
  return parts.join("") + (decimals === undefined ? "" : `.${decimals}`);
}

const gramsOf: Readonly<Record<string, number>> = {
  ...{ mg: 0.001, g: 1, kg: 1_000, t: 1_000_000, gram: 1, grams: 1, kgs: 1_000 },
  ...{ 毫克: 0.001, 克: 1, 千克: 1_000, 公斤: 1_000, 吨: 1_000_000 },
};

/** Grams. Without a unit it is `grams` only where the column's name says so. */
export function readWeight(cell: string, delimiter: string, isInGrams: boolean): Read<number> {
  const [, amount = "", unit = ""] = /^(.*?[\d.,])\s*(\p{L}*)$/u.exec(tidy(cell)) ?? [];
  const word = unit.toLowerCase();
  if (/^(lbs?|pounds?|oz|ounces?|磅|盎司)$/.test(word)) return { reason: "pounds" };
  const factor = word === "" && isInGrams ? 1 : gramsOf[word];
  if (amount === "" || factor === undefined)
    return { reason: isFormula(cell.trim()) ? "formula" : "weight" };
  const number = readNumber(amount, delimiter);
  return "reason" in number ? number : { value: Number((number.value * factor).toPrecision(12)) };
}

/** `2026-03-31`, `2026/3/31`, `2026.3.31`, `20260331`, `2026年3月31日` -> yyyy-mm-dd. */
export function readDate(cell: string): Read<string> {
  const text = tidy(cell).replace(/[ T]00:00(:00(\.0+)?)?$/, "");
  if (isFormula(text)) return { reason: "formula" };
  const match =
    /^(\d{4})[-/.](\d{1,2})[-/.](\d{1,2})$/.exec(text) ??
    /^(\d{4})年(\d{1,2})月(\d{1,2})日?$/.exec(text) ??
    /^(\d{4})(\d{2})(\d{2})$/.exec(text);
  if (match === null) {
    return { reason: /^\d{1,2}[-/.]\d{1,2}[-/.](\d{2}|\d{4})$/.test(text) ? "date-order" : "date" };
  }
  const [, year = "", month = "", day = ""] = match;
  const written = `${year}-${month.padStart(2, "0")}-${day.padStart(2, "0")}`;
  const at = Date.parse(`${written}T00:00:00Z`);
  const exists = !Number.isNaN(at) && new Date(at).toISOString().startsWith(written);
  return exists ? { value: written } : { reason: "no-day" };
}

/**
 * A day or a minute -> milliseconds since 1970. Without an offset of its own it is the gateway's time; `offsetAt` says how
 * far that is ahead of UTC (`+08:00`).
 */
export function readTime(cell: string, offsetAt: (at: number) => string): Read<number> {
  const text = tidy(cell);
  const [, date = "", clock = "00:00", zone = ""] =
    /^(\S+?)(?:[ T](\d{1,2}:\d\d(?::\d\d(?:\.\d{1,3})?)?))?\s?(Z|[+-]\d\d:\d\d)?$/i.exec(text) ??
    [];
  const day = readDate(date);
  if ("reason" in day) return { reason: day.reason === "date" ? "time" : day.reason };
  const local = `${day.value}T${clock.padStart(clock.indexOf(":") === 1 ? clock.length + 1 : 0, "0")}`;
  const read = (offset: string) => Date.parse(local + offset);
  if (zone !== "") return instant(read(zone.toUpperCase()));
  // Twice: the first guess may lie on the other side of a change of the clocks.
  const guess = read(offsetAt(read("Z")));
  return Number.isNaN(guess) ? { reason: "time" } : instant(read(offsetAt(guess)));
}

function instant(at: number): Read<number> {
  return Number.isNaN(at) ? { reason: "time" } : { value: at };
}
