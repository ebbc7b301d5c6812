import type { ImportReason, ImportWords } from "../../../config/language/import.ts";
import { gtin14 } from "../../../drivers/epc/check-digit.ts";
import { parseElementString } from "../../../drivers/epc/element-string.ts";
import { type Read, readDate, readNumber, readText, readTime, readWeight, tidy } from "./cell.ts";
import type { Column, Heading } from "./columns.ts";
import type { HashTable } from "./hash-table.ts";

/** What a row is judged by. */
export interface ImportFacts {
  /** Now, for times that lie in the future and the century of dates in bar codes. */
  readonly now: number;
  /** `+08:00`, of the gateway's time zone at an instant. */
  readonly offsetAt: (at: number) => string;
  readonly words: ImportWords;
  readonly item: (id: string) => { readonly unit: "pcs" | "kg" | "L" | "m" } | undefined;
  /** An item's id by the 14 digits of its GTIN. */
  readonly itemOfGtin: (gtin14: string) => string | undefined;
  readonly hasLocation: (id: string) => boolean;
  /** The item that a tag is registered to. */
  readonly itemOfTag: (epc: string) => string | undefined;
}

/** What a file has said so far that later rows must agree with. */
export interface Seen {
  /** Equal rows: how often. */
  readonly rows: HashTable;
  /** Names that must come once: the line. */
  readonly lines: HashTable;
}

export interface Fault {
  readonly column?: Column;
  readonly reason: string;
  readonly text: string;
}

/** Longest cell that a column of text takes, unless the row says less. */
const textCharactersMax = 200;

/** One row's cells, read by what its column says. What cannot be read is kept as a fault and reads as absent. */
export class Row {
  readonly line: number;
  readonly facts: ImportFacts;
  readonly seen: Seen;
  readonly faults: Fault[] = [];
  readonly #cells = new Map<Column, string>();
  readonly #delimiter: string;

  constructor(
    record: readonly string[],
    given: {
      readonly line: number;
      readonly heading: Heading;
      readonly delimiter: string;
      readonly facts: ImportFacts;
      readonly seen: Seen;
    },
  ) {
    this.line = given.line;
    this.facts = given.facts;
    this.seen = given.seen;
    this.#delimiter = given.delimiter;
    given.heading.columns.forEach((column, at) => {
      const cell = record[at] ?? "";
      if (column !== undefined && cell.trim() !== "") this.#cells.set(column, cell);
    });
  }

  /** The row's content in a fixed order, whatever the order of the columns: what equal rows have in common. */
  content(): string {
    const cells = [...this.#cells].map(([column, cell]) => `${column}\t${tidy(cell)}`);
    return cells.sort().join("\n");
  }

  has(column: Column): boolean {
    return this.#cells.has(column);
  }

  fault(column: Column, reason: ImportReason, what = ""): undefined {
    this.faults.push({
      column,
      reason: this.facts.words.reasons[reason](what),
      text: this.#cells.get(column) ?? "",
    });
    return undefined;
  }

  #read<T>(column: Column, read: (cell: string) => Read<T>): T | undefined {
    const cell = this.#cells.get(column);
    if (cell === undefined) return undefined;
    const found = read(cell);
    return "reason" in found ? this.fault(column, found.reason) : found.value;
  }

  text(column: Column, charactersMax = textCharactersMax): string | undefined {
    const text = this.#read(column, readText);
    if (text !== undefined && text.length > charactersMax)
      return this.fault(column, "too-long", String(charactersMax));
    return text;
  }

  number(column: Column): number | undefined {
    const number = this.#read(column, (cell) => readNumber(cell, this.#delimiter));
    if (number !== undefined && number < 0) return this.fault(column, "negative");
    return number;
  }

  signed(column: Column): number | undefined {
    return this.#read(column, (cell) => readNumber(cell, this.#delimiter));
  }

  grams(column: Column, isInGrams: boolean): number | undefined {
    const grams = this.#read(column, (cell) => readWeight(cell, this.#delimiter, isInGrams));
    if (grams !== undefined && grams < 0) return this.fault(column, "negative");
    return grams;
  }

  date(column: Column): string | undefined {
    return this.#read(column, readDate);
  }

