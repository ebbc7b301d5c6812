import type { AuditView } from "../../response-api.ts";

/** Spreadsheets take UTF-8 for something else without it. */
const byteOrderMark = "\uFEFF";

/** Text that begins so is taken for a formula by spreadsheets; who tried to log in can be any text. */
const formula = /^[=+\-@\t\r]/;

/** Entries as a table for spreadsheets, RFC 4180. @param columns titles: number, time, who, what, details, hash. */
export function auditCsv(entries: readonly AuditView[], columns: readonly string[]): string {
  const rows = entries.map(({ seq, ts, actor, action, data, hash }) => [
    String(seq),
    ts,
    actor,
    action,
    JSON.stringify(data),
    hash,
  ]);
  return `${byteOrderMark}${[columns, ...rows].map((row) => `${row.map(cell).join(",")}\r\n`).join("")}`;
}

function cell(text: string): string {
  const safe = formula.test(text) ? `'${text}` : text;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}
