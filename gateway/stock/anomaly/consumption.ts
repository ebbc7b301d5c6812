import { gammaDemand } from "../forecast/demand.ts";
import type { DemandModel, Outlook } from "../forecast/outlook.ts";
import { demandOver } from "../forecast/select/demand-over.ts";
import { checkAmounts } from "../forecast/series.ts";

export interface ConsumptionSettings {
  /** A day's demand that the model gives less probability than this is an anomaly. */
  readonly probability: number;
  /** Days after an anomaly in which there is no other. */
  readonly refractoryDays: number;
}

/** One false alarm in a thousand days of an item that does as its model says. */
export const consumptionDefaults: ConsumptionSettings = { probability: 1e-3, refractoryDays: 7 };

/** All that is kept of an item. */
export interface ConsumptionState {
  /** Day number of the last anomaly. */
  readonly toldOn: number;
}

/** What went out on one day. */
export interface DayDemand {
  /** Days since any fixed one. */
  readonly day: number;
  readonly quantity: number;
  /** False while the day still runs: then there can be too much already, but not too little. */
  readonly isOver: boolean;
}

export interface ConsumptionAnomaly {
  readonly is: "more" | "less";
  readonly quantity: number;
  /** Mean of a day by the model. */
  readonly expected: number;
  /** P(as much or more), or P(as little or less). */
  readonly probability: number;
}

const oneDay = { periods: 1 } as const;

/**
 * Judges a day's demand by the model of its item: too much in every class, too little only where demand is smooth (elsewhere
 * a day without any is usual). Of an item that is new nothing is out of the ordinary: its first demand would be.
 */
export function consumptionAnomaly(
  { model, class: demandClass }: Pick<Outlook, "model" | "class">,
  { quantity, isOver }: Pick<DayDemand, "quantity" | "isOver">,
  limit: number,
): ConsumptionAnomaly | undefined {
  checkAmounts(quantity);
  if (demandClass === "new") return undefined;
  const day = demandOver(spread(model), oneDay);
  const found = { quantity, expected: day.mean };
  // As much as this or more: a discrete distribution has a probability at the quantity itself.
  const more = chanceAbove(model, quantity - 1e-9 * Math.max(1, quantity));
  if (quantity > day.mean && more < limit) return { is: "more", ...found, probability: more };
  const less = day.cdf(quantity);
  const isTooLittle = demandClass === "smooth" && isOver && quantity < day.mean && less < limit;
  return isTooLittle ? { is: "less", ...found, probability: less } : undefined;
}

/** Nor do a few days that were all alike say that no other can come: they differ by at least this part of their mean. */
const daySpreadMin = 0.1;

function spread(model: DemandModel): DemandModel {
  if (model.is !== "normal") return model;
  return { ...model, sd: Math.max(model.sd, daySpreadMin * model.mean) };
}

/**
 * Sizes differ by at least this part of their mean. The few sizes that came do not say that a larger one cannot come.
 */
const sizeSpreadMin = 0.5;

function chanceAbove(model: DemandModel, quantity: number): number {
  const seen = demandOver(spread(model), oneDay).tail(quantity);
  if (model.is !== "compound" || model.sizes.length === 0) return seen;
  const mean = model.sizes.reduce((sum, [size, share]) => sum + share * size, 0);
  const square = model.sizes.reduce((sum, [size, share]) => sum + share * (size - mean) ** 2, 0);
  const sizes = gammaDemand(mean, Math.max(square, (sizeSpreadMin * mean) ** 2));
  return Math.max(seen, model.p * sizes.tail(quantity));
}

/** One item's days in order; an anomaly is told once, and then there is quiet for some days. */
export function consumptionStep(
  settings: ConsumptionSettings,
  state: ConsumptionState | undefined,
  outlook: Pick<Outlook, "model" | "class">,
  demand: DayDemand,
): { readonly anomaly?: ConsumptionAnomaly; readonly state?: ConsumptionState } {
  const kept = state === undefined ? {} : { state };
  const isQuiet =
    state !== undefined && Math.abs(demand.day - state.toldOn) < settings.refractoryDays;
  if (isQuiet) return kept;
  const anomaly = consumptionAnomaly(outlook, demand, settings.probability);
  return anomaly === undefined ? kept : { anomaly, state: { toldOn: demand.day } };
}
