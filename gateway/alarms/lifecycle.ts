import type { AlarmRefusal } from "../../config/language/alarm-refusal.ts";
import type { AlarmCause, AlarmState } from "./alarm.ts";

/** What an alarm is, each for itself (OPC UA Part 9); `stateOf` says how it is shown. */
export interface Flags {
  readonly active: boolean;
  readonly acknowledged: boolean;
  /** Returned, and waits for a reset. */
  readonly latched: boolean;
  readonly shelved: boolean;
  readonly suppressed: boolean;
  readonly outOfService: boolean;
}

/** Never raised, or over and seen. */
export const quiet: Flags = {
  active: false,
  acknowledged: true,
  latched: false,
  shelved: false,
  suppressed: false,
  outOfService: false,
};

export type Outcome = { readonly flags: Flags } | { readonly refused: AlarmRefusal };

/** Out of service wins over suppressed, that over shelved, that over what the process does. */
export function stateOf(flags: Flags): AlarmState {
  if (flags.outOfService) return "out-of-service";
  if (flags.suppressed) return "suppressed";
  if (flags.shelved) return "shelved";
  if (flags.active) return flags.acknowledged ? "acknowledged" : "unacknowledged";
  if (flags.latched) return flags.acknowledged ? "latched-acknowledged" : "latched-unacknowledged";
  return flags.acknowledged ? "normal" : "returned-unacknowledged";
}

const isaStates = {
  normal: "NORM",
  unacknowledged: "UNACK",
  acknowledged: "ACKED",
  "returned-unacknowledged": "RTNUN",
  "latched-unacknowledged": "LATCH_UNACK",
  "latched-acknowledged": "LATCH_ACK",
  shelved: "SHLVD",
  suppressed: "DSUPR",
  "out-of-service": "OOSRV",
} as const satisfies Record<AlarmState, string>;

/** The state's name in ISA-18.2; the two latched ones are named as yamcs does. */
export function isaState(state: AlarmState): (typeof isaStates)[AlarmState] {
  return isaStates[state];
}

const isaLetters = {
  normal: "A",
  unacknowledged: "B",
  acknowledged: "C",
  "returned-unacknowledged": "D",
  "latched-unacknowledged": "D",
  "latched-acknowledged": "D",
  shelved: "E",
  suppressed: "F",
  "out-of-service": "G",
} as const satisfies Record<AlarmState, string>;

/** The state's letter in ISA-18.2, which knows no latch: what has returned and is not over is D. */
export function isaLetter(state: AlarmState): (typeof isaLetters)[AlarmState] {
  return isaLetters[state];
}

/** Whether a person has still to see it. */
export function needsAcknowledge(state: AlarmState): boolean {
  return (
    state === "unacknowledged" ||
    state === "returned-unacknowledged" ||
    state === "latched-unacknowledged"
  );
}

/**
 * What an event makes of an alarm, or why it does not apply; defined for every pair. Behind a
 * shelf, a suppression or out of service the process goes on unseen, and when the last of them
 * ends an active alarm calls anew (as unacknowledged) and an inactive one is over, latched or not.
 *
 * @param latching whether a return leaves the alarm latched until it is reset.
 */
export function apply(flags: Flags, event: AlarmCause, latching = false): Outcome {
  return events[event](flags, latching);
}

type Event = (flags: Flags, latching: boolean) => Outcome;

/** Each event for itself; the states in which it is refused come first. */
const events: Readonly<Record<AlarmCause, Event>> = {
  violated: (flags) => {
    if (flags.active) return refused("alreadyActive");
    // A shelf counts as acknowledged for as long as it lasts.
    const acknowledged = flags.shelved;
    return { flags: { ...flags, active: true, acknowledged, latched: false } };
  },
  returned: (flags, latching) => {
    if (!flags.active) return refused("notActive");
    return { flags: { ...flags, active: false, latched: latching && !isMasked(flags) } };
  },
  acknowledged: (flags) => {
    const masked = maskOf(flags);
    if (masked !== undefined) return refused(masked);
    if (flags.acknowledged) {
      return refused(
        flags.active || flags.latched ? "alreadyAcknowledged" : "nothingToAcknowledge",
      );
    }
    return { flags: { ...flags, acknowledged: true } };
  },
  "auto-acknowledged": (flags, latching) => {
    const masked = maskOf(flags);
    if (masked !== undefined) return refused(masked);
    if (!flags.active) return refused("notActive");
    if (flags.acknowledged) return refused("alreadyAcknowledged");
    return { flags: { ...flags, active: false, acknowledged: true, latched: latching } };
  },
  reset: (flags) => {
    const masked = maskOf(flags);
    if (masked !== undefined) return refused(masked);
    if (flags.active) return refused("resetWhileActive");
    if (!flags.latched) return refused("nothingToReset");
    if (!flags.acknowledged) return refused("resetUnacknowledged");
    return { flags: { ...flags, latched: false } };
  },
  shelved: (flags) => {
    if (flags.outOfService) return refused("isOutOfService");
    return { flags: { ...flags, shelved: true, acknowledged: true } };
  },
  unshelved: (flags) => unshelve(flags),
  "shelf-expired": (flags) => unshelve(flags),
  "one-shot-over": (flags) => {
    if (!flags.shelved) return refused("notShelved");
    if (!flags.active) return refused("notActive");
    return { flags: unmasked({ ...flags, active: false, shelved: false }) };
  },
  "re-alarm": (flags) => {
    const masked = maskOf(flags);
    if (masked !== undefined) return refused(masked);
    if (!flags.active) return refused("notActive");
    if (!flags.acknowledged) return refused("notAcknowledged");
    return { flags: { ...flags, acknowledged: false } };
  },
  "priority-raised": (flags) => {
    if (!flags.active) return refused("notActive");
    return { flags: isMasked(flags) ? flags : { ...flags, acknowledged: false } };
  },
  suppressed: (flags) => {
    if (flags.suppressed) return refused("alreadySuppressed");
    return { flags: { ...flags, suppressed: true } };
  },
  unsuppressed: (flags) => unsuppress(flags),
  "suppression-expired": (flags) => unsuppress(flags),
  "out-of-service": (flags) => {
    if (flags.outOfService) return refused("alreadyOutOfService");
    return { flags: { ...flags, outOfService: true } };
  },
  "return-to-service": (flags) => {
    if (!flags.outOfService) return refused("notOutOfService");
    return { flags: unmasked({ ...flags, outOfService: false }) };
  },
  "rule-removed": (flags) =>
    stateOf(flags) === "normal" ? refused("notActive") : { flags: quiet },
};

function unshelve(flags: Flags): Outcome {
  if (!flags.shelved) return refused("notShelved");
  return { flags: unmasked({ ...flags, shelved: false }) };
}

function unsuppress(flags: Flags): Outcome {
  if (!flags.suppressed) return refused("notSuppressed");
  return { flags: unmasked({ ...flags, suppressed: false }) };
}

/** After one of the three has ended: another may still hide it. */
function unmasked(flags: Flags): Flags {
  if (isMasked(flags)) return flags;
  return { ...flags, acknowledged: !flags.active, latched: false };
}

function isMasked({ shelved, suppressed, outOfService }: Flags): boolean {
  return shelved || suppressed || outOfService;
}

/** Why a person's acknowledgement or reset does not reach it. */
function maskOf(flags: Flags): AlarmRefusal | undefined {
  if (flags.outOfService) return "isOutOfService";
  if (flags.suppressed) return "isSuppressed";
  return flags.shelved ? "isShelved" : undefined;
}

function refused(reason: AlarmRefusal): Outcome {
  return { refused: reason };
}
