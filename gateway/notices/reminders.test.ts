import { expect, test } from "vitest";
import { mountingMs, Reminders, remindEveryMs, reminderKey } from "./reminders.ts";

const hourMs = 3_600_000;
const start = Date.UTC(2026, 10, 22);
const due = () => ["receiver/night", "output/stack/red"];
const at = (ms: number) => ({ at: start + ms, mono: ms });

test("tests that are due are told a day after the first start, then once a week, and over a restart", () => {
  const newborn = new Reminders(undefined);
  const noted = newborn.step(due, at(0));
  expect(noted.notices).toEqual([]);
  expect(newborn.due).toEqual(due());
  const reminders = new Reminders(noted.state.get(reminderKey));
  expect(reminders.step(due, at(mountingMs - hourMs)).notices).toEqual([]);
  const first = reminders.step(due, at(mountingMs));
  expect(first.notices).toMatchObject([{ kind: "notice", priority: "low" }]);
  expect(first.notices[0]).toHaveProperty("title.zh", "有 2 项报警测试到期");
  expect(reminders.step(due, at(mountingMs + 2 * hourMs)).notices).toEqual([]);
  const restarted = new Reminders(first.state.get(reminderKey));
  expect(restarted.step(due, at(mountingMs + 3 * hourMs)).notices).toEqual([]);
  expect(restarted.step(due, at(mountingMs + remindEveryMs)).notices).toHaveLength(1);
});

test("nothing is asked more often than once an hour", () => {
  const reminders = new Reminders(undefined);
  let asked = 0;
  const count = () => {
    asked += 1;
    return [];
  };
  for (let ms = 0; ms < 2 * hourMs; ms += 1_000) reminders.step(count, at(ms));
  expect(asked).toBe(2);
});

test("what was told under a clock that ran ahead is told again", () => {
  const ahead = new Reminders({ version: 1, toldAt: start + 400 * 24 * hourMs });
  expect(ahead.step(due, at(0)).notices).toHaveLength(1);
});
