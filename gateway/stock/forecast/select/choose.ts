import { shapeOf } from "../classes.ts";
import type { DemandClass, DemandModel } from "../outlook.ts";
import { meanOf } from "../series.ts";
import { type Candidate, candidatesOf } from "./candidates.ts";
import { latticeCellsFew } from "./compound-demand.ts";
import { demandOver } from "./demand-over.ts";

/** What demand has to be known for. */
export interface Target {
  /** Lead time and review, in periods of the series, above 0. */
  readonly periods: number;
  /** Probability that the stock lasts so long. */
  readonly service: number;
  /** Length of a period in days (default 1). */
  readonly periodDays?: number;
}

export interface Choice {
  readonly class: Exclude<DemandClass, "new">;
  readonly method: string;
  readonly model: DemandModel;
  /** Mean pinball loss at the service level in the back-test; absent: too short for one. */
  readonly pinball?: number;
}

/** Looks back in one back-test: enough to tell methods apart at 99 %, and some milliseconds an item. */
export const originsMax = 40;
/**
 * Shortages that a back-test must be able to show, at the service level: with fewer spans of time the method with too
 * little stock looks best by luck.
 */
const shortagesMin = 0.4;
const spansMin = 6;
/** The gain must be beyond chance by so many standard errors. */
const errorsMin = 3;
/** Periods before the first look back. */
const trainingMin = 8;
/** A method must be better by this part than the one that holds, or the choice would change with every look. */
const gainMin = 0.1;

/**
 * The way to forecast that would have kept the service level with the least stock on this very history: the class's own
 * way, unless another has the clearly smaller pinball loss. Errors of the mean (MAE) are not asked for: nothing beats a
 * forecast of zero there.
 * @param series demand by period, oldest first, without gaps
 * @param incumbent method of the last review: it stays unless it is clearly beaten
 */
export function chooseModel(series: readonly number[], target: Target, incumbent?: string): Choice {
  const shape = shapeOf(series);
  if (shape.class === "none") {
    return { class: "none", method: "none", model: { is: "poisson", mean: 0 } };
  }
  const { steady, sparse } = candidatesOf(series, target.periods, target.periodDays ?? 1);
  const all = shape.class === "smooth" || shape.class === "erratic" ? steady : sparse;
  const [own] = all;
  const held = all.find(({ method }) => method === incumbent) ?? own;
  const choiceOf = (candidate: Candidate, pinball?: number): Choice => ({
    class: shape.class,
    method: candidate.method,
    model: candidate.fit(series.length),
    ...(pinball === undefined ? {} : { pinball }),
  });
  const origins = originsOf(series.length, target.periods);
  const spans = spansOf(origins, target.periods);
  if (spans < Math.max(spansMin, shortagesMin / (1 - target.service))) return choiceOf(own);
  const lossesOf = (candidate: Candidate) => backTest(candidate, series, origins, target);
  const losses = lossesOf(held);
  const loss = meanOf(losses);
  let best = { candidate: held, loss };
  for (const candidate of all) {
    if (candidate === held) continue;
    const others = lossesOf(candidate);
    const other = meanOf(others);
    if (other >= best.loss || other > loss * (1 - gainMin)) continue;
    if (isBeyondChance(losses, others, spans)) best = { candidate, loss: other };
  }
  return choiceOf(best.candidate, best.loss);
}

/** Spans of time between the first and the last look back that do not overlap. */
function spansOf(origins: readonly number[], periods: number): number {
  const [first = 0] = origins;
  const length = (origins.at(-1) ?? first) - first;
  return Math.min(origins.length, length / Math.max(1, Math.round(periods)) + 1);
}

function isBeyondChance(
  losses: readonly number[],
  others: readonly number[],
  spans: number,
): boolean {
  const gains = losses.map((loss, index) => loss - (others[index] ?? 0));
  const { mean, variance } = momentsOfAny(gains);
  return mean > errorsMin * Math.sqrt(variance / spans);
}

function momentsOfAny(values: readonly number[]) {
  const mean = meanOf(values);
  const squares = values.reduce((sum, value) => sum + (value - mean) ** 2, 0);
  return { mean, variance: squares / Math.max(1, values.length - 1) };
}

/** What a quantile costs: too little `service` a piece, too much the rest. */
export function pinballLoss(demand: number, quantile: number, service: number): number {
  return demand > quantile ? service * (demand - quantile) : (1 - service) * (quantile - demand);
}

/** Pinball loss of the demand that followed each origin. */
function backTest(
  candidate: Candidate,
  series: readonly number[],
  origins: readonly number[],
  { periods, service }: Target,
): readonly number[] {
  const ahead = Math.max(1, Math.round(periods));
  return origins.map((origin) => {
    let demand = 0;
    for (let index = origin; index < origin + ahead; index += 1) demand += series[index] ?? 0;
    const model = candidate.fit(origin);
    const quantile = demandOver(model, { periods: ahead }, latticeCellsFew).quantile(service);
    return pinballLoss(demand, Math.max(0, quantile), service);
  });
}

/** Places to look back from, spread over the newer half of the history. */
function originsOf(length: number, periods: number): readonly number[] {
  const last = length - Math.max(1, Math.round(periods));
  const first = Math.max(trainingMin, Math.floor(length / 2));
  if (last < first) return [];
  const count = Math.min(originsMax, last - first + 1);
  const stride = count === 1 ? 0 : (last - first) / (count - 1);
  return Array.from({ length: count }, (_, index) => Math.round(first + index * stride));
}
