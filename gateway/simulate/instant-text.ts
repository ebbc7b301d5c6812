import type { EpochMs } from "../../drivers/contract.ts";

const pattern =
  /^(\d{4})-(\d\d)-(\d\d)[T ](\d\d):(\d\d)(?::(\d\d)(?:[.,](\d{1,9}))?)?\s?(Z|[+-]\d\d(?::?\d\d)?)?$/i;

/**
 * ISO 8601 -> milliseconds, cut, not rounded. Without a zone it is UTC; seconds and their fraction
 * may be left out. Undefined when it is none, or no such day or time exists.
 */
export function parseInstant(text: string): EpochMs | undefined {
  const match = pattern.exec(text);
  if (match === null) return undefined;
  const [, year, month, day, hour, minute, second = "0", fraction = "0", zone = "Z"] = match;
  const [y, m, d] = [Number(year), Number(month) - 1, Number(day)];
  const [h, min, s] = [Number(hour), Number(minute), Number(second)];
  if (m > 11 || d < 1 || h > 23 || min > 59 || s > 59) return undefined;
  const ms = Number(fraction.slice(0, 3).padEnd(3, "0"));
  const midnight = Date.UTC(y, m, d);
  // The 31st of a month of 30 days would be the 1st of the next; years below 100 would be 19xx.
  if (d > 28 && new Date(midnight).getUTCDate() !== d) return undefined;
  if (y < 100) return undefined;
  const offset = offsetMs(zone);
  if (offset === undefined) return undefined;
  return midnight + h * 3_600_000 + min * 60_000 + s * 1_000 + ms - offset;
}

function offsetMs(zone: string): number | undefined {
  if (zone === "Z" || zone === "z") return 0;
  const hours = Number(zone.slice(1, 3));
  const minutes = Number(zone.slice(3).replace(":", "") || "0");
  if (hours > 23 || minutes > 59) return undefined;
  return (zone[0] === "-" ? -1 : 1) * (hours * 3_600_000 + minutes * 60_000);
}
