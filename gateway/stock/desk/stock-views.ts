import type { ItemView, StockPage, StockQuery, StockView } from "../../panel/stock-api.ts";
import type { LotLine, StockLine } from "../line.ts";
import type { Item, Stocked } from "../stocked.ts";
import type { WarningBook } from "../warnings/warning-book.ts";
import type { StockDeskParts } from "./stock-desk.ts";

/** A line as the API and the screens see it. */
export function stockView(
  line: StockLine,
  warnings: Pick<WarningBook, "state" | "inForce">,
): StockView {
  const { stocked, onHand, available, interval, onOrder, reserved, position } = line;
  const { item, location, policy } = stocked;
  const { reorderPoint, coverDays, stockOutAt, stockOutProbability, movedAt } = line;
  return {
    item: item.id,
    ...given({ name: item.name }),
    location,
    unit: item.unit,
    quantity: onHand,
    available,
    interval: [interval[0], interval[1]],
    onOrder,
    reserved,
    position,
    ...given({ min: policy.min, max: policy.max }),
    ...given({ reorderPoint: reorderPoint?.value, reorderPointBy: reorderPoint?.by }),
    ...given({ coverDays, stockOutAt, stockOutProbability, movedAt }),
    state: warnings.state(line),
    warnings: [...warnings.inForce(location, item.id)],
    lots: line.lots.map(({ hold, lot, expires, daysLeft, quantity, state }) => ({
      ...given({ lot, expires, daysLeft }),
      quantity,
      state,
      ...(hold === undefined
        ? {}
        : { hold: { cause: hold.cause, since: hold.since, ...given({ by: hold.by }) } }),
    })),
  };
}

export function itemView(item: Item): ItemView {
  const { id, name, gtin14, unit, location, unitWeight, from } = item;
  return {
    id,
    ...given({ name, gtin: gtin14 }),
    unit,
    locations: [...location],
    // Grams: what people read on a piece.
    ...given({
      unitWeight:
        unitWeight === undefined ? undefined : Number((unitWeight * 1_000).toPrecision(9)),
    }),
    from,
  };
}

/**
 * A page of the stock in the order of the items.
 *
 * @param places the locations of `query.within`; undefined: all.
 */
export function stockPage(
  { items, lines, warnings }: Pick<StockDeskParts, "items" | "lines" | "warnings">,
  query: StockQuery,
  places?: ReadonlySet<string>,
): StockPage {
  const found: StockView[] = [];
  let total = 0;
  let passed = query.after === undefined;
  let next: string | undefined;
  for (const stocked of items.stocked()) {
    if (places?.has(stocked.location) === false || !isMeant(stocked, query)) continue;
    const { location, item } = stocked;
    if (query.show === "warned" && warnings.inForce(location, item.id).length === 0) continue;
    // What the forecast says is dear, and only those of the page need it.
    if (query.state !== undefined || query.lots !== undefined) {
      const { movedAt, lots } = lines.facts(stocked);
      const state = warnings.state({ stocked, ...(movedAt === undefined ? {} : { movedAt }) });
      if (query.state !== undefined && state !== query.state) continue;
      if (query.lots !== undefined && !lots.some(lotIs[query.lots])) continue;
    }
    total += 1;
    if (passed && found.length >= query.limit) next ??= lastKey(found);
    else if (passed) found.push(stockView(lines.line(stocked), warnings));
    passed ||= `${location}/${item.id}` === query.after;
  }
  return { stock: found, total, ...given({ next }) };
}

const lotIs = {
  locked: ({ state }: Pick<LotLine, "state">) => state === "held" || state === "expired",
  "near-expiry": ({ state }: Pick<LotLine, "state">) => state === "near-expiry",
} as const;

function lastKey(found: readonly StockView[]): string | undefined {
  const last = found.at(-1);
  return last === undefined ? undefined : `${last.location}/${last.item}`;
}

function isMeant({ item, location }: Stocked, query: StockQuery): boolean {
  if (query.location !== undefined && query.location !== location) return false;
  if (query.item !== undefined && query.item !== item.id) return false;
  const search = query.search?.trim().toLowerCase() ?? "";
  if (search === "") return true;
  return [item.id, item.name, item.gtin14].some((text) => text?.toLowerCase().includes(search));
}

function given<Known extends Readonly<Record<string, unknown>>>(known: Known) {
  const entries = Object.entries(known).filter(([, value]) => value !== undefined);
  return Object.fromEntries(entries) as {
    [Key in keyof Known as undefined extends Known[Key] ? never : Key]: Known[Key];
  } & { [Key in keyof Known]?: Exclude<Known[Key], undefined> };
}
