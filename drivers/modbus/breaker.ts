import type { MonotonicMs } from "../contract.ts";

/** Wait after the first failure of a unit; doubles with each further one. */
const waitMsMin = 1_000;

/** A unit that comes back is noticed within a minute. */
const waitMsMax = 60_000;

/** Share of the line that units which do not answer may take in the long run. */
const deadShare = 0.2;

/** Line time that failing units may take at once before the share applies. */
const deadBurstMs = 2_000;

/** How one unit has been answering. */
export interface UnitState {
  /** Failures since the last answer. */
  readonly failures: number;
  /** Before this the unit is not asked. */
  readonly notBeforeMs: MonotonicMs;
  /** Why the last try failed; a reason as in a bad sample. */
  readonly reason: string;
  /**
   * Forms of answers (function and length) that are outstanding: asked for, never come. One of them may still come
   * and would fit any later request of that form.
   */
  readonly outstanding: readonly string[];
}

export const healthyUnit: UnitState = {
  failures: 0,
  notBeforeMs: Number.NEGATIVE_INFINITY,
  reason: "",
  outstanding: [],
};

/** The unit answered: it is asked at its period again. What is outstanding stays so until a sentinel came through. */
export function afterAnswer(state: UnitState): UnitState {
  return { ...healthyUnit, outstanding: state.outstanding };
}

/**
 * No right answer came. The unit rests 1, 2, 4 ... 60 s, and at least one more timeout, so that a late answer passes
 * while nothing is expected from it.
 */
export function afterFailure(
  state: UnitState,
  nowMs: MonotonicMs,
  failure: {
    readonly timeoutMs: number;
    readonly reason: string;
    readonly form?: string | undefined;
  },
): UnitState {
  const failures = state.failures + 1;
  const backOffMs = Math.min(waitMsMin * 2 ** Math.min(failures - 1, 10), waitMsMax);
  return {
    failures,
    notBeforeMs: nowMs + Math.max(failure.timeoutMs, backOffMs),
    reason: failure.reason,
    outstanding:
      failure.form === undefined
        ? state.outstanding
        : [...new Set([...state.outstanding, failure.form])],
  };
}

/** How much line time units that failed may still take; refills with time. */
export interface DeadAllowance {
  readonly leftMs: number;
  readonly atMs: MonotonicMs;
}

export function fullAllowance(nowMs: MonotonicMs): DeadAllowance {
  return { leftMs: deadBurstMs, atMs: nowMs };
}

/** The allowance at `nowMs`, less `spentMs` of line time. It may go below zero and is then refused until refilled. */
export function spend(
  allowance: DeadAllowance,
  nowMs: MonotonicMs,
  spentMs: number,
): DeadAllowance {
  const refilledMs = allowance.leftMs + (nowMs - allowance.atMs) * deadShare;
  return { leftMs: Math.min(deadBurstMs, refilledMs) - spentMs, atMs: nowMs };
}

/** Whether a unit may be asked now. One that is well is held back by no allowance. */
export function mayAsk(state: UnitState, allowance: DeadAllowance, nowMs: MonotonicMs): boolean {
  if (nowMs < state.notBeforeMs) return false;
  return state.failures === 0 || spend(allowance, nowMs, 0).leftMs > 0;
}
