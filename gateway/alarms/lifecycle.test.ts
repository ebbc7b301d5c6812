import { expect, test } from "vitest";
import type { AlarmState } from "./alarm.ts";
import { type AlarmEvent, isActive, needsAcknowledge, next } from "./lifecycle.ts";

const refused = undefined;

test.for<[AlarmState, AlarmEvent, AlarmState | undefined]>([
  ["normal", "violated", "unacknowledged"],
  ["normal", "returned", refused],
  ["normal", "acknowledged", refused],
  ["normal", "rule-removed", refused],
  ["unacknowledged", "violated", refused],
  ["unacknowledged", "returned", "returned-unacknowledged"],
  ["unacknowledged", "acknowledged", "acknowledged"],
  ["unacknowledged", "rule-removed", "normal"],
  ["acknowledged", "violated", refused],
  ["acknowledged", "returned", "normal"],
  ["acknowledged", "acknowledged", refused],
  ["acknowledged", "rule-removed", "normal"],
  ["returned-unacknowledged", "violated", "unacknowledged"],
  ["returned-unacknowledged", "returned", refused],
  ["returned-unacknowledged", "acknowledged", "normal"],
  ["returned-unacknowledged", "rule-removed", "normal"],
])("%s + %s -> %s", ([state, event, expected]) => {
  const outcome = next(state, event);
  expect("to" in outcome ? outcome.to : refused).toBe(expected);
});

test("active and seen are two different things", () => {
  const states = ["normal", "unacknowledged", "acknowledged", "returned-unacknowledged"] as const;
  expect(states.filter(isActive)).toEqual(["unacknowledged", "acknowledged"]);
  expect(states.filter(needsAcknowledge)).toEqual(["unacknowledged", "returned-unacknowledged"]);
});
