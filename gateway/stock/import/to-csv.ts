import type { Movement } from "../movement.ts";
import { guarded } from "./cell.ts";

/** One line of the stock export: a lot of an item at a location. */
export interface StockCsvLine {
  readonly item: string;
  readonly name?: string;
  readonly location: string;
  readonly lot?: string;
  readonly expires?: string;
  readonly quantity: number;
  readonly unit: string;
}

type Cell = string | number | undefined;

/**
 * Rows as CSV: a byte order mark, by which spreadsheets see that it is UTF-8, commas, CR LF. Text that a spreadsheet
 * would run as a formula stands behind an apostrophe; our import takes it off again.
 */
export function toCsv(heading: readonly string[], rows: Iterable<readonly Cell[]>): string {
  const lines = [heading, ...rows].map((row) => row.map(cellText).join(","));
  return `\uFEFF${lines.join("\r\n")}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === undefined) return "";
  const text = typeof cell === "number" ? String(cell) : guarded(cell.toWellFormed());
  return /[",\r\n;\t]|^\s|\s$/.test(text) ? `"${text.replaceAll('"', '""')}"` : text;
}

/** Stock as it stands, in the columns of a count: what was found can be written over it and read back. */
export function stockCsv(lines: Iterable<StockCsvLine>): string {
  const heading = ["sku", "name", "location", "batch", "expiry", "quantity", "uom"];
  const rows: Cell[][] = [];
  for (const line of lines)
    rows.push([
      line.item,
      line.name,
      line.location,
      line.lot,
      line.expires,
      line.quantity,
      line.unit,
    ]);
  return toCsv(heading, rows);
}

/**
 * Movements in the columns of their import, with their identity as the key. A quantity stands without its sign, which the
 * kind tells, but for adjustments; a count says what was found.
 */
export function movementsCsv(movements: Iterable<Movement>): string {
  const heading = [
    ...["kind", "sku", "location", "to", "batch", "quantity", "uom", "reason", "document"],
    ...["note", "time", "key"],
  ];
  const rows: Cell[][] = [];
  for (const movement of movements) {
    const { kind, item, location, lot, unit, reason, evidence } = movement;
    const found = evidence.counted ?? Math.abs(movement.quantity);
    const quantity = kind === "adjust" ? movement.quantity : found;
    rows.push([
      ...[kind, item, location, movement.partner, lot, quantity, unit, reason],
      ...[evidence.document, evidence.note, new Date(movement.at).toISOString()],
      keyOf(movement.id),
    ]);
  }
  return toCsv(heading, rows);
}

/** The hexadecimal digits of an event hash: a key may have 64 characters. */
function keyOf(id: string): string {
  return /;([0-9a-f]{64})\?/.exec(id)?.[1] ?? id;
}
