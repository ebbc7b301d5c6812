import { expect, test } from "vitest";
import { parseElementString } from "../../drivers/epc/element-string.ts";
import { decodeEpc, encodeEpc } from "../../drivers/epc/epc.ts";
import { type CusumState, cusumStep } from "../../gateway/stock/anomaly/cusum.ts";
import {
  type EwmaChartState,
  ewmaLimits,
  ewmaStep,
} from "../../gateway/stock/anomaly/ewma-chart.ts";
import {
  type PageHinkleyState,
  pageHinkleyDefaults,
  pageHinkleyStep,
} from "../../gateway/stock/anomaly/page-hinkley.ts";
import { modifiedZ } from "../../gateway/stock/anomaly/robust-z.ts";
import { eventHash, preHash } from "../../gateway/stock/epcis/event-hash.ts";
import { adida, imapa } from "../../gateway/stock/forecast/aggregation.ts";
import {
  type Demand,
  negativeBinomialDemand,
  normalDemand,
  poissonDemand,
} from "../../gateway/stock/forecast/demand.ts";
import { exactLevels } from "../../gateway/stock/forecast/exact-levels.ts";
import { holtWinters, seasonalAhead } from "../../gateway/stock/forecast/holt-winters.ts";
import { type CrostonVariant, croston, tsb } from "../../gateway/stock/forecast/intermittent.ts";
import {
  normalCdf,
  normalLoss,
  normalQuantile,
  normalTail,
} from "../../gateway/stock/forecast/normal.ts";
import { erpnextOrder, odooOrder } from "../../gateway/stock/forecast/order-rules.ts";
import {
  economicOrder,
  fillRate,
  fillRateFactor,
  orderUpTo,
  reorderPoint,
  safetyStock,
} from "../../gateway/stock/forecast/policy.ts";
import { probabilityOut } from "../../gateway/stock/forecast/select/cover.ts";
import { demandOver } from "../../gateway/stock/forecast/select/demand-over.ts";
import { holt, ses } from "../../gateway/stock/forecast/smoothing.ts";
import { theta } from "../../gateway/stock/forecast/theta.ts";
import { countSd, exactChance, exactUpTo } from "../../gateway/stock/weighing/count-error.ts";
import { stockNumbers } from "../support/stock-numbers.ts";

const { stock, counts, policies, forecasts, anomalies, weighing, gs1 } = stockNumbers();

/** To 1e-9 of the figure, or of 1 where it is smaller. */
function exactly(found: number, wanted: number, tolerance = 1e-9): void {
  const room = tolerance * Math.max(1, Math.abs(wanted));
  const isNear = Math.abs(found - wanted) <= room;
  expect(isNear, `${found} instead of ${wanted}`).toBe(true);
}

/** To 1e-9 of itself, however small it is. */
function everyDigit(found: number, wanted: number): void {
  const isNear = Math.abs(found - wanted) <= 1e-9 * Math.abs(wanted);
  expect(isNear, `${found} instead of ${wanted}`).toBe(true);
}

const forecast = (found: number, wanted: number) => exactly(found, wanted, 1e-6);

test("the normal distribution forwards, backwards, and its loss", () => {
  for (const [p, z] of stock.z) exactly(normalQuantile(p), z);
  for (const [k, tail] of stock.tails) {
    everyDigit(normalTail(k), tail);
    exactly(normalCdf(k), 1 - tail);
  }
  for (const [k, loss] of stock.loss) exactly(normalLoss(k), loss);
});

test("safety stock, reorder point and order-up-to level", () => {
  for (const [service, meanDemand, sdDemand, lead, sdLeadTime, alone, safety, at] of stock.safety) {
    exactly(safetyStock(service, sdDemand, lead), alone);
    const both = reorderPoint(service, { meanDemand, sdDemand, meanLeadTime: lead, sdLeadTime });
    exactly(both.safety, safety);
    exactly(both.reorderAt, at);
  }
  for (const [service, meanDemand, sdDemand, leadTime, review, safety, level] of stock.orderUpTo) {
    const found = orderUpTo(service, { meanDemand, sdDemand, leadTime, review });
    exactly(found.safety, safety);
    exactly(found.level, level);
  }
});

test("the safety factor of a fill rate, and the fill rate of the factor; the economic quantity", () => {
  for (const [rate, sd, quantity, factor] of stock.fill) {
    exactly(fillRateFactor(rate, sd, quantity), factor);
    exactly(fillRate(factor, sd, quantity), rate);
  }
  for (const [fixed, holding, demand, quantity, cost] of stock.eoq) {
    const found = economicOrder(fixed, holding, demand);
    exactly(found.quantity, quantity);
    exactly(found.cost, cost);
  }
});

