import { Readable } from "node:stream";
import { importText } from "../../config/language/import.ts";
import type { ImportKind } from "../../gateway/panel/stock-api.ts";
import {
  type ImportBatch,
  type ImportLimits,
  type ImportRow,
  readImport,
} from "../../gateway/stock/import/read-import.ts";
import type { ImportFacts } from "../../gateway/stock/import/row.ts";

/** A gateway in Shanghai with a few items and locations, for imports. */
export function importFacts(changes: Partial<ImportFacts> = {}): ImportFacts {
  const items: Readonly<Record<string, "pcs" | "kg">> = {
    screws: "pcs",
    insulin: "pcs",
    flour: "kg",
  };
  return {
    now: Date.UTC(2026, 10, 23, 4),
    offsetAt: () => "+08:00",
    words: importText.en,
    item: (id) => (items[id] === undefined ? undefined : { unit: items[id] }),
    itemOfGtin: (gtin) => (gtin === "06901234567892" ? "insulin" : undefined),
    hasLocation: (id) => ["shelf-a1", "shelf-a2", "冷库"].includes(id),
    itemOfTag: (epc) => (epc === "E28011700000020000000099" ? "flour" : undefined),
    ...changes,
  };
}

export interface Imported {
  readonly rows: readonly ImportRow[];
  readonly bad: ImportBatch["bad"];
  readonly badMore: number;
  readonly encoding: string;
  readonly delimiter: string;
  readonly batches: number;
}

/** Everything of a file; `chunkBytes`: how it comes. */
export async function importAll(
  kind: ImportKind,
  file: string | Uint8Array,
  facts: ImportFacts = importFacts(),
  chunkBytes = 1_000,
  limits?: ImportLimits,
): Promise<Imported> {
  const bytes = typeof file === "string" ? Buffer.from(file) : Buffer.from(file);
  const chunks: Buffer[] = [];
  for (let at = 0; at < bytes.length; at += chunkBytes)
    chunks.push(bytes.subarray(at, at + chunkBytes));
  const rows: ImportRow[] = [];
  const bad: ImportBatch["bad"][number][] = [];
  let [badMore, batches, encoding, delimiter] = [0, 0, "", ""];
  for await (const batch of readImport(kind, Readable.from(chunks), facts, limits)) {
    rows.push(...batch.rows);
    bad.push(...batch.bad);
    badMore += batch.badMore;
    batches += 1;
    ({ encoding, delimiter } = batch);
  }
  return { rows, bad, badMore, encoding, delimiter, batches };
}
