import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { alarmRefusalText } from "../../config/language/alarm-refusal.ts";
import { type AlarmCause, alarmStates } from "./alarm.ts";
import {
  apply,
  type Flags,
  isaLetter,
  isaState,
  needsAcknowledge,
  quiet,
  stateOf,
} from "./lifecycle.ts";

const events: readonly AlarmCause[] = [
  "violated",
  "returned",
  "acknowledged",
  "auto-acknowledged",
  "reset",
  "shelved",
  "unshelved",
  "shelf-expired",
  "one-shot-over",
  "re-alarm",
  "priority-raised",
  "suppressed",
  "unsuppressed",
  "suppression-expired",
  "out-of-service",
  "return-to-service",
  "rule-removed",
];

const starts: Readonly<Record<string, Flags>> = {
  NORM: quiet,
  UNACK: { ...quiet, active: true, acknowledged: false },
  ACKED: { ...quiet, active: true },
  RTNUN: { ...quiet, acknowledged: false },
  LATCH_UNACK: { ...quiet, acknowledged: false, latched: true },
  LATCH_ACK: { ...quiet, latched: true },
  "SHLVD active": { ...quiet, active: true, shelved: true },
  "SHLVD inactive": { ...quiet, shelved: true },
  "DSUPR active": { ...quiet, active: true, acknowledged: false, suppressed: true },
  "DSUPR inactive": { ...quiet, suppressed: true },
  "OOSRV active": { ...quiet, active: true, acknowledged: false, outOfService: true },
  "OOSRV inactive": { ...quiet, outOfService: true },
};

/**
 * By hand from the transition table, one line a state, in the order of `events`. Lower case: the reason of the refusal.
 */
const matrix: Readonly<Record<string, string>> = {
  NORM: `UNACK notActive nothingToAcknowledge notActive nothingToReset SHLVD notShelved notShelved notShelved
    notActive notActive DSUPR notSuppressed notSuppressed OOSRV notOutOfService notActive`,
  UNACK: `alreadyActive RTNUN ACKED NORM resetWhileActive SHLVD notShelved notShelved notShelved
    notAcknowledged UNACK DSUPR notSuppressed notSuppressed OOSRV notOutOfService NORM`,
  ACKED: `alreadyActive NORM alreadyAcknowledged alreadyAcknowledged resetWhileActive SHLVD notShelved notShelved
    notShelved UNACK UNACK DSUPR notSuppressed notSuppressed OOSRV notOutOfService NORM`,
  RTNUN: `UNACK notActive NORM notActive nothingToReset SHLVD notShelved notShelved notShelved
    notActive notActive DSUPR notSuppressed notSuppressed OOSRV notOutOfService NORM`,
  LATCH_UNACK: `UNACK notActive LATCH_ACK notActive resetUnacknowledged SHLVD notShelved notShelved notShelved
    notActive notActive DSUPR notSuppressed notSuppressed OOSRV notOutOfService NORM`,
  LATCH_ACK: `UNACK notActive alreadyAcknowledged notActive NORM SHLVD notShelved notShelved notShelved
    notActive notActive DSUPR notSuppressed notSuppressed OOSRV notOutOfService NORM`,
  "SHLVD active": `alreadyActive SHLVD isShelved isShelved isShelved SHLVD UNACK UNACK NORM
    isShelved SHLVD DSUPR notSuppressed notSuppressed OOSRV notOutOfService NORM`,
  "SHLVD inactive": `SHLVD notActive isShelved isShelved isShelved SHLVD NORM NORM notActive
    isShelved notActive DSUPR notSuppressed notSuppressed OOSRV notOutOfService NORM`,
  "DSUPR active": `alreadyActive DSUPR isSuppressed isSuppressed isSuppressed DSUPR notShelved notShelved notShelved
    isSuppressed DSUPR alreadySuppressed UNACK UNACK OOSRV notOutOfService NORM`,
  "DSUPR inactive": `DSUPR notActive isSuppressed isSuppressed isSuppressed DSUPR notShelved notShelved notShelved
    isSuppressed notActive alreadySuppressed NORM NORM OOSRV notOutOfService NORM`,
  "OOSRV active": `alreadyActive OOSRV isOutOfService isOutOfService isOutOfService isOutOfService notShelved notShelved
    notShelved isOutOfService OOSRV OOSRV notSuppressed notSuppressed alreadyOutOfService UNACK NORM`,
  "OOSRV inactive": `OOSRV notActive isOutOfService isOutOfService isOutOfService isOutOfService notShelved notShelved
    notShelved isOutOfService notActive OOSRV notSuppressed notSuppressed alreadyOutOfService NORM NORM`,
};

