/** Characters of one row, quoted line ends included: a quote that is never closed must not swallow the file. */
export const rowCharsMax = 4_096;

export interface CsvRow {
  /** Of the row's first line in the file, 1-based. */
  readonly line: number;
  readonly cells: readonly string[];
}

/** Why a line is no row. */
export type CsvFault = "quote" | "too-long";

export interface CsvReader {
  row(row: CsvRow): void;
  fault(line: number, fault: CsvFault): void;
}

/**
 * CSV text in pieces of any length -> rows, by RFC 4180: CRLF or LF, cells in double quotes may
 * hold commas, line ends and doubled quotes. Lines with nothing in them are left out. A line whose
 * quotes are wrong, or that is longer than `rowCharsMax`, is a fault of that line alone: reading
 * goes on with the line after it.
 */
export class CsvRows {
  readonly #reader: CsvReader;
  #rest = "";
  #line = 0;
  /** Lines of a row whose quote is still open, and their length. */
  #open: string[] = [];
  #openChars = 0;
  #skips = false;

  constructor(reader: CsvReader) {
    this.#reader = reader;
  }

  write(text: string): void {
    const all = this.#rest === "" ? text : this.#rest + text;
    let from = 0;
    for (let to = all.indexOf("\n"); to >= 0; to = all.indexOf("\n", from)) {
      this.#take(all.slice(from, all.charCodeAt(to - 1) === 0x0d && to > from ? to - 1 : to));
      from = to + 1;
    }
    this.#rest = all.slice(from);
    if (this.#rest.length <= rowCharsMax) return;
    // Only its beginning is kept: what the line is too long for is never looked at.
    this.#skips = true;
    this.#rest = "";
  }

  end(): void {
    const last = this.#rest.endsWith("\r") ? this.#rest.slice(0, -1) : this.#rest;
    this.#rest = "";
    if (last !== "" || this.#skips) this.#take(last);
    while (this.#open.length > 0) this.#giveUp();
  }

  #take(text: string): void {
    this.#line += 1;
    if (this.#skips || text.length > rowCharsMax) {
      this.#skips = false;
      while (this.#open.length > 0) this.#giveUp();
      this.#reader.fault(this.#line, "too-long");
      return;
    }
    if (this.#open.length > 0) this.#goOn(text);
    else if (!text.includes('"')) {
      if (text !== "") this.#reader.row({ line: this.#line, cells: text.split(",") });
    } else this.#begin(text);
  }

  #begin(text: string): void {
    const cells = quotedCells(text);
    if (cells === "open") {
      this.#open = [text];
      this.#openChars = text.length;
    } else if (cells === undefined) this.#reader.fault(this.#line, "quote");
    else this.#reader.row({ line: this.#line, cells });
  }

  #goOn(text: string): void {
    this.#open.push(text);
    this.#openChars += text.length + 1;
    if (this.#openChars > rowCharsMax) {
      this.#giveUp();
      return;
    }
    if (!text.includes('"')) return;
    const cells = quotedCells(this.#open.join("\n"));
    if (cells === "open") return;
    if (cells === undefined) {
      this.#giveUp();
      return;
    }
    const line = this.#line - this.#open.length + 1;
    this.#open = [];
    this.#reader.row({ line, cells });
  }

  /** The first of the open lines is at fault; the others are looked at again, each for itself. */
  #giveUp(): void {
    const [, ...others] = this.#open;
    this.#open = [];
    this.#line -= others.length;
    this.#reader.fault(this.#line, "quote");
    for (const text of others) this.#take(text);
  }
}

/** `open`: the last quote is not closed yet. Undefined: a quote stands where none may. */
function quotedCells(text: string): readonly string[] | "open" | undefined {
  const cells: string[] = [];
  let at = 0;
  for (;;) {
    if (text[at] !== '"') {
      const comma = text.indexOf(",", at);
      const cell = text.slice(at, comma < 0 ? undefined : comma);
      if (cell.includes('"')) return undefined;
      cells.push(cell);
      if (comma < 0) return cells;
      at = comma + 1;
      continue;
    }
    const end = closingQuote(text, at + 1);
    if (end === undefined) return "open";
    cells.push(text.slice(at + 1, end).replaceAll('""', '"'));
    if (end + 1 === text.length) return cells;
    if (text[end + 1] !== ",") return undefined;
    at = end + 2;
  }
}

function closingQuote(text: string, from: number): number | undefined {
  for (let at = text.indexOf('"', from); at >= 0; at = text.indexOf('"', at + 2)) {
    if (text[at + 1] !== '"') return at;
  }
  return undefined;
}
