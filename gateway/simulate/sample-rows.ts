import type { EpochMs, Sample, Value } from "../../drivers/contract.ts";
import { type Columns, columnsInOrder, columnsOf } from "./columns.ts";
import type { Complaint, RowFault } from "./complaint.ts";
import type { CsvFault, CsvRow } from "./csv-rows.ts";
import { parseInstant } from "./instant-text.ts";
import type { KnownPoint, PointNames } from "./point-names.ts";

export const sampleColumns = ["at", "point", "value", "quality"] as const;
type Column = (typeof sampleColumns)[number];

/** Reason of a bad sample that names none, and of a number that is none. */
const reasonDefault = "bad";
const notANumber = "not a number";

const number = /^[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?$/i;
/** How programs write a number that they do not have. */
const noNumber = /^[+-]?(?:nan|inf(?:inity)?)$/i;

/**
 * Rows of `at,point,value[,quality]` -> samples. A first line may name the columns. The kind of a
 * point (number, switch, text) is what the configuration says, else what its first value is.
 * A row that is older than one of its point before it is late: it is told, and is no sample.
 */
export class SampleRows {
  readonly #points: PointNames;
  readonly #take: (sample: Sample) => void;
  readonly #complain: (complaint: Complaint) => void;
  #columns: Columns<Column> | undefined;
  /** Rows of one instant follow each other: its text is read once, which is a fifth of all work. */
  #last: { readonly text: string; readonly at: EpochMs | undefined } = { text: "", at: undefined };
  /** A column that the first line had to name. */
  missing: Column | undefined;

  constructor(
    points: PointNames,
    take: (sample: Sample) => void,
    complain: (complaint: Complaint) => void,
  ) {
    this.#points = points;
    this.#take = take;
    this.#complain = complain;
  }

  fault(line: number, is: CsvFault): void {
    this.#complain({ line, left: { is } });
  }

  row({ line, cells }: CsvRow): void {
    if (this.#columns === undefined) {
      const named = columnsOf(cells, sampleColumns, 3);
      this.missing = named?.missing;
      this.#columns = named?.columns ?? columnsInOrder(sampleColumns);
      if (named !== undefined) return;
    }
    if (this.missing !== undefined) return;
    const { at, point, value, quality } = this.#columns;
    if (cells.length === 1 && cells[0]?.trim() === "") return;
    const left = this.#read(line, {
      at: cellOf(cells, at),
      point: cellOf(cells, point),
      value: cellOf(cells, value),
      quality: cellOf(cells, quality) ?? "",
    });
    if (left !== undefined) this.#complain({ line, left });
  }

  #read(line: number, cells: Cells): RowFault | undefined {
    const { at: atText, point: name, value: text, quality } = cells;
    if (atText === undefined || name === undefined || text === undefined)
      return { is: "too-few-cells" };
    if (atText !== this.#last.text) this.#last = { text: atText, at: parseInstant(atText) };
    const sampledAt = this.#last.at;
    if (sampledAt === undefined) return { is: "time", got: atText };
    if (name === "") return { is: "no-point" };
    const point = this.#points.find(name);
    if (point === undefined) {
      if (!this.#points.isNews(name)) return undefined;
      return { is: "point", got: name, suggestion: this.#points.suggestion(name) };
    }
    const read = sampleOf(point, sampledAt, text, quality);
    if ("is" in read) return read;
    if (sampledAt < point.newestAt) {
      const late = { point: point.key, behindMs: point.newestAt - sampledAt };
      this.#complain({ line, late });
      return undefined;
    }
    point.newestAt = sampledAt;
    point.samples += 1;
    this.#take(read);
    return undefined;
  }
}

type Cells = Readonly<Record<Exclude<Column, "quality">, string | undefined>> & {
  readonly quality: string;
};

function cellOf(cells: readonly string[], at: number | undefined): string | undefined {
  return at === undefined ? undefined : cells[at]?.trim();
}

function sampleOf(
  point: KnownPoint,
  sampledAt: number,
  text: string,
  given: string,
): Sample | RowFault {
  const quality = given === "" ? "good" : given.toLowerCase();
  if (quality === "bad") {
    const reason = text === "" || number.test(text) ? reasonDefault : text;
    return { point: point.key, sampledAt, quality, reason };
  }
  if (quality !== "good" && quality !== "uncertain") return { is: "quality", got: given };
  if (text === "") return { is: "no-value" };
  if (point.kind !== "text" && noNumber.test(text))
    return { point: point.key, sampledAt, quality: "bad", reason: notANumber };
  const value = readValue(point, text);
  if (value === undefined) return { is: point.kind === "boolean" ? "switch" : "number", got: text };
  // No code becomes a number: 1e999 is none either.
  if (typeof value === "number" && !Number.isFinite(value))
    return { point: point.key, sampledAt, quality: "bad", reason: notANumber };
  return { point: point.key, sampledAt, quality, value };
}

/** Undefined when it is not of the point's kind. */
function readValue(point: KnownPoint, text: string): Value | undefined {
  point.kind ??= kindOf(text);
  switch (point.kind) {
    case "text":
      return text;
    case "number":
      return number.test(text) ? Number(text) : undefined;
    case "boolean":
      return switchOf(text);
  }
}

function kindOf(text: string): "number" | "boolean" | "text" {
  if (number.test(text)) return "number";
  return switchOf(text) === undefined ? "text" : "boolean";
}

/** As spreadsheets write it too; 1 and 0 only where the point is known as a switch. */
function switchOf(text: string): boolean | undefined {
  const word = text.toLowerCase();
  if (word === "true" || word === "1") return true;
  return word === "false" || word === "0" ? false : undefined;
}
