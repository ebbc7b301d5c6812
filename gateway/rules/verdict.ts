/**
 * What is known of a condition, as two bounds on the scale 0 clear, 1 inside the deadband, 2
 * violated: lower * 4 + upper. An unknown value may be anything, so its bounds are 0 and 2. `all`
 * is the smaller of its parts and `any` the greater, bound by bound: a part that is unknown matters
 * only where the others leave it open.
 */
export type Verdict = number;

export const clear: Verdict = 0;
export const between: Verdict = 5;
export const violated: Verdict = 10;
export const unknown: Verdict = 2;
/** Not violated, and whether it is clear is unknown. */
export const clearOrBetween: Verdict = 1;

/** Violated whatever the unknown parts are. */
export function isViolated(verdict: Verdict): boolean {
  return verdict === violated;
}

/** Clear whatever the unknown parts are. */
export function isClear(verdict: Verdict): boolean {
  return verdict === clear;
}

export function mayBeViolated(verdict: Verdict): boolean {
  return (verdict & 3) === 2;
}

export function mayBeClear(verdict: Verdict): boolean {
  return verdict >> 2 === 0;
}

/** Whether it depends on something that is not known at present. */
export function isOpen(verdict: Verdict): boolean {
  return verdict >> 2 !== (verdict & 3);
}

/** Clear becomes violated and the other way round; the deadband stays between. */
export function opposite(verdict: Verdict): Verdict {
  return (2 - (verdict & 3)) * 4 + 2 - (verdict >> 2);
}

/** A limit in the form that costs least per value; `below` is `above` with both sides negated. */
export interface Threshold {
  readonly sign: 1 | -1;
  readonly limit: number;
  readonly inclusive: boolean;
  /** At or behind this a value has come back. */
  readonly clearAt: number;
}

/** What a good value says. A limit says nothing about text, switches or NaN. */
export function judgeLimit(threshold: Threshold, value: unknown): Verdict {
  if (typeof value !== "number") return unknown;
  const signed = threshold.sign * value;
  if (signed > threshold.limit || (threshold.inclusive && signed === threshold.limit))
    return violated;
  if (signed <= threshold.clearAt) return clear;
  return signed <= threshold.limit ? between : unknown;
}