function outcomeOf(flags: Flags, event: AlarmCause, latching = false): string {
  const outcome = apply(flags, event, latching);
  return "refused" in outcome ? outcome.refused : isaState(stateOf(outcome.flags));
}

describe("every state and every event", () => {
  test.for(Object.entries(matrix))("%s", ([start, line]) => {
    const expected = line.split(/\s+/);
    expect(expected).toHaveLength(events.length);
    const flags = starts[start] ?? quiet;
    expect(`${start} is ${isaState(stateOf(flags))}`).toBe(`${start} is ${start.split(" ")[0]}`);
    const found = events.map((event) => `${event}: ${outcomeOf(flags, event)}`);
    expect(found).toEqual(events.map((event, index) => `${event}: ${expected[index]}`));
  });

  test("stands in the table", () => {
    const states = new Set(Object.values(starts).map(stateOf));
    expect([...states].sort()).toEqual([...alarmStates].sort());
  });

  test("a refusal has a reason and something to do, in both languages", () => {
    for (const { reason, todo } of Object.values(alarmRefusalText).flatMap(Object.values)) {
      expect(reason).not.toBe("");
      expect(todo).not.toBe("");
    }
  });
});

describe("an alarm that latches", () => {
  const from = (start: string) => starts[start] ?? quiet;

  test.for([
    ["UNACK", "returned", "LATCH_UNACK"],
    ["ACKED", "returned", "LATCH_ACK"],
    ["UNACK", "auto-acknowledged", "LATCH_ACK"],
    ["SHLVD active", "returned", "SHLVD"],
    ["SHLVD active", "one-shot-over", "NORM"],
    ["DSUPR active", "returned", "DSUPR"],
  ] as const)("%s + %s -> %s", ([start, event, expected]) => {
    expect(outcomeOf(from(start), event, true)).toBe(expected);
  });
});

describe("put aside twice", () => {
  const both = { ...quiet, active: true, shelved: true, suppressed: true };
  const all = { ...both, outOfService: true };

  test("the end of one leaves the other", () => {
    expect(outcomeOf(both, "unsuppressed")).toBe("SHLVD");
    expect(outcomeOf(both, "shelf-expired")).toBe("DSUPR");
    expect(outcomeOf(both, "one-shot-over")).toBe("DSUPR");
    expect(outcomeOf(all, "return-to-service")).toBe("DSUPR");
  });

  test("the end of the last one calls, though the shelf had counted as acknowledged", () => {
    const suppressed = apply(both, "unshelved");
    expect("flags" in suppressed && outcomeOf(suppressed.flags, "unsuppressed")).toBe("UNACK");
  });
});

test("each state has its name and letter of ISA-18.2", () => {
  const names = alarmStates.map((state) => `${isaState(state)} ${isaLetter(state)}`);
  expect(names).toEqual([
    "NORM A",
    "UNACK B",
    "ACKED C",
    "RTNUN D",
    "LATCH_UNACK D",
    "LATCH_ACK D",
    "SHLVD E",
    "DSUPR F",
    "OOSRV G",
  ]);
  expect(alarmStates.filter(needsAcknowledge).map(isaState)).toEqual([
    "UNACK",
    "RTNUN",
    "LATCH_UNACK",
  ]);
});

test("no sequence of events makes flags that no state describes, or hides a violation that nobody saw", () => {
  const property = fc.property(
    fc.array(fc.constantFrom(...events), { maxLength: 60 }),
    fc.boolean(),
    (sequence, latching) => {
      let flags = quiet;
      let seen = true;
      for (const event of sequence) {
        const outcome = apply(flags, event, latching);
        if ("refused" in outcome) continue;
        flags = outcome.flags;
        if (event === "violated") seen = flags.shelved;
        if (event === "acknowledged" || event === "auto-acknowledged" || event === "shelved") {
          seen = true;
        }
        const { active, latched, shelved, suppressed, outOfService } = flags;
        expect(active && latched).toBe(false);
        if (shelved || suppressed || outOfService) continue;
        if (active && !seen) expect(stateOf(flags)).toBe("unacknowledged");
        if (!latching) expect(latched).toBe(false);
      }
    },
  );
  fc.assert(property, { numRuns: 2_000 });
});