function isDistributed(demand: Demand, x: number, below: number, above: number): void {
  exactly(demand.cdf(x), below);
  exactly(demand.tail(x), above);
}

test("Poisson and negative binomial demand: both tails and the level that lasts", () => {
  for (const [mean, x, below, above, marks] of counts.poisson) {
    const demand = poissonDemand(mean);
    isDistributed(demand, x, below, above);
    for (const [p, level] of marks) expect(demand.quantile(p), `${mean} ${p}`).toBe(level);
  }
  for (const [mean, variance, x, below, above, marks] of counts.negbin) {
    const demand = negativeBinomialDemand(mean, variance);
    isDistributed(demand, x, below, above);
    for (const [p, level] of marks) {
      expect(demand.quantile(p), `${mean} ${variance} ${p}`).toBe(level);
    }
  }
});

test("the probability that a stock does not last some days", () => {
  for (const [mean, x, , above] of counts.poisson) {
    const days = 5;
    const perDay = mean / days;
    exactly(probabilityOut({ perDay, model: { is: "poisson", mean: perDay } }, x, days), above);
  }
  for (const [mean, variance, x, , above] of counts.negbin) {
    const model = { is: "negbin", mean: mean / 4, variance: variance / 4 } as const;
    exactly(probabilityOut({ perDay: mean / 4, model }, x, 4), above);
  }
  for (const [k, tail] of stock.tails) {
    const model = { is: "normal", mean: 20, sd: 6 } as const;
    const left = 20 * 9 + k * 18;
    if (left > 0) exactly(probabilityOut({ perDay: 20, model }, left, 9), tail);
    if (left > 0) exactly(normalDemand(180, 324).tail(left), tail);
  }
});

test("demand that comes with a probability and in several sizes, summed over periods", () => {
  for (const [p, sizes, periods, x, tail, marks] of counts.compound) {
    const demand = demandOver({ is: "compound", p, sizes }, { periods });
    exactly(demand.tail(x), tail);
    for (const [level, quantity] of marks) {
      expect(demand.quantile(level), JSON.stringify([p, sizes, periods, level])).toBe(quantity);
    }
  }
});

test("reorder and order-up-to levels are those that brute force finds the cheapest", () => {
  for (const [holding, shortage, fixed, mean, lead, reorderAt, top, cost] of policies.levels) {
    const found = exactLevels({ holding, shortage, fixed }, mean, lead);
    const what = JSON.stringify([holding, shortage, fixed, mean, lead]);
    exactly(found.cost, cost);
    // Where two pairs cost the same, either is right.
    if (found.reorderAt !== reorderAt || found.orderUpTo !== top) {
      expect(found.cost, what).toBeLessThanOrEqual(cost * (1 + 1e-12));
    }
  }
});

test("orders as Odoo and ERPNext would propose them", () => {
  for (const [min, max, multiple, ahead, odoo, level, quantity, erpnext] of policies.rules) {
    exactly(odooOrder({ min, max, multiple }, ahead), odoo);
    exactly(erpnextOrder(level, quantity, ahead), erpnext);
  }
});

test("Croston, SBA, SBJ, TSB, ADIDA and IMAPA", () => {
  for (const row of forecasts.sparse) {
    const { series, weights, adida: adidaWanted, imapa: imapaWanted } = row;
    const [sizeWeight, other] = weights;
    for (const start of ["first", "mean"] as const) {
      const settings = { sizeWeight, intervalWeight: other, chanceWeight: other, start };
      for (const variant of ["croston", "sba", "sbj"] satisfies CrostonVariant[]) {
        forecast(croston(series, { ...settings, variant }), row[start][variant]);
      }
      forecast(tsb(series, settings), row[start].tsb);
    }
    forecast(adida(series), adidaWanted);
    forecast(imapa(series), imapaWanted);
  }
});

test("simple smoothing and Holt", () => {
  for (const { series, weights, ses: wanted, holt: ahead } of forecasts.dense) {
    forecast(ses(series, weights[0]), wanted);
    const { level, trend } = holt(series, ...weights);
    for (const [index, steps] of [1, 2, 7].entries()) {
      forecast(level + steps * trend, ahead[index] ?? Number.NaN);
    }
  }
});

test("Holt and Winters with R's start, additive and multiplicative", () => {
  for (const row of forecasts.seasonal) {
    const [levelWeight, trendWeight, seasonWeight] = row.weights;
    for (const seasonal of ["additive", "multiplicative"] as const) {
      const { periods } = row;
      const settings = { periods, seasonal, levelWeight, trendWeight, seasonWeight };
      const found = holtWinters(row.series, settings);
      forecast(found.squares, row[seasonal].squares);
      for (const [index, wanted] of row[seasonal].ahead.entries()) {
        forecast(seasonalAhead(found, settings, index + 1), wanted);
      }
    }
  }
});

