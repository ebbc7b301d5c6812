import type { ItemOutlook } from "../../stock-api.ts";

type Column = readonly (number | null)[];

/** Past and future as columns of a chart, one row a day; a day stands at its midnight in UTC. */
export interface StockColumns {
  readonly seconds: readonly number[];
  readonly quantity: Column;
  readonly demand: Column;
  readonly median: Column;
  readonly low: Column;
  readonly high: Column;
  /** The last day of the past. */
  readonly todaySeconds: number | undefined;
}

/** The projection starts today with what is free to be taken: neither expired, on hold nor reserved. */
export function stockColumns({ days, fan, stock }: ItemOutlook): StockColumns {
  const past = days.map(({ day }) => secondsOf(day));
  const free = fan.length > 0 ? Math.max(0, stock.available - stock.reserved) : null;
  const ahead = (pick: (day: ItemOutlook["fan"][number]) => number): Column => [
    ...days.map((_, index) => (index === days.length - 1 ? free : null)),
    ...fan.map(pick),
  ];
  const nothing = fan.map(() => null);
  return {
    seconds: [...past, ...fan.map(({ day }) => secondsOf(day))],
    quantity: [...days.map(({ quantity }) => quantity), ...nothing],
    demand: [...days.map(({ demand }) => demand), ...nothing],
    median: ahead(({ median }) => median),
    low: ahead(({ low }) => low),
    high: ahead(({ high }) => high),
    todaySeconds: past.at(-1),
  };
}

function secondsOf(day: string): number {
  return Date.parse(`${day}T00:00:00Z`) / 1_000;
}
