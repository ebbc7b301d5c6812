/**
 * Six digits yymmdd -> yyyy-mm-dd; undefined when there is no such day. Day 00 is the last of the month. The century
 * is the one that brings the year nearest to `year`: 49 years back to 50 ahead (GS1 General Specifications, 7.12).
 */
export function dateOf(digits: string, year: number): string | undefined {
  const [, yy = "", mm = "", dd = ""] = /^(\d\d)(\d\d)(\d\d)$/.exec(digits) ?? [];
  const month = Number(mm);
  if (month < 1 || month > 12) return undefined;
  const full = fullYear(Number(yy), year);
  const last = new Date(Date.UTC(full, month, 0)).getUTCDate();
  const day = dd === "00" ? last : Number(dd);
  if (day > last) return undefined;
  return `${full}-${mm}-${String(day).padStart(2, "0")}`;
}

function fullYear(yy: number, year: number): number {
  const century = year - (year % 100);
  const ahead = yy - (year % 100);
  if (ahead >= 51) return century - 100 + yy;
  if (ahead <= -50) return century + 100 + yy;
  return century + yy;
}
