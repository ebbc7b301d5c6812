import type { Phase } from "./rule-state.ts";
import { isClear, isViolated, mayBeClear, mayBeViolated, type Verdict } from "./verdict.ts";

/**
 * The phase that follows from what is known now.
 *
 * @param elapsedMs how long the present phase lasts
 */
export function nextPhase(
  phase: Phase,
  verdict: Verdict,
  elapsedMs: number,
  { onDelayMs, offDelayMs }: { readonly onDelayMs: number; readonly offDelayMs: number },
): Phase {
  switch (phase) {
    case "normal":
      if (!isViolated(verdict)) return "normal";
      return onDelayMs === 0 ? "active" : "pending";
    case "pending":
      if (isViolated(verdict)) return elapsedMs >= onDelayMs ? "active" : "pending";
      return mayBeViolated(verdict) ? "pending" : "normal";
    case "active":
      if (!isClear(verdict)) return "active";
      return offDelayMs === 0 ? "normal" : "returning";
    case "returning":
      if (isClear(verdict)) return elapsedMs >= offDelayMs ? "normal" : "returning";
      return mayBeClear(verdict) ? "returning" : "active";
  }
}

/** In alarm: a return that still has to last counts as active. */
export function isInAlarm(phase: Phase): boolean {
  return phase === "active" || phase === "returning";
}
