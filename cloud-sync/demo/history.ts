import { noise } from "./rooms.ts";
import { shelfPlans } from "./shelf-plans.ts";

/** Past months of the demo's store, as a CSV file that a person could have brought from another system. */

/** Days before today; as many as a season of forecasts wants to see. */
export const historyDays = 126;

/** Cartons that were in the store before anybody watched the gate. */
const cartons = { item: "saline", location: "store", quantity: 24, daysAgo: 20 };

/** One delivery in so many days. */
const deliveryEveryDays = 14;

const dayMs = 86_400_000;

interface Past {
  /** Pieces that go out on a mean day. */
  readonly perDay: number;
  /** Lots: the last delivery is of another one than those before. The day after today on which each expires. */
  readonly lots?: readonly [old: Lot, last: Lot];
}

interface Lot {
  readonly lot: string;
  readonly expiresInDays: number;
}

const pasts: Readonly<Record<string, Past>> = {
  insulin: {
    perDay: 2,
    lots: [
      { lot: "A2609", expiresInDays: 210 },
      { lot: "A2611", expiresInDays: 330 },
    ],
  },
  "flu-vaccine": {
    perDay: 1,
    lots: [
      { lot: "FLU26A", expiresInDays: 5 },
      { lot: "FLU26C", expiresInDays: 190 },
    ],
  },
  gloves: { perDay: 6 },
  "infusion-set": { perDay: 9 },
  ketamine: {
    perDay: 0.3,
    lots: [
      { lot: "K2604", expiresInDays: 320 },
      { lot: "K2611", expiresInDays: 540 },
    ],
  },
  dressing: { perDay: 3 },
  bandage: { perDay: 1.5 },
};

/**
 * Deliveries and what went out, day by day up to yesterday. What is left of it is what lies on the shelves.
 * @param today As yyyy-mm-dd, in the gateway's time zone.
 */
export function historyCsv(today: string): string {
  const todayMs = Date.parse(`${today}T00:00:00Z`);
  const dateOf = (day: number) => new Date(todayMs + day * dayMs).toISOString().slice(0, 10);
  const rows: { readonly time: string; readonly text: string }[] = [];
  const add = (day: number, clock: string, cells: readonly string[]) => {
    const time = `${dateOf(day)} ${clock}`;
    rows.push({ time, text: [...cells, time].join(",") });
  };
  for (const [index, { item, shelf, pieces }] of goodsWithPast().entries()) {
    const { perDay, lots } = pasts[item] ?? { perDay: 0 };
    const demand = demandOf(perDay, noise(20_260_200 + index));
    for (let first = 0; first < historyDays; first += deliveryEveryDays) {
      const isLast = first + deliveryEveryDays >= historyDays;
      const needed = demand.slice(first, first + deliveryEveryDays).reduce((a, b) => a + b, 0);
      const quantity = needed + (first === 0 ? pieces : 0);
      if (quantity === 0) continue;
      const lot = lots?.[isLast ? 1 : 0];
      const expires = lot === undefined ? "" : dateOf(lot.expiresInDays);
      const cells = ["receipt", item, shelf, lot?.lot ?? "", expires, String(quantity)];
      add(first - historyDays, "07:30", cells);
    }
    for (const [day, quantity] of demand.entries()) {
      if (quantity === 0) continue;
      add(day - historyDays, "16:00", ["issue", item, shelf, "", "", String(quantity)]);
    }
  }
  const { item, location, quantity, daysAgo } = cartons;
  add(-daysAgo, "07:30", ["receipt", item, location, "", "", String(quantity)]);
  const sorted = rows.toSorted((a, b) => (a.time < b.time ? -1 : Number(a.time > b.time)));
  const heading = "kind,sku,location,lot,expiry,quantity,time";
  return `${[heading, ...sorted.map(({ text }) => text)].join("\n")}\n`;
}

function goodsWithPast() {
  return shelfPlans.flatMap(({ shelf, goods }) => goods.map((it) => ({ ...it, shelf })));
}

/** Day by day, Poisson: independent of each other, as many people take a little. */
function demandOf(perDay: number, random: () => number): readonly number[] {
  return Array.from({ length: historyDays }, () => {
    const least = Math.exp(-perDay);
    let taken = -1;
    for (let product = 1; product > least; taken += 1) product *= (random() + 1) / 2;
    return Math.max(0, taken);
  });
}
