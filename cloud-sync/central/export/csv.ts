import type { BiColumn } from "../bi/view.ts";
import type { Cell } from "./rows.ts";

/** Without it Excel reads Chinese text in the code page of the machine. */
const byteOrderMark = "\u{FEFF}";

/** A cell that begins with one of these is a formula to a table program, whoever wrote it (OWASP, CSV injection). */
const formulaStart = /^[=+\-@\t\r]/;

const needsQuotes = /[",\r\n]/;

/** First line of a file: names of columns, RFC 4180 with a mark of UTF-8. */
export function csvHead(columns: readonly BiColumn[]): string {
  return `${byteOrderMark}${columns.map(({ name }) => name).join(",")}\r\n`;
}

/** Lines of rows. A time is ISO 8601 in UTC, an absent value is empty. */
export function csvLines(columns: readonly BiColumn[], rows: readonly (readonly Cell[])[]): string {
  const types = columns.map(({ type }) => type);
  return rows
    .map((row) => `${row.map((cell, index) => field(cell, types[index])).join(",")}\r\n`)
    .join("");
}

function field(cell: Cell, type: BiColumn["type"] | undefined): string {
  if (cell === null) return "";
  if (typeof cell === "number") return type === "time" ? instant(cell) : String(cell);
  if (typeof cell === "boolean") return String(cell);
  const text = type === "text" && formulaStart.test(cell) ? `'${cell}` : cell;
  // An empty text in quotes differs from an absent one.
  return text === "" || needsQuotes.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Times that no calendar of JavaScript can name stay numbers. */
function instant(ms: number): string {
  const date = new Date(ms);
  return Number.isNaN(date.getTime()) ? String(ms) : date.toISOString();
}
