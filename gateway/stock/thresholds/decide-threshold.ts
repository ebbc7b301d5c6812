import type { EpochMs } from "../../../drivers/contract.ts";
import type { Reviewed, Threshold } from "./threshold.ts";

export interface Decision {
  readonly approve: boolean;
  readonly person: string;
  readonly comment?: string;
  readonly at: EpochMs;
}

/**
 * A person's word on a proposal: approved it is in force at once, rejected it is not asked for again while demand asks
 * for about the same.
 * @returns undefined when this proposal is not open: another person was first, or it was withdrawn
 */
export function decideThreshold(
  threshold: Threshold,
  proposal: string,
  { approve, person, comment, at }: Decision,
): Reviewed | undefined {
  const { open, ...rest } = threshold;
  if (open === undefined || open.id !== proposal) return undefined;
  const by = { at, person, ...(comment === undefined ? {} : { comment }) };
  if (!approve) {
    return {
      threshold: { ...rest, rejected: open.wanted },
      events: [{ is: "rejected", proposal: open, ...by }],
    };
  }
  const { rejected: _, follows: __, ...agreed } = rest;
  const follows = open.to === open.wanted ? {} : { follows: true };
  return {
    threshold: { ...agreed, value: open.to, by: "person", changedAt: at, ...follows },
    events: [{ is: "approved", proposal: open, ...by }],
  };
}