  time(column: Column): number | undefined {
    return this.#read(column, (cell) => readTime(cell, this.facts.offsetAt));
  }

  /** One of some words, in any language. */
  choice<T extends string>(column: Column, words: Readonly<Record<string, T>>): T | undefined {
    const text = this.text(column);
    if (text === undefined) return undefined;
    const word = tidy(text).toLowerCase();
    if (Object.hasOwn(words, word)) return words[word];
    return this.fault(column, "choice", [...new Set(Object.values(words))].join(", "));
  }

  /** 14 digits. */
  gtin(column: Column): string | undefined {
    const text = this.text(column);
    if (text === undefined) return undefined;
    const digits = tidy(text).replace(/[ -]/g, "");
    if (/^\d[.,]?\d*e\+?\d+$/i.test(digits)) return this.fault(column, "spoiled");
    return gtin14(digits) ?? this.fault(column, "gtin");
  }

  location(column: Column): string | undefined {
    const id = this.text(column);
    if (id === undefined || this.facts.hasLocation(id)) return id;
    return this.fault(column, "location");
  }

  /** Says that a column must be there. */
  need<T>(column: Column, value: T | undefined): T | undefined {
    if (value === undefined && !this.has(column)) this.fault(column, "missing");
    return value;
  }
}

/** Which item a row is about, by its number, its GTIN or a GS1 bar code; with what the bar code says besides. */
export interface Named {
  readonly item: string;
  readonly unit: "pcs" | "kg" | "L" | "m";
  readonly lot?: string;
  readonly expires?: string;
  readonly serial?: string;
}

/** What GS1 bar codes hold of an article: (01) GTIN, (10) lot, (17) expiry, (21) serial. */
function readBarcode(row: Row): { gtin?: string; lot?: string; expires?: string; serial?: string } {
  const text = row.text("barcode", 500);
  if (text === undefined) return {};
  const code = text.normalize("NFKC").trim();
  if (/^\d{8}$|^\d{12,14}$/.test(code)) {
    const gtin = gtin14(code) ?? row.fault("barcode", "gtin");
    return gtin === undefined ? {} : { gtin };
  }
  if (/^\d[.,]\d*e\+?\d+$/i.test(code)) return row.fault("barcode", "spoiled") ?? {};
  const parsed = parseElementString(code, new Date(row.facts.now).getUTCFullYear());
  if (!parsed.ok) return row.fault("barcode", "barcode", parsed.reason) ?? {};
  const of = (ai: string) => parsed.elements.find((element) => element.ai === ai);
  const [gtin, lot, expires, serial] = [
    of("01")?.value,
    of("10")?.value,
    of("17")?.date,
    of("21")?.value,
  ];
  return {
    ...(gtin === undefined ? {} : { gtin }),
    ...(lot === undefined ? {} : { lot }),
    ...(expires === undefined ? {} : { expires }),
    ...(serial === undefined ? {} : { serial }),
  };
}

/** undefined: the row's faults say why. `gtinOfTag` names the item where nothing else does. */
export function readNamed(row: Row, gtinOfTag?: string): Named | undefined {
  const code = readBarcode(row);
  const given = row.text("item");
  const byGtin = row.gtin("gtin") ?? code.gtin ?? (given === undefined ? gtinOfTag : undefined);
  const column = row.has("gtin") ? "gtin" : "barcode";
  const coded = byGtin === undefined ? undefined : row.facts.itemOfGtin(byGtin);
  if (byGtin !== undefined && coded === undefined && given === undefined)
    return row.fault(column, "item");
  if (given !== undefined && coded !== undefined && coded !== given)
    return row.fault(column, "other", coded);
  const item = given ?? coded;
  if (item === undefined) return row.faults.length === 0 ? row.fault("item", "missing") : undefined;
  const unit = row.facts.item(item)?.unit;
  if (unit === undefined) return row.fault("item", "item");
  const lot = row.text("lot", 20) ?? code.lot;
  const expires = row.date("expires") ?? code.expires;
  return {
    item,
    unit,
    ...(lot === undefined ? {} : { lot }),
    ...(expires === undefined ? {} : { expires }),
    ...(code.serial === undefined ? {} : { serial: code.serial }),
  };
}
