import { divisionDefaultKg } from "../../../config/checks/scales.ts";
import type { ExplainedRule } from "../../../config/explain.ts";
import { explainText } from "../../../config/language/explain.ts";
import { type ExplainStockText, explainStockText } from "../../../config/language/explain-stock.ts";
import type { Language } from "../../../config/language/language.ts";
import type { Config } from "../../../config/schema/config.ts";
import { warningKinds } from "../../../config/schema/item.ts";
import type { LocationConfig } from "../../../config/schema/location.ts";
import { formatDuration, formatMass } from "../../../drivers/quantity.ts";
import type { Stocked } from "../stocked.ts";
import { ruleOf } from "../warnings/warning-rule.ts";
import { exactUpTo } from "../weighing/count-error.ts";
import { ItemBook } from "./item-book.ts";

/** So many locations are said one by one, and so many items of each: more is a list that nobody reads. */
export const saidLocationsMax = 20;
export const saidItemsMax = 5;

type Site = Pick<Config, "items" | "locations" | "stock">;

/** What the configuration says of stock, in words: per location what is counted and how, then who is warned of what. */
export function explainStock(config: Site, language: Language): readonly ExplainedRule[] {
  const text = explainStockText[language];
  const book = new ItemBook(config, new Map());
  const kept = Object.entries(config.locations).flatMap(([id, location]) => {
    const stocked = book.at(id);
    return stocked.length === 0 ? [] : [{ id, location, stocked }];
  });
  if (kept.length === 0) return [];
  const said = kept.slice(0, saidLocationsMax).map(({ id, location, stocked }) => ({
    id,
    text: text.join([
      how(location, text),
      ...stocked.slice(0, saidItemsMax).map((one) => itemWords(one, location, text, language)),
      ...(stocked.length > saidItemsMax ? [text.moreItems(stocked.length - saidItemsMax)] : []),
    ]),
  }));
  const more = kept.length - said.length;
  return [
    ...said,
    ...(more > 0 ? [{ id: text.moreId, text: text.more(more) }] : []),
    { id: text.warningsId, text: warningWords(config, book, language) },
  ];
}

function how(location: LocationConfig, text: ExplainStockText): string {
  const { weight, tags, tare = 0, division = divisionDefaultKg, capacity } = location;
  const parts = [
    weight === undefined
      ? undefined
      : text.scale({
          point: weight,
          tare: formatMass(tare),
          division: formatMass(division),
          capacity: capacity === undefined ? undefined : formatMass(capacity),
        }),
    tags === undefined ? undefined : text.reader(tags),
  ].filter((part) => part !== undefined);
  return parts.length === 0 ? text.booked : text.join(parts);
}

function itemWords(
  { item, policy }: Stocked,
  location: LocationConfig,
  text: ExplainStockText,
  language: Language,
): string {
  const { id, name, unit, unitWeight, unitWeightSpread: spread, sampledPieces: sampled } = item;
  const called = name === undefined ? id : text.named(id, name);
  const isWeighed = location.weight !== undefined;
  const counted =
    isWeighed && unit === "kg"
      ? text.bulk(called)
      : isWeighed && unitWeight !== undefined
        ? text.piece(
            called,
            formatMass(unitWeight),
            exactUpTo({ kg: unitWeight, spread, sampled }, location.division ?? divisionDefaultKg),
          )
        : text.other(called);
  const amount = (value: number) => `${value} ${unit}`;
  const { min, max, reorderPoint, leadTimeMs, serviceLevel } = policy;
  const limits = [
    min === undefined ? undefined : text.min(amount(min)),
    max === undefined ? undefined : text.max(amount(max)),
    reorderPoint === undefined ? undefined : text.reorder(amount(reorderPoint)),
    leadTimeMs === undefined
      ? undefined
      : text.forecast(durationWords(leadTimeMs, language), percent(serviceLevel)),
  ].filter((part) => part !== undefined);
  return text.join([
    counted,
    ...(limits.length === 0 ? [] : [text.limits(limits)]),
    ...(leadTimeMs === undefined ? [text.noLeadTime] : []),
  ]);
}

function durationWords(ms: number, language: Language): string {
  const [, amount = "0", unit = "s"] = /^([\d.]+)(.*)$/.exec(formatDuration(ms)) ?? [];
  return explainText[language].duration(Number(amount), unit);
}

function percent(share: number): string {
  return `${Number((100 * share).toFixed(2))} %`;
}

/** Warnings that are told alike stand together. Where a location tells others, its own rule says so. */
function warningWords({ stock }: Site, book: ItemBook, language: Language): string {
  const text = explainStockText[language];
  const world = {
    stock,
    language,
    item: (id: string) => book.get(id),
    location: () => undefined,
  };
  const isOn = (kind: (typeof warningKinds)[number]) => stock.warnings[kind]?.enabled !== false;
  const rules = warningKinds.filter(isOn).map((kind) => {
    const {
      priority,
      notify = [],
      escalate,
      annunciate = [],
    } = ruleOf({ kind, location: "" }, world);
    const told = [
      ...(notify.length === 0 ? [] : [text.tells(notify)]),
      ...(escalate === undefined ? [] : [text.climbs(escalate)]),
      ...(annunciate.length === 0 ? [] : [text.shows(annunciate)]),
    ];
    return { kind, priority, told: text.list(told.length === 0 ? [text.panel] : told) };
  });
  const off = warningKinds.filter((kind) => !isOn(kind));
  return text.join([
    ...Map.groupBy(rules, ({ told }) => told)
      .entries()
      .map(([told, alike]) => text.join([text.warnings(alike), told])),
    ...(off.length === 0 ? [] : [text.off(off)]),
  ]);
}