test("Theta: half the slope, and the smoothing of the least squared error", () => {
  for (const row of forecasts.theta) {
    const found = theta(row.series, 4);
    exactly(found.drift, row.drift);
    // R's search ends where the error no longer changes by 1e-8: the weight is known to its root.
    for (const [index, wanted] of row.ahead.entries()) {
      exactly(found.forecasts[index] ?? Number.NaN, wanted, 1e-3);
    }
    const [a = 0, b = 0] = found.forecasts;
    exactly(b - a, row.drift);
  }
});

test("charts: EWMA, CUSUM, robust deviations, Page and Hinkley", () => {
  for (const { values, ewma, cusum, modifiedZ: wanted, pageHinkley } of anomalies) {
    const chart = { weight: ewma.weight, target: 50, sd: 2, width: ewma.width };
    const { low, high } = ewmaLimits(chart);
    exactly(low, ewma.limits[0]);
    exactly(high, ewma.limits[1]);
    let level: EwmaChartState | undefined;
    let sums: CusumState | undefined;
    let first: number | null = null;
    let mean: PageHinkleyState | undefined;
    const found: number[] = [];
    for (const [index, value] of values.entries()) {
      level = ewmaStep(chart, level, value);
      exactly(level.level, ewma.levels[index] ?? Number.NaN);
      const { slack, limit } = cusum;
      const step = cusumStep({ target: 50, slack, limit }, sums, value);
      sums = step;
      if (step.alarm !== undefined) first ??= index;
      const settings = { ...pageHinkleyDefaults, threshold: pageHinkley.threshold };
      const { changed, state } = pageHinkleyStep(settings, mean, value);
      mean = state;
      if (changed) found.push(index);
    }
    exactly(sums?.high ?? Number.NaN, cusum.sums[0]);
    exactly(sums?.low ?? Number.NaN, cusum.sums[1]);
    expect(first).toBe(cusum.first);
    expect(found).toEqual(pageHinkley.found);
    for (const [index, score] of modifiedZ(values).entries()) {
      exactly(score, wanted[index] ?? Number.NaN);
    }
  }
});

test("how sure a count by weight is, and up to how many pieces", () => {
  for (const [kg, spread, sampled, division, pieces, sd, exact, most] of weighing) {
    const weighed = { kg, spread, sampled };
    exactly(countSd(weighed, division, pieces), sd);
    exactly(exactChance(weighed, division, pieces), exact);
    expect(exactUpTo(weighed, division)).toBe(most);
  }
});

test("tags of every partition, forwards and backwards", () => {
  for (const { hex, tag, gtin, serial } of gs1.tags) {
    expect(encodeEpc(tag)).toEqual({ ok: true, hex });
    expect(decodeEpc(hex)).toMatchObject({ ok: true, tagUri: tag, gtin, serial });
  }
});

test("bar codes with GTIN, lot, serial number and a day that may be 00", () => {
  for (const [text, gtin, lot, date, serial] of gs1.elements) {
    const parsed = parseElementString(text, 2026);
    if (!parsed.ok) throw new Error(`${text}: ${parsed.reason}`);
    const of = (ai: string) => parsed.elements.find((element) => element.ai === ai);
    expect([of("01")?.value, of("10")?.value, of("17")?.date, of("21")?.value ?? null]).toEqual([
      gtin,
      lot,
      date,
      serial,
    ]);
  }
});

test("events of our own hash as their canonical form does that was written beside them", () => {
  const context = [
    "https://ref.gs1.org/standards/epcis/2.0.0/epcis-context.jsonld",
    { own: "https://ns.example.net/shelf/" },
  ];
  for (const { event, text, id } of gs1.events) {
    expect(preHash(event, context)).toBe(text);
    expect(eventHash(event, context)).toBe(id);
    // Keys in another order, and an id of its own, are the same event.
    const turned = Object.fromEntries(Object.entries({ ...event, eventID: "x" }).toReversed());
    expect(eventHash(turned, context)).toBe(id);
  }
});

test("no series and no amount that is none is taken for one", () => {
  for (const wrong of [Number.NaN, Number.POSITIVE_INFINITY]) {
    expect(() => ses([1, wrong], 0.1)).toThrow(RangeError);
    expect(() => adida([1, wrong, 0])).toThrow(RangeError);
    expect(() => safetyStock(0.9, wrong, 3)).toThrow(RangeError);
    expect(() => poissonDemand(wrong)).toThrow(RangeError);
  }
  expect(() => adida([-1, 2])).toThrow(RangeError);
  expect(() => safetyStock(0.9, -1, 3)).toThrow(RangeError);
  expect([ses([], 0.1), adida([]), imapa([]), theta([], 2).forecasts]).toEqual([0, 0, 0, [0, 0]]);
});
