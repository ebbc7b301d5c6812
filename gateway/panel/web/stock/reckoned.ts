import type { panelStockText } from "../../../../config/language/panel-stock.ts";
import type { ItemOutlook } from "../../stock-api.ts";
import type { Format } from "../format.ts";
import { doubtOf } from "./stock-look.ts";

type Words = (typeof panelStockText)["en"];

/** A number of an item, and in words how it came about. */
export interface Reckoned {
  readonly name: string;
  readonly value: string;
  readonly note?: string;
  readonly why: readonly string[];
}

interface Wording {
  readonly words: Words;
  readonly amount: (value: number) => string;
  readonly format: Pick<Format, "number" | "date">;
}

/** Below this share a rounded one would read 0 %, and a forecast is never certain. */
const leastShare = 0.01;

/** A probability as people say it: a forecast is never certain. */
function percentText(part: number): string {
  if (part > 1 - leastShare) return "> 99 %";
  return part < leastShare ? "< 1 %" : `${Math.round(part * 100)} %`;
}

/** All numbers of an item in the order in which one follows from the other. */
export function reckoned(outlook: ItemOutlook, wording: Wording): readonly Reckoned[] {
  return [...there(outlook, wording), ...limits(outlook, wording), ...ahead(outlook, wording)];
}

function there({ stock }: ItemOutlook, { words, amount }: Wording): readonly Reckoned[] {
  const { quantity, available, onOrder, reserved, position } = stock;
  const { item, why } = words;
  const doubt = doubtOf(stock);
  const hasOrders = onOrder !== 0 || reserved !== 0;
  const locked = Math.max(0, quantity - available);
  return [
    {
      name: item.onHand,
      value: amount(quantity),
      ...(doubt !== undefined && {
        note: `${item.interval} ${words.chart.between(amount(doubt[0]), amount(doubt[1]))}`,
      }),
      why: [
        why.onHand,
        ...(doubt === undefined ? [] : [why.seen(amount(doubt[0]), amount(doubt[1]))]),
      ],
    },
    {
      name: item.available,
      value: amount(available),
      why: [why.available(amount(quantity), amount(locked), amount(available))],
    },
    ...(hasOrders
      ? [
          { name: item.onOrder, value: amount(onOrder), why: [] },
          { name: item.reserved, value: amount(reserved), why: [] },
        ]
      : []),
    {
      name: item.position,
      value: amount(position),
      why: [
        why.position(amount(available), amount(onOrder), amount(reserved), amount(position)),
        ...(hasOrders ? [] : [why.noOrders]),
      ],
    },
  ];
}

function limits(outlook: ItemOutlook, { words, amount, format }: Wording): readonly Reckoned[] {
  const { min, max, reorderPoint, reorderPointBy } = outlook.stock;
  const { item } = words;
  const set = (name: string, value: number | undefined): Reckoned => ({
    name,
    value: value === undefined ? item.unset : amount(value),
    why: [],
  });
  return [
    set(item.minimum, min),
    set(item.maximum, max),
    {
      name: item.reorderPoint,
      value: reorderPoint === undefined ? item.unset : amount(reorderPoint),
      ...(reorderPointBy !== undefined && { note: item.by[reorderPointBy] }),
      why: reorderWhy(outlook, { words, amount, format }),
    },
  ];
}

function reorderWhy(
  { stock, basis, perDay }: ItemOutlook,
  { words: { why, item }, amount, format }: Wording,
): readonly string[] {
  if (basis === undefined) return [];
  const days = (count: number) => item.days(format.number(count));
  const { leadTimeDays, leadTimeSpreadDays, safetyStock, reorderPointWanted } = basis;
  const lines = stock.reorderPointBy === "person" ? [why.byPerson] : [];
  if (leadTimeDays === undefined && reorderPointWanted === undefined) {
    return stock.reorderPointBy === "person" ? lines : [why.noLead];
  }
  if (perDay === undefined || reorderPointWanted === undefined) return [...lines, why.noHistory];
  const wanted =
    leadTimeDays === undefined || safetyStock === undefined
      ? []
      : [
          why.wanted({
            perDay: amount(perDay),
            lead: days(leadTimeDays),
            review: days(basis.reviewDays),
            safety: amount(safetyStock),
            is: amount(reorderPointWanted),
          }),
        ];
  return [
    ...lines,
    ...wanted,
    why.service(percentText(basis.serviceLevel)),
    ...(leadTimeSpreadDays > 0 ? [why.spread(days(leadTimeSpreadDays))] : []),
    ...(stock.reorderPointBy === "forecast" && stock.reorderPoint !== reorderPointWanted
      ? [why.steps]
      : []),
  ];
}

function ahead(outlook: ItemOutlook, { words, amount, format }: Wording): readonly Reckoned[] {
  const { stock, basis, perDay, class: kind, method } = outlook;
  const { item, why } = words;
  if (perDay === undefined) {
    return [{ name: item.perDay, value: item.unknown, why: [why.noHistory] }];
  }
  const { available, reserved, coverDays, stockOutAt, stockOutProbability } = stock;
  const days = (count: number) => item.days(format.number(roundedDays(count)));
  const demand: Reckoned = {
    name: item.perDay,
    value: perDay > 0 ? item.aDay(amount(short(perDay))) : item.notUsed,
    why:
      kind === undefined || basis?.historyDays === undefined
        ? []
        : [why.perDay(format.number(basis.historyDays), words.classes[kind], method ?? "")],
  };
  const cover: readonly Reckoned[] =
    coverDays === undefined
      ? []
      : [
          {
            name: item.cover,
            value: days(coverDays),
            why: [
              why.cover(
                amount(available),
                amount(reserved),
                amount(short(perDay)),
                days(coverDays),
              ),
            ],
          },
        ];
  const out: readonly Reckoned[] =
    stockOutAt === undefined || coverDays === undefined
      ? []
      : [
          {
            name: item.stockOut,
            value: format.date(stockOutAt),
            why: [why.stockOut(days(coverDays))],
          },
        ];
  const risk: readonly Reckoned[] =
    stockOutProbability === undefined || basis?.model === undefined
      ? []
      : [
          {
            name: item.probability,
            value: percentText(stockOutProbability),
            note: item.within(days(basis.horizonDays)),
            why: [
              why.probability(
                days(basis.horizonDays),
                amount(Math.max(0, available - reserved)),
                words.models[basis.model],
              ),
            ],
          },
        ];
  return [demand, ...cover, ...out, ...risk];
}

/** Days of cover are no more exact than that. */
export function roundedDays(days: number): number {
  return days < 10 ? Math.round(days * 10) / 10 : Math.round(days);
}

function short(value: number): number {
  return Number(value.toPrecision(3));
}
