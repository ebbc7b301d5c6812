import type { StockView } from "../../stock-api.ts";
import { quantityOf } from "./book-plan.ts";

/** One thing to count: an item at a location, or one of its lots where it has several. */
export interface CountLine {
  readonly key: string;
  readonly location: string;
  readonly item: string;
  readonly name: string;
  readonly unit: StockView["unit"];
  readonly lot?: string;
}

/** What there is to count, lot by lot where there are several that are known. */
export function countLines(stock: readonly StockView[]): readonly CountLine[] {
  return stock.flatMap(({ location, item, name = item, unit, lots }): CountLine[] => {
    const line = { location, item, name, unit };
    const named = lots.flatMap(({ lot }) => (lot === undefined ? [] : [lot]));
    // Pieces whose lot is not known can only be counted with all the others.
    if (named.length < 2 || named.length < lots.length) {
      return [{ ...line, key: `${location}/${item}` }];
    }
    return named.map((lot) => ({ ...line, key: `${location}/${item}/${lot}`, lot }));
  });
}

export interface Comparison {
  readonly counted: number;
  readonly expected: number;
  readonly difference: number;
}

/** What was counted beside what is booked; a word of what is wrong with the number instead. */
export function compareCount(
  text: string,
  line: { readonly lot?: string },
  view: StockView | undefined,
): Comparison | "number" | "whole" {
  const counted = quantityOf(text);
  if (Number.isNaN(counted)) return "number";
  if ((view?.unit ?? "pcs") === "pcs" && !Number.isInteger(counted)) return "whole";
  const { lot } = line;
  const of = view?.lots.find((it) => it.lot === lot)?.quantity ?? 0;
  const expected = lot === undefined ? (view?.quantity ?? 0) : of;
  return { counted, expected, difference: Number((counted - expected).toFixed(6)) };
}
