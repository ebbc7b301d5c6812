import { expect, test } from "vitest";
import { panelText } from "../../../config/language/panel.ts";
import type { Priority } from "../../../config/schema/rule.ts";
import { type AlarmState, alarmStates } from "../../alarms/alarm.ts";
import {
  asideAlarms,
  isUrgent,
  newlyRaised,
  openAlarms,
  presentAlarms,
  priorityShapes,
  stateShapes,
  waitsForPerson,
} from "./severity.ts";

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

test("every alarm that is not over is either present or put aside, so that none is out of sight", () => {
  const all = alarmStates.map((state) => alarm(state, state, "high"));
  const present = presentAlarms(all).map(({ id }) => id);
  const aside = asideAlarms(all).map(({ id }) => id);
  expect(new Set(aside)).toEqual(new Set(["shelved", "suppressed", "out-of-service"]));
  expect([...present, ...aside]).toEqual(openAlarms(all).map(({ id }) => id));
  expect(present).toHaveLength(alarmStates.length - 1 - aside.length);
});

test("an alarm is said aloud once, when it is raised, and again only when it is raised again", () => {
  const quiet = [alarm("a", "acknowledged", "high"), alarm("b", "unacknowledged", "high")];
  const raised = [...quiet, alarm("c", "unacknowledged", "critical")];
  expect(newlyRaised([], quiet).map((it) => it.id)).toEqual(["b"]);
  expect(newlyRaised(quiet, raised).map((it) => it.id)).toEqual(["c"]);
  expect(newlyRaised(raised, raised)).toEqual([]);
  expect(newlyRaised(raised, [alarm("b", "returned-unacknowledged", "high")])).toEqual([]);
});

test("what is put aside stands last and waits for nobody; what is latched waits until it is acknowledged", () => {
  const sorted = openAlarms([
    alarm("service", "out-of-service", "critical", 3),
    alarm("shelf", "shelved", "critical", 2),
    alarm("defrost", "suppressed", "critical", 1),
    alarm("reset", "latched-acknowledged", "low"),
    alarm("latch", "latched-unacknowledged", "low"),
  ]);
  expect(sorted.map((it) => it.id)).toEqual(["latch", "reset", "service", "shelf", "defrost"]);
  expect(sorted.filter(waitsForPerson).map((it) => it.id)).toEqual(["latch"]);
  expect(alarmStates.filter((state) => isUrgent({ state }))).toEqual([
    "unacknowledged",
    "acknowledged",
  ]);
});

test.for(["en", "zh"] as const)(
  "every state has a word of its own and, where it is put aside, a shape (%s)",
  (language) => {
    const words = panelText[language].alarms.state;
    expect(new Set(alarmStates.map((state) => words[state])).size).toBe(alarmStates.length);
    for (const state of ["shelved", "suppressed", "out-of-service"] as const) {
      expect(stateShapes[state]).toBeDefined();
    }
  },
);
