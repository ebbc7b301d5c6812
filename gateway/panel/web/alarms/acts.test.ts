import { expect, test } from "vitest";
import { alarmIn } from "../../../../tests/support/alarms.ts";
import { type AlarmState, alarmStates } from "../../../alarms/alarm.ts";
import { actsFor } from "./acts.ts";

const aside = ["shelve", "suppress", "out-of-service"] as const;

/** ISA-18.2's table, read as what a person may try in each state. */
const expected: Readonly<Record<AlarmState, readonly string[]>> = {
  normal: aside,
  unacknowledged: ["acknowledge", ...aside],
  acknowledged: aside,
  "returned-unacknowledged": ["acknowledge", ...aside],
  "latched-unacknowledged": ["acknowledge", ...aside],
  "latched-acknowledged": ["reset", ...aside],
  shelved: ["unshelve", ...aside],
  suppressed: ["unsuppress", "shelve", "out-of-service"],
  "out-of-service": ["return-to-service", "suppress"],
};

test("in each state exactly those acts are offered that the lifecycle knows there", () => {
  const offered = alarmStates.map((state) => [
    state,
    actsFor(alarmIn(state)).map(({ act }) => act),
  ]);
  expect(Object.fromEntries(offered)).toEqual(expected);
});

test("what is shelved and out of service at once is ended each for itself", () => {
  const outOfService = { by: "li", reason: "probe away", since: 0 };
  const both = alarmIn("shelved", { state: "out-of-service", outOfService });
  const offered = actsFor(both).map(({ act }) => act);
  expect(offered).toContain("return-to-service");
});
