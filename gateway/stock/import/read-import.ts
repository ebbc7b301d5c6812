import { setImmediate } from "node:timers/promises";
import { RackwatchError } from "../../../drivers/errors.ts";
import type { ImportKind, ImportResult } from "../../panel/stock-api.ts";
import { type BookingRow, type OrderRow, readBooking, readOrder } from "./bookings.ts";
import { exampleHeading, type Heading, ownName, readHeading } from "./columns.ts";
import { HashTable } from "./hash-table.ts";
import { type ItemRow, type ItemsSoFar, readItem } from "./items.ts";
import { CsvReader, type CsvRecord, importBytesMax, type Stop } from "./records.ts";
import { type ImportFacts, Row } from "./row.ts";
import { readTag, type TagRow } from "./tags.ts";

/** More rows than a year of movements of one gateway; what was seen of each takes 24 bytes. */
export const importRowsMax = 1_000_000;

/** As many items as one gateway keeps, twice: each is held in memory until the file ends. */
export const importItemsMax = 20_000;

/** So many bad rows are named; a person mends no more at a time. Further ones are counted. */
export const badRowsNamedMax = 1_000;

/** One transaction's worth: a batch is read in some milliseconds and the loop is given back behind it. */
export const importBatchRows = 200;

/** Of the text of a bad cell. */
const badTextCharactersMax = 80;

export type BadRow = ImportResult["bad"][number];
export type ImportRow = ItemRow | BookingRow | OrderRow | TagRow;

/** Behind each the file is not read any more, but for items: further ones are bad rows. */
export interface ImportLimits {
  readonly rowsMax: number;
  readonly bytesMax: number;
  readonly itemsMax: number;
}

const limitsDefault: ImportLimits = {
  rowsMax: importRowsMax,
  bytesMax: importBytesMax,
  itemsMax: importItemsMax,
};

/** Some rows of a file, in its order. */
export interface ImportBatch {
  /** Rows that can land. */
  readonly rows: readonly ImportRow[];
  readonly bad: readonly BadRow[];
  /** Rows and faults that are bad and not named any more. */
  readonly badMore: number;
  /** Rows of the file that were looked at for this batch, good and bad. */
  readonly read: number;
  readonly encoding: string;
  readonly delimiter: string;
}

/**
 * A CSV file -> what its rows say, batch by batch, in bounded memory. A bad row comes back with its line and the reason,
 * in the language of `facts.words`; the good ones land. Facts are asked as the rows come: what the last batch changed
 * counts for the next.
 * @throws RackwatchError `stock/import` when nothing of the file can be read.
 */
export async function* readImport(
  kind: ImportKind,
  content: AsyncIterable<unknown>,
  facts: ImportFacts,
  limits = limitsDefault,
): AsyncGenerator<ImportBatch> {
  const reader = new CsvReader(limits.bytesMax);
  const rows = new RowReader(kind, facts, reader, limits);
  for await (const piece of reader.read(content)) {
    if (piece.is === "stopped") {
      if (piece.why === "workbook") throw refused(facts, "workbook");
      rows.stopped(piece.why, piece.line);
      break;
    }
    for (const record of piece.records) {
      rows.read(record);
      if (rows.isFull) {
        yield rows.take();
        await setImmediate();
      }
      if (rows.isOver) break;
    }
    if (rows.isOver) break;
  }
  yield rows.end();
}

function refused(facts: ImportFacts, what: "workbook" | "empty"): RackwatchError {
  const { words } = facts;
  return new RackwatchError("stock/import", words[what], {
    ...(what === "workbook" ? { todo: words.workbookTodo } : {}),
  });
}

class RowReader {
  readonly #kind: ImportKind;
  readonly #facts: ImportFacts;
  readonly #reader: CsvReader;
  readonly #limits: ImportLimits;
  readonly #seen = { rows: new HashTable(), lines: new HashTable() };
  readonly #items: ItemsSoFar = new Map();
  #heading: Heading | undefined;
  #rows: ImportRow[] = [];
  #bad: BadRow[] = [];
  #badMore = 0;
  #named = 0;
  #read = 0;
  #total = 0;
  isOver = false;

  constructor(kind: ImportKind, facts: ImportFacts, reader: CsvReader, limits: ImportLimits) {
    this.#limits = limits;
    this.#kind = kind;
    this.#facts = facts;
    this.#reader = reader;
  }

  get isFull(): boolean {
    return this.#read >= importBatchRows;
  }

