import type { EpochMs } from "../../drivers/contract.ts";

/** Columns of one chart: about as many as a printed line can show. */
export const chartColumnsMax = 480;

interface Column {
  low: number;
  high: number;
}

/** Lowest and highest value of each column: a week at one reading a second keeps every peak. */
export class ChartColumns {
  readonly columns: (Column | undefined)[] = new Array<Column | undefined>(chartColumnsMax);
  readonly #from: EpochMs;
  readonly #columnMs: number;

  constructor(from: EpochMs, to: EpochMs) {
    this.#from = from;
    this.#columnMs = Math.max(1, to - from) / chartColumnsMax;
  }

  add(at: EpochMs, value: number): void {
    const index = this.columnOf(at);
    const column = this.columns[index];
    if (column === undefined) {
      this.columns[index] = { low: value, high: value };
      return;
    }
    if (value < column.low) column.low = value;
    if (value > column.high) column.high = value;
  }

  columnOf(at: EpochMs): number {
    const index = Math.floor((at - this.#from) / this.#columnMs);
    return Math.min(chartColumnsMax - 1, Math.max(0, index));
  }
}
