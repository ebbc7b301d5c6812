import { expect, test } from "vitest";
import type { Priority } from "../../../config/schema/rule.ts";
import type { AlarmState } from "../../alarms/alarm.ts";
import { newlyRaised, openAlarms, priorityShapes, waitsForPerson } from "./severity.ts";

const alarm = (id: string, state: AlarmState, priority: Priority, since = 0) => ({
  id,
  state,
  priority,
  since,
});

test("no two priorities share a shape", () => {
  expect(new Set(Object.values(priorityShapes)).size).toBe(Object.keys(priorityShapes).length);
});

test("what waits for a person stands before what is acknowledged, then the graver, then the newer", () => {
  const sorted = openAlarms([
    alarm("done", "acknowledged", "critical"),
    alarm("low", "unacknowledged", "low"),
    alarm("past", "normal", "critical"),
    alarm("back", "returned-unacknowledged", "critical"),
    alarm("older", "unacknowledged", "critical", 1),
    alarm("newer", "unacknowledged", "critical", 2),
  ]);
  expect(sorted.map((it) => it.id)).toEqual(["newer", "older", "low", "back", "done"]);
  expect(sorted.filter(waitsForPerson)).toHaveLength(4);
});

test("an alarm is said aloud once, when it is raised, and again only when it is raised again", () => {
  const quiet = [alarm("a", "acknowledged", "high"), alarm("b", "unacknowledged", "high")];
  const raised = [...quiet, alarm("c", "unacknowledged", "critical")];
  expect(newlyRaised([], quiet).map((it) => it.id)).toEqual(["b"]);
  expect(newlyRaised(quiet, raised).map((it) => it.id)).toEqual(["c"]);
  expect(newlyRaised(raised, raised)).toEqual([]);
  expect(newlyRaised(raised, [alarm("b", "returned-unacknowledged", "high")])).toEqual([]);
});
