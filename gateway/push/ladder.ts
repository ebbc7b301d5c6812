import type { LadderConfig } from "../../config/schema/notify.ts";
import type { Rule } from "../rules/rule.ts";

export interface PlanStep {
  /** Since the alarm was raised, or called again. */
  readonly afterMs: number;
  readonly receivers: readonly string[];
  readonly until: "acknowledged" | "never";
}

/** Who is told of a rule's alarm, and when; in order of time. */
export interface Plan {
  readonly steps: readonly PlanStep[];
  readonly onReturn: "continue" | "stop";
  readonly remindEveryMs?: number | undefined;
}

export interface LadderSources {
  readonly escalation: Readonly<Record<string, LadderConfig>>;
  /** Ladder of rules that name neither `notify` nor `escalate`. */
  readonly escalateDefault?: string | undefined;
}

/** Undefined: nobody is told of this rule's alarms. */
export function planOf(rule: Rule, sources: LadderSources): Plan | undefined {
  const direct = rule.notify ?? [];
  const name = rule.escalate ?? (direct.length === 0 ? sources.escalateDefault : undefined);
  const ladder = name === undefined ? undefined : sources.escalation[name];
  const climbs = (ladder?.steps ?? []).map(
    ({ after, notify, until }): PlanStep => ({ afterMs: after, receivers: notify, until }),
  );
  const atOnce: readonly PlanStep[] =
    direct.length === 0 ? [] : [{ afterMs: 0, receivers: direct, until: "acknowledged" }];
  const steps = [...atOnce, ...climbs].sort((a, b) => a.afterMs - b.afterMs);
  if (steps.length === 0) return undefined;
  return { steps, onReturn: ladder?.onReturn ?? "continue", remindEveryMs: ladder?.remindEvery };
}
