import type { Readable } from "node:stream";
import type {
  Booked,
  Booking,
  HoldBody,
  ImportKind,
  ImportResult,
  ItemOutlook,
  ItemView,
  MismatchView,
  MovementPage,
  MovementQuery,
  OpenProposal,
  Release,
  Scanned,
  StockPage,
  StockQuery,
} from "./stock-api.ts";

/** Everything of stock that the panel shows and does comes through here. */
export interface StockSource {
  stock(query: StockQuery): StockPage;
  /** @throws RackwatchError `stock/unknown` when the item is not kept there. */
  outlook(location: string, item: string): ItemOutlook;
  movements(query: MovementQuery): MovementPage;
  items(): readonly ItemView[];
  mismatches(): readonly MismatchView[];
  /** Durable when it returns. @throws RackwatchError `stock/unknown`, `stock/refused`, `store/...`. */
  book(booking: Booking, person: string): Booked;
  /** Good rows are durable when it resolves. @throws RackwatchError `stock/import` when nothing of it can be read. */
  import(
    kind: ImportKind,
    file: { readonly name: string; readonly content: Readable },
    person: string,
  ): Promise<ImportResult>;
  /** A held lot: only with the quality role. @throws RackwatchError `stock/refused`. */
  release(release: Release, person: string): void;
  /** Puts a lot aside by hand. */
  hold(hold: HoldBody, person: string): void;
  scanned(code: string): Scanned;
  /** CSV, line by line, as an import reads it back. */
  export(what: "stock" | "movements"): AsyncIterable<string> | Iterable<string>;
  /** Reorder points that wait for a decision, the oldest first. */
  proposals(): readonly OpenProposal[];
  /** @throws RackwatchError `stock/unknown`. */
  decide(proposal: string, approve: boolean, person: string, comment?: string): void;
  /** Movements as EPCIS 2.0 JSON-LD: one document. */
  epcis(query: MovementQuery): Readonly<Record<string, unknown>>;
}
