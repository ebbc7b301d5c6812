/** A spreadsheet runs a cell that begins so as a formula. */
const formula = /^[=+\-@\t\r]/;

/** A number as a machine reads it again; `-18.2` is one, and no formula. */
export type Cell = string | number | boolean | undefined;

/** One line by RFC 4180, its end included. Text that a spreadsheet would run gets an apostrophe before it. */
export function csvLine(cells: readonly Cell[]): string {
  return `${cells.map(cellText).join(",")}\r\n`;
}

function cellText(cell: Cell): string {
  if (cell === undefined) return "";
  if (typeof cell !== "string") return String(cell);
  const guarded = formula.test(cell) ? `'${cell}` : cell;
  return /[",\r\n]/.test(guarded) ? `"${guarded.replaceAll('"', '""')}"` : guarded;
}
