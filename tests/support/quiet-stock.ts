import { RackwatchError } from "../../drivers/errors.ts";
import type { StockSource } from "../../gateway/panel/stock-source.ts";

function none(): never {
  throw new RackwatchError("stock/unknown", "there is no such item here");
}

/** A gateway without stock: what tests of other parts of the panel need. */
export function quietStock(more: Partial<StockSource> = {}): StockSource {
  return {
    stock: () => ({ stock: [], total: 0 }),
    outlook: none,
    movements: () => ({ movements: [] }),
    items: () => [],
    mismatches: () => [],
    book: none,
    import: () => Promise.reject(new RackwatchError("stock/import", "nothing can be imported")),
    release: none,
    hold: none,
    scanned: () => ({}),
    export: () => [],
    proposals: () => [],
    decide: none,
    epcis: () => ({}),
    ...more,
  };
}
