import type { EpochMs } from "../../../../drivers/contract.ts";
import type { DemandHistory } from "../../demand/demand-book.ts";
import type { Item, Policy } from "../../stocked.ts";
import type { DemandModel, Outlook } from "../outlook.ts";
import { chooseModel } from "./choose.ts";
import { demandOver, momentsOfModel } from "./demand-over.ts";
import { freshFrom } from "./fresh-part.ts";
import { type LearntLeadTime, leadTimeOf } from "./lead-time.ts";

export interface Review {
  readonly policy: Policy;
  /** Pieces are ordered whole. */
  readonly unit: Item["unit"];
  readonly now: EpochMs;
  /** What the last review found: its method stays unless another is clearly better. */
  readonly before?: Outlook;
  readonly learnt?: LearntLeadTime;
}

const dayMs = 86_400_000;

/** Days of history below which nothing is said of a reorder point. */
export const historyDaysMin = 7;
/** Days, and demands, below which an item is `new`: the class's own method, no back-test. */
const newDays = 28;
const newDemands = 4;
/** What demand is looked at for where no lead time is known. */
const daysWithoutLeadTime = 7;
/** Digits of what is kept: 10,000 of them are written and read. */
const digits = 6;

/** What the history of one item at one location says of what is to come. Pure; some milliseconds. */
export function outlookOf(history: DemandHistory, review: Review): Outlook {
  const { policy, now, before, learnt } = review;
  const known = [...history.days].filter((demand) => !Number.isNaN(demand));
  const lead = leadTimeOf(policy, learnt);
  const days = (lead?.meanMs ?? daysWithoutLeadTime * dayMs) / dayMs + policy.reviewMs / dayMs;
  const base = { version: 1, days: known.length, reviewedAt: now } as const;
  if (isDead(history, known, review)) {
    return { ...base, class: "none", method: "none", perDay: 0, model: { is: "poisson", mean: 0 } };
  }
  const fresh = known.slice(freshFrom(known));
  const demands = fresh.filter((demand) => demand > 0).length;
  const isNew = known.length < newDays || demands < newDemands;
  const choice = chooseModel(
    fresh,
    { periods: days, service: policy.serviceLevel },
    before?.method,
  );
  const model = rounded(choice.model);
  const { mean: perDay, variance } = momentsOfModel(model);
  const error = short(Math.sqrt(variance / fresh.length) / perDay);
  const outlook = {
    ...base,
    class: isNew ? "new" : choice.class,
    method: choice.method,
    perDay,
    ...(Number.isFinite(error) ? { error } : {}),
    model,
    ...(choice.pinball === undefined ? {} : { pinball: short(choice.pinball) }),
  } as const;
  if (lead === undefined || known.length < historyDaysMin) return outlook;
  const span = { periods: days, spread: lead.sdMs / dayMs };
  const level = Math.max(0, demandOver(model, span).quantile(policy.serviceLevel));
  // A last digit must not ask for one piece more.
  const reorderPoint = review.unit === "pcs" ? Math.ceil(level - 1e-6) : short(level);
  return { ...outlook, reorderPoint, safetyStock: short(reorderPoint - perDay * days) };
}

/** Nothing was taken for so long that nothing is expected any more. */
function isDead(
  history: DemandHistory,
  known: readonly number[],
  { policy, now }: Review,
): boolean {
  if (history.today > 0) return false;
  if (!known.some((demand) => demand > 0)) return true;
  return history.takenAt !== undefined && now - history.takenAt >= policy.deadAfterMs;
}

function rounded(model: DemandModel): DemandModel {
  switch (model.is) {
    case "normal":
      return { is: "normal", mean: short(model.mean), sd: short(model.sd) };
    case "poisson":
      return { is: "poisson", mean: short(model.mean) };
    case "negbin":
      return { is: "negbin", mean: short(model.mean), variance: short(model.variance) };
    case "compound":
      return {
        is: "compound",
        p: short(model.p),
        sizes: model.sizes.map(([size, share]) => [short(size), short(share)]),
      };
  }
}

function short(value: number): number {
  return Number(value.toPrecision(digits));
}
