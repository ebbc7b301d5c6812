import type { Config } from "../../../config/schema/config.ts";
import type { Clock, PointKey } from "../../../drivers/contract.ts";
import type { Alarm } from "../../alarms/alarm.ts";
import { alarmKeyPrefix } from "../../alarms/alarm-state.ts";
import { localTimeOf } from "../../report/local-time.ts";
import type { Rule } from "../../rules/rule.ts";
import type { RuleBook } from "../../rules/rule-book.ts";
import type { Start } from "../../rules/rule-state.ts";
import { zoneOf } from "../../rules/zone.ts";
import type { ClockQuality, Store } from "../../store/store.ts";
import { DemandBook } from "../demand/demand-book.ts";
import { ItemBook } from "../items/item-book.ts";
import { TagRegistry } from "../items/tag-registry.ts";
import { calendarOf } from "../ledger/calendar.ts";
import { Ledger } from "../ledger/ledger.ts";
import { wholeBalances } from "../ledger/rebuilt.ts";
import { type MovementDraft, stockKeys } from "../movement.ts";
import { WarningBook } from "../warnings/warning-book.ts";
import { ruleOf, ruleOfId, type WarningWorld } from "../warnings/warning-rule.ts";
import { Comparer } from "./comparer.ts";
import { LineJudge } from "./line-judge.ts";
import { Lines } from "./lines.ts";
import { Reviews } from "./reviews.ts";
import { Shelves } from "./shelves.ts";
import { StockDesk } from "./stock-desk.ts";
import { TagDesk } from "./tag-desk.ts";
import { weightPoints } from "./weight-points.ts";

export interface StockParts {
  readonly config: Config;
  readonly points: ReadonlyMap<PointKey, { readonly unit?: string }>;
  readonly store: Pick<
    Store,
    "hasMovement" | "movementsFoldedBefore" | "movementSums" | "movements"
  >;
  readonly clock: Clock;
  readonly clockQuality: () => ClockQuality;
  readonly start: Start;
  /** State by prefix, as the store kept it. */
  readonly saved: (...prefixes: readonly string[]) => ReadonlyMap<string, unknown>;
}

/** A movement says of which gateway it is, what the clocks there showed, and the item's GTIN. */
function placedAt({ id, timezone }: Config["gateway"], items: ItemBook) {
  const localTime = localTimeOf(timezone);
  return (draft: MovementDraft): MovementDraft => {
    const gtin = items.get(draft.item)?.gtin14;
    const epcis = { gateway: id, offset: localTime.offset(draft.at) };
    return { ...draft, epcis: { ...epcis, ...(gtin === undefined ? {} : { gtin }) } };
  };
}

/** Items and what a warning about them is made of: needed before the alarms are there. */
export interface StockItems {
  readonly items: ItemBook;
  readonly world: WarningWorld;
  /** Rules of saved alarms about stock, made anew with the items of today. */
  readonly rules: readonly Rule[];
}

export function restoreItems({ config, saved }: Pick<StockParts, "config" | "saved">): StockItems {
  const items = new ItemBook(config, saved(stockKeys.item));
  const world: WarningWorld = {
    stock: config.stock,
    language: config.gateway.language,
    item: (id) => items.get(id),
    location: (id) => config.locations[id],
  };
  const ids = [...saved(alarmKeyPrefix).keys()].map((key) => key.slice(alarmKeyPrefix.length));
  return { items, world, rules: ids.flatMap((id) => ruleOfId(id, world) ?? []) };
}

/** The stock as the store left it, under the items and settings of today. */
export function restoreStock(
  parts: StockParts,
  { items, world }: StockItems,
  rules: RuleBook,
  alarms: readonly Alarm[],
): StockDesk {
  const { config, points, store, clock, clockQuality, start, saved } = parts;
  const { timezone } = config.gateway;
  const { instant } = start;
  const calendar = calendarOf(timezone, () => clockQuality() !== "unset");
  const balances = wholeBalances(saved(stockKeys.balance), store);
  const ledger = new Ledger({
    saved: new Map([
      ...balances.saved,
      ...saved(stockKeys.lot, stockKeys.hold, stockKeys.order, stockKeys.delivery),
    ]),
    items: items.all(),
    calendar,
    keepForMs: config.stock.keepFor,
    foldedBefore: () => store.movementsFoldedBefore(),
  });
  const tagBook = new TagRegistry(items, Object.keys(config.locations), saved(stockKeys.tag));
  const shelves = new Shelves({
    points: weightPoints(config.locations, points),
    settings: (location) => items.shelfSettings(location),
    saved: saved(stockKeys.weigh),
    start,
  });
  const tags = new TagDesk({
    config,
    items,
    resolve: (epc) => tagBook.resolve(epc),
    isWeighed: (location, item) => shelves.isWeighed(location, item),
    clockQuality,
    saved: saved(stockKeys.presence),
    instant,
  });
  const demand = new DemandBook(zoneOf(timezone), saved(stockKeys.demand));
  const reviews = new Reviews({
    settings: config.stock,
    demand,
    deliveries: (item) => ledger.deliveries(item),
    saved: saved(stockKeys.outlook, stockKeys.proposal, stockKeys.consumption),
  });
  const lines = new Lines({
    ledger,
    reviews,
    counts: (location) => shelves.counts(location),
    clock,
  });
  const comparer = new Comparer({
    items,
    ledger,
    locations: Object.entries(config.locations).flatMap(([id, { weight, tags: point }]) =>
      weight === undefined && point === undefined ? [] : [id],
    ),
    weighed: (location) => shelves.weighed(location),
    tagged: (location) => tags.counts(location),
    isMixed: (location) => config.locations[location]?.mixed === true,
    saved: saved(stockKeys.mismatch),
  });
  const active = alarms.filter((alarm) => alarm.active);
  const warnings = new WarningBook(config.stock, active);
  const dates = new Intl.DateTimeFormat("en-CA", { timeZone: timezone });
  const judge = new LineJudge({
    ...{ items, lines, warnings, rules, calendar },
    ruleOf: ({ to: _, figures, ...about }) => ruleOf(about, world, figures),
    dateOf: (at) => dates.format(at),
  });
  return new StockDesk({
    ...{ items, tagBook, ledger, shelves, tags, comparer, demand, reviews, lines },
    ...{ warnings, judge, calendar, clockQuality },
    known: (id) => store.hasMovement(id),
    placed: placedAt(config.gateway, items),
    ...(balances.rebuilt === undefined ? {} : { rebuilt: balances.rebuilt }),
  });
}
