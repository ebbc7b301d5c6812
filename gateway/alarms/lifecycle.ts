import type { AlarmText } from "../../config/language/alarm.ts";
import type { AlarmState, AlarmTransition } from "./alarm.ts";

export type AlarmEvent = Extract<
  AlarmTransition["cause"],
  "violated" | "returned" | "acknowledged" | "rule-removed"
>;

type BasicState = Extract<
  AlarmState,
  "normal" | "unacknowledged" | "acknowledged" | "returned-unacknowledged"
>;

/** Why an event does not apply to a state: a key of the sentence that says so. */
export type Refusal = Extract<
  keyof AlarmText,
  "alreadyAcknowledged" | "nothingToAcknowledge" | "alreadyActive" | "notActive"
>;

type Outcome = { readonly to: BasicState } | { readonly refused: Refusal };

/**
 * Every pair of the four basic states of ISA-18.2 and an event. A new violation after the return is
 * a new occurrence, whether or not the last one was acknowledged. A rule that leaves the
 * configuration takes its alarm along.
 */
const table: Readonly<Record<BasicState, Readonly<Record<AlarmEvent, Outcome>>>> = {
  normal: {
    violated: { to: "unacknowledged" },
    returned: { refused: "notActive" },
    acknowledged: { refused: "nothingToAcknowledge" },
    "rule-removed": { refused: "notActive" },
  },
  unacknowledged: {
    violated: { refused: "alreadyActive" },
    returned: { to: "returned-unacknowledged" },
    acknowledged: { to: "acknowledged" },
    "rule-removed": { to: "normal" },
  },
  acknowledged: {
    violated: { refused: "alreadyActive" },
    returned: { to: "normal" },
    acknowledged: { refused: "alreadyAcknowledged" },
    "rule-removed": { to: "normal" },
  },
  "returned-unacknowledged": {
    violated: { to: "unacknowledged" },
    returned: { refused: "notActive" },
    acknowledged: { to: "normal" },
    "rule-removed": { to: "normal" },
  },
};

/** The state that follows, or why there is none. */
export function next(state: AlarmState, event: AlarmEvent): Outcome {
  return table[basicStateOf(state)][event];
}

/** Whether the process is out of order right now. */
export function isActive(state: AlarmState): boolean {
  return state === "unacknowledged" || state === "acknowledged";
}

/** Whether a person has still to see it. */
export function needsAcknowledge(state: AlarmState): boolean {
  return state === "unacknowledged" || state === "returned-unacknowledged";
}

export function basicStateOf(state: AlarmState): BasicState {
  return state in table ? (state as BasicState) : "normal";
}

export function flagsOf(state: BasicState) {
  const acknowledged = !needsAcknowledge(state);
  return { state, active: isActive(state), acknowledged, latched: false };
}
