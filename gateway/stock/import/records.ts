import { once } from "node:events";
import { CsvError, parse } from "csv-parse";
import { Decoder, type Encoding, isWorkbook } from "./decode.ts";

/** A file of a million rows has less; more is a mistake, and would keep the gateway busy for minutes. */
export const importBytesMax = 256 * 1_024 * 1_024;

/** Characters of one row: more is a quote that is not closed, which would swallow the rest of the file into memory. */
export const importRecordCharactersMax = 65_536;

/** So much is decoded and split at a time: some milliseconds of work. */
const pieceBytes = 65_536;

/** A header line longer than this is none. */
const headingCharactersMax = 16_384;

/** One record with the line that it begins on, lines inside of quotes counted. */
export interface CsvRecord {
  readonly line: number;
  readonly cells: readonly string[];
}

/** What ends a file early. */
export type Stop = "workbook" | "bytes" | "row-size" | "quote";

export type Piece =
  | { readonly is: "records"; readonly records: readonly CsvRecord[] }
  | { readonly is: "stopped"; readonly why: Stop; readonly line: number };

/**
 * A CSV file's records, in pieces, in bounded memory. Encoding, delimiter (comma, semicolon, tab, bar; from the heading)
 * and line ends are found. csv-parse is fed by hand: iterated as a stream it drops the rows before an error with it, and
 * it counts CR LF inside of quotes as two lines.
 */
export class CsvReader {
  readonly #decoder = new Decoder();
  readonly #bytesMax: number;
  #delimiter = ",";

  constructor(bytesMax = importBytesMax) {
    this.#bytesMax = bytesMax;
  }

  get encoding(): Encoding {
    return this.#decoder.encoding;
  }

  get delimiter(): string {
    return this.#delimiter;
  }

  async *read(content: AsyncIterable<unknown>): AsyncGenerator<Piece> {
    let head = "";
    let splitter: Splitter | undefined;
    let line = 1;
    let bytes = 0;
    for await (const { piece, isLast } of piecesOf(content)) {
      if (bytes === 0 && isWorkbook(piece))
        return yield { is: "stopped", why: "workbook", line: 1 };
      bytes += piece.length;
      if (bytes > this.#bytesMax) return yield { is: "stopped", why: "bytes", line };
      let text = this.#decoder.decode(piece, isLast);
      if (splitter === undefined) {
        head += text;
        if (!isLast && head.length < headingCharactersMax && !/[\r\n]./s.test(head)) continue;
        const start = /^sep=(.)\r?\n/i.exec(head);
        this.#delimiter = start?.[1] ?? delimiterOf(head);
        if (start !== null) line = 2;
        text = head.slice(start?.[0].length ?? 0);
        splitter = new Splitter(this.#delimiter, line);
      }
      const records = await splitter.split(text, isLast);
      line = splitter.line;
      if (records.length > 0) yield { is: "records", records };
      if (splitter.stop !== undefined) return yield { is: "stopped", why: splitter.stop, line };
    }
  }
}

async function* piecesOf(
  content: AsyncIterable<unknown>,
): AsyncGenerator<{ readonly piece: Buffer; readonly isLast: boolean }> {
  for await (const chunk of content) {
    const bytes = typeof chunk === "string" ? Buffer.from(chunk) : chunk;
    if (!(bytes instanceof Uint8Array)) throw new TypeError("a file's content comes as bytes");
    for (let at = 0; at < bytes.length; at += pieceBytes)
      yield { piece: Buffer.from(bytes.subarray(at, at + pieceBytes)), isLast: false };
  }
  yield { piece: Buffer.alloc(0), isLast: true };
}

/** The mark that the heading has most of, outside of quotes. */
function delimiterOf(head: string): string {
  const heading =
    /^(?:"[^"]*"|[^"\r\n])*/.exec(head.trimStart())?.[0].replace(/"[^"]*"/g, "") ?? "";
  const count = (mark: string) => heading.split(mark).length;
  return [",", ";", "\t", "|"].reduce((best, mark) => (count(mark) > count(best) ? mark : best));
}

class Splitter {
  #records: CsvRecord[] = [];
  #line: number;
  #stop: Stop | undefined;
  readonly #parser;

  constructor(delimiter: string, line: number) {
    this.#line = line;
    this.#parser = parse({
      delimiter,
      // Found by itself it would be that of the first line only.
      record_delimiter: ["\r\n", "\n", "\r"],
      max_record_size: importRecordCharactersMax,
      relax_column_count: true,
      relax_quotes: true,
      on_record: (cells: string[]) => {
        const breaks = cells.reduce((sum, cell) => sum + breaksIn(cell), 0);
        if (cells.length > 1 || cells[0] !== "") this.#records.push({ line: this.#line, cells });
        this.#line += breaks + 1;
        return null;
      },
    });
    this.#parser.on("error", (error) => {
      this.#stop = reasonOf(error);
    });
    this.#parser.resume();
  }

  /** Of the record that comes next. */
  get line(): number {
    return this.#line;
  }

  get stop(): Stop | undefined {
    return this.#stop;
  }

  async split(text: string, isLast: boolean): Promise<readonly CsvRecord[]> {
    if (text !== "" && !this.#parser.destroyed) {
      await new Promise<void>((resolve) => this.#parser.write(text, () => resolve()));
    }
    if (isLast && !this.#parser.destroyed) {
      const closed = once(this.#parser, "close");
      this.#parser.end();
      await closed.catch((error: unknown) => {
        this.#stop = reasonOf(error);
      });
    }
    const records = this.#records;
    this.#records = [];
    return records;
  }
}

function reasonOf(error: unknown): Stop {
  if (error instanceof CsvError)
    return error.code === "CSV_QUOTE_NOT_CLOSED" ? "quote" : "row-size";
  throw error;
}

function breaksIn(cell: string): number {
  return cell.includes("\n") || cell.includes("\r") ? (cell.match(/\r\n|\r|\n/g)?.length ?? 0) : 0;
}
