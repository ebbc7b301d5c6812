import type { StockConfig } from "../../../config/schema/item.ts";
import type { EpochMs } from "../../../drivers/contract.ts";
import type { Outlook } from "../forecast/outlook.ts";
import type { Stocked } from "../stocked.ts";
import {
  inForce,
  type Proposal,
  type Reviewed,
  type Threshold,
  type ThresholdEvent,
} from "./threshold.ts";

/** A reorder point within this part of the wanted one stays: demand that does not change moves it by less. */
const deadBandMin = 0.2;
/** Where the mean is known less well than that, so many of its standard errors, up to a limit. */
const deadBandErrors = 1.5;
const deadBandMax = 0.6;
/** Once it moves it moves on until it is as near as this. */
const followBand = 0.05;
/** Nor is anybody asked for one piece more or less. */
const pieceBand = 1;
/** Reviews come on time but for the rest of a day; what comes sooner is a restart, and no review. */
const earlyShare = 0.5;
const dayMs = 86_400_000;

export interface ThresholdReview {
  readonly stocked: Pick<Stocked, "location" | "policy"> & {
    readonly item: Pick<Stocked["item"], "id" | "unit">;
  };
  /** Of the same review. */
  readonly outlook: Outlook;
  readonly settings: Pick<StockConfig, "thresholds" | "stepMax">;
  readonly now: EpochMs;
}

/**
 * One look at a reorder point. It changes at most once in a review period, and never by more than `stepMax` of itself
 * (or one piece). Where nobody set one, what demand and lead time say holds without asking, step by step while the item
 * is new; later as the one to step from.
 */
export function reviewThreshold(before: Threshold | undefined, review: ThresholdReview): Reviewed {
  const { stocked, outlook, settings, now } = review;
  const { threshold, events } = configuredAs(before, review);
  if (isEarly(threshold, review)) return { threshold, events };
  const looked: Threshold = { ...threshold, reviewedAt: now };
  const closed = () => withdrawn(looked, now, events);
  const wanted = outlook.reorderPoint;
  // A dead item, or one of which too little is known, asks for nothing.
  if (wanted === undefined || outlook.class === "none") return closed();
  const force = inForce(looked, stocked.policy);
  if (force === undefined) return applied(looked, proposalOf(undefined, wanted, review), now);
  const deadBand = Math.min(
    deadBandMax,
    Math.max(deadBandMin, deadBandErrors * (outlook.error ?? 0)),
  );
  const isNear = (level: number) => Math.abs(wanted - level) <= bandOf(level, review, deadBand);
  const band = bandOf(force.value, review, looked.follows === true ? followBand : deadBand);
  if (Math.abs(wanted - force.value) <= band) {
    const { rejected: _, follows: __, ...accepted } = looked;
    return withdrawn(accepted, now, events);
  }
  const isFree =
    settings.thresholds === "apply" || (force.by === "forecast" && outlook.class === "new");
  if (isFree) return applied(looked, proposalOf(force.value, wanted, review), now);
  if (settings.thresholds === "fixed") return closed();
  if (looked.rejected !== undefined && isNear(looked.rejected)) return closed();
  // A person who is reading one must not find another: it changes only when it says something else.
  if (looked.open !== undefined && isNear(looked.open.wanted)) return { threshold: looked, events };
  const proposal = proposalOf(force.value, wanted, review);
  return {
    threshold: { ...looked, open: proposal },
    events: [...events, { is: "proposed", proposal, at: now }],
  };
}

/** Another reorder point in the configuration is a person's word: what was reckoned from the one before is void. */
function configuredAs(before: Threshold | undefined, review: ThresholdReview): Reviewed {
  const { reorderPoint } = review.stocked.policy;
  if (before !== undefined && before.configured === reorderPoint) {
    return { threshold: before, events: [] };
  }
  const { open } = before ?? {};
  return {
    threshold: { version: 1, ...(reorderPoint === undefined ? {} : { configured: reorderPoint }) },
    events: open === undefined ? [] : [{ is: "withdrawn", proposal: open, at: review.now }],
  };
}

function isEarly({ reviewedAt }: Threshold, { stocked, now }: ThresholdReview): boolean {
  // A clock that was set back must not stop the reviews until it has caught up.
  if (reviewedAt === undefined || now < reviewedAt) return false;
  return now - reviewedAt < stocked.policy.reviewMs * earlyShare;
}

function withdrawn(threshold: Threshold, at: EpochMs, before: readonly ThresholdEvent[]): Reviewed {
  const { open, ...rest } = threshold;
  if (open === undefined) return { threshold, events: before };
  return { threshold: rest, events: [...before, { is: "withdrawn", proposal: open, at }] };
}

function applied(threshold: Threshold, proposal: Proposal, at: EpochMs): Reviewed {
  const { open: _, follows: __, ...rest } = threshold;
  const follows = proposal.to === proposal.wanted ? {} : { follows: true };
  return {
    threshold: { ...rest, value: proposal.to, by: "forecast", changedAt: at, ...follows },
    events: [{ is: "applied", proposal, at }],
  };
}

function proposalOf(from: number | undefined, wanted: number, review: ThresholdReview): Proposal {
  const { stocked, outlook, now } = review;
  const { policy } = stocked;
  const days = (ms: number) => Number((ms / dayMs).toFixed(3));
  return {
    id: `${stocked.location}:${stocked.item.id}:${now.toString(36)}`,
    ...(from === undefined ? {} : { from }),
    to: from === undefined ? wanted : stepTo(from, wanted, review),
    wanted,
    why: {
      demandPerDay: Number(outlook.perDay.toPrecision(4)),
      ...(policy.leadTimeMs === undefined ? {} : { leadTimeDays: days(policy.leadTimeMs) }),
      reviewDays: days(policy.reviewMs),
      serviceLevel: policy.serviceLevel,
      safetyStock: outlook.safetyStock ?? 0,
      historyDays: outlook.days,
      class: outlook.class,
      method: outlook.method,
    },
    at: now,
  };
}

/** As near as one step comes. Pieces are whole: where a step is less than one it is one. */
function stepTo(from: number, wanted: number, { stocked, settings }: ThresholdReview): number {
  const isPieces = stocked.item.unit === "pcs";
  const part = settings.stepMax * from;
  // From nothing no part leads away.
  const step = isPieces ? Math.max(1, Math.floor(part)) : from === 0 ? wanted : part;
  return wanted > from ? Math.min(wanted, from + step) : Math.max(wanted, from - step, 0);
}

function bandOf(level: number, { stocked }: ThresholdReview, part: number): number {
  return Math.max(stocked.item.unit === "pcs" ? pieceBand : 0, part * level);
}
