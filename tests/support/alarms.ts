import type { Alarm, AlarmState, Shelf } from "../../gateway/alarms/alarm.ts";

const shelf: Shelf = { by: "Li Na", reason: "fan", since: 0, until: 3_600_000, oneShot: false };

const flags: Readonly<
  Record<
    AlarmState,
    Pick<Alarm, "active" | "acknowledged" | "latched" | "shelved" | "suppressed" | "outOfService">
  >
> = {
  normal: { active: false, acknowledged: true, latched: false },
  unacknowledged: { active: true, acknowledged: false, latched: false },
  acknowledged: { active: true, acknowledged: true, latched: false },
  "returned-unacknowledged": { active: false, acknowledged: false, latched: false },
  "latched-unacknowledged": { active: false, acknowledged: false, latched: true },
  "latched-acknowledged": { active: false, acknowledged: true, latched: true },
  shelved: { active: true, acknowledged: true, latched: false, shelved: shelf },
  suppressed: { active: true, acknowledged: false, latched: false, suppressed: { since: 0 } },
  "out-of-service": {
    active: true,
    acknowledged: false,
    latched: false,
    outOfService: { by: "Li Na", reason: "calibration", since: 0 },
  },
};

/** A state with the flags that make it. */
export function flagsIn(state: AlarmState) {
  return { state, ...flags[state] };
}

/** An alarm `warm#1` in a state, with the flags that make that state; `more` says what matters to the test. */
export function alarmIn(state: AlarmState, more: Partial<Alarm> = {}): Alarm {
  return {
    id: "warm#1",
    rule: "warm",
    ...flagsIn(state),
    priority: "critical",
    message: "too warm",
    outputs: [],
    raisedAt: 0,
    since: 0,
    ...more,
  };
}