  read(record: CsvRecord): void {
    if (this.#heading === undefined) {
      this.#heading = this.#begin(record);
      return;
    }
    if (record.cells.every((cell) => cell.trim() === "")) return;
    if (this.#total >= this.#limits.rowsMax) {
      const { reasons } = this.#facts.words;
      this.#name(record.line, undefined, reasons.rows(String(this.#limits.rowsMax)), "");
      this.isOver = true;
      return;
    }
    this.#total += 1;
    this.#read += 1;
    this.#judge(record, this.#heading);
  }

  #begin(record: CsvRecord): Heading {
    const heading = readHeading(this.#kind, record.cells);
    const { words } = this.#facts;
    if (heading.missing.length > 0) {
      const missing = heading.missing.join(", ");
      throw new RackwatchError("stock/import", words.noHeading(missing), {
        where: `1: ${cut(record.cells.join(this.#reader.delimiter))}`,
        todo: words.headingTodo(exampleHeading(this.#kind)),
      });
    }
    for (const name of heading.unknown)
      this.#name(record.line, name, words.reasons["unknown-column"](cut(name)), name);
    for (const name of heading.twice)
      this.#name(record.line, name, words.reasons["twice-column"](cut(name)), name);
    return heading;
  }

  #judge(record: CsvRecord, heading: Heading): void {
    const text = record.cells.join(this.#reader.delimiter);
    // Spreadsheets leave off or add empty cells at the end.
    const cells = trimmed(record.cells, heading.columns.length);
    const spoiled = this.#spoiled(cells, heading, text);
    if (spoiled !== undefined) {
      this.#name(record.line, undefined, spoiled, text);
      return;
    }
    const row = new Row(cells, {
      ...{ line: record.line, heading, facts: this.#facts, seen: this.#seen },
      delimiter: this.#reader.delimiter,
    });
    const found = this.#understand(row);
    if (found !== undefined) this.#rows.push(found);
    for (const fault of row.faults) {
      const at = fault.column === undefined ? -1 : heading.columns.indexOf(fault.column);
      const name =
        heading.names[at] ?? (fault.column === undefined ? undefined : ownName(fault.column));
      this.#name(record.line, name, fault.reason, fault.text);
    }
  }

  /** Why the row as a whole cannot be read. */
  #spoiled(cells: readonly string[], heading: Heading, text: string): string | undefined {
    const { reasons } = this.#facts.words;
    const width = heading.columns.length;
    if (cells.length > width || (cells.length === 1 && width > 1))
      return reasons.columns(String(cells.length));
    return text.includes("\uFFFD") || text.includes("\0") ? reasons.encoding() : undefined;
  }

  #understand(row: Row): ImportRow | undefined {
    if (this.#kind === "items") return readItem(row, this.#items, this.#limits.itemsMax);
    if (this.#kind === "orders") return readOrder(row);
    if (this.#kind === "tags") return readTag(row);
    return readBooking(row, this.#kind === "counts");
  }

  #name(line: number, column: string | undefined, reason: string, text: string): void {
    if (this.#named >= badRowsNamedMax) {
      this.#badMore += 1;
      return;
    }
    this.#named += 1;
    this.#bad.push({
      line,
      ...(column === undefined ? {} : { column: cut(column) }),
      reason,
      text: cut(text),
    });
  }

  stopped(why: Exclude<Stop, "workbook">, line: number): void {
    this.#name(line, undefined, this.#facts.words.reasons[why](String(this.#limits.bytesMax)), "");
  }

  take(): ImportBatch {
    const batch: ImportBatch = {
      ...{ rows: this.#rows, bad: this.#bad, badMore: this.#badMore, read: this.#read },
      ...{ encoding: this.#reader.encoding, delimiter: this.#reader.delimiter },
    };
    [this.#rows, this.#bad, this.#badMore, this.#read] = [[], [], 0, 0];
    return batch;
  }

  end(): ImportBatch {
    if (this.#heading === undefined) throw refused(this.#facts, "empty");
    return this.take();
  }
}

function trimmed(cells: readonly string[], width: number): readonly string[] {
  let length = cells.length;
  while (length > width && cells[length - 1]?.trim() === "") length -= 1;
  return cells.slice(0, length);
}

function cut(text: string): string {
  const flat = text.replace(/\s+/g, " ");
  return flat.length <= badTextCharactersMax ? flat : `${flat.slice(0, badTextCharactersMax - 1)}…`;
}
