import { expect, test } from "vitest";
import type { Priority } from "../../config/schema/rule.ts";
import { alarmIn } from "../../tests/support/alarms.ts";
import type { AlarmTransition } from "../alarms/alarm.ts";
import { Figures, figuresDaysMax } from "./figures.ts";
import { summarize } from "./summary.ts";

const start = Date.UTC(2026, 10, 22, 8);
const dayMs = 86_400_000;
const limits = { floodBegins: 10, floodEnds: 5 };

function begin(saved: ReadonlyMap<string, unknown> = new Map()) {
  const clock = { boot: "b1", clockSynchronized: () => true };
  const figures = new Figures({ limits, clock, saved, instant: { at: start, mono: 0 } });
  const state = new Map(saved);
  const happen = (ms: number, ...transitions: AlarmTransition[]) => {
    const instant = { at: start + ms, mono: ms };
    const follow = figures.step({ transitions, alarms: [], instant });
    for (const [key, value] of follow.state) {
      if (value === undefined) state.delete(key);
      else state.set(key, JSON.parse(JSON.stringify(value)));
    }
  };
  return { figures, state, happen };
}

function raise(rule: string, priority: Priority = "medium"): AlarmTransition {
  const from = "normal" as const;
  return { ...base(rule, priority), from, to: "unacknowledged", cause: "violated" };
}
function end(rule: string, cause: "returned" | "acknowledged"): AlarmTransition {
  return { ...base(rule, "medium"), from: "unacknowledged", to: "acknowledged", cause };
}
function base(rule: string, priority: Priority) {
  return { alarm: `${rule}#1`, rule, at: start, priority, message: rule };
}

test("alarms a day, their priorities and the worst rules", () => {
  const { figures, happen } = begin();
  for (let n = 0; n < 8; n += 1) happen(n * 3_600_000, raise("warm", "low"));
  happen(60_000, raise("door", "medium"), raise("mains", "critical"));
  const view = summarize(figures.days(), [], start, 2);
  expect(view).toMatchObject({ raised: 10, perDay: 5, load: "manageable", days: 2 });
  expect(view.priorities).toEqual({ low: 0.8, medium: 0.1, high: 0, critical: 0.1 });
  expect(view.topTen[0]).toEqual({ rule: "warm", raised: 8, share: 0.8 });
});

test("six activations in two minutes are one episode of chattering, two are none", () => {
  const { figures, happen } = begin();
  for (let n = 0; n < 6; n += 1) happen(10_000 + n * 20_000, raise("door"));
  happen(200_000, raise("calm"));
  happen(210_000, raise("calm"));
  expect(summarize(figures.days(), [], start, 1).chattering).toEqual([
    { rule: "door", episodes: 1 },
  ]);
});

test("what comes and goes within seconds is fleeting, what lasts is not", () => {
  const { figures, happen } = begin();
  happen(0, raise("blip"), raise("long"));
  happen(4_000, end("blip", "returned"));
  happen(400_000, end("long", "returned"));
  const view = summarize(figures.days(), [], start, 1);
  expect(view.fleeting).toEqual([{ rule: "blip", times: 1 }]);
  expect(view.clearSeconds).toBe(202);
});

test("time to acknowledge is the time of the monotonic clock, whatever the wall clock did", () => {
  const { figures } = begin();
  const at = (wall: number, mono: number, ...transitions: AlarmTransition[]) =>
    figures.step({ transitions, alarms: [], instant: { at: wall, mono } });
  at(start, 0, raise("warm"));
  at(start + 3_600_000, 90_000, end("warm", "acknowledged"));
  expect(summarize(figures.days(), [], start, 1).acknowledgeSeconds).toBe(90);
});

test("eleven alarms in five minutes are a flood from the eleventh on, which ends below five in ten minutes", () => {
  const { figures, happen } = begin();
  for (let n = 0; n <= 10; n += 1) happen(n * 30_000, raise(`r${n}`));
  happen(1_500_000, raise("later"));
  const view = summarize(figures.days(), [], start, 1);
  expect(view.floods).toBe(1);
  expect(view.floodShare * dayMs).toBeCloseTo(480_000);
});

test("an alarm that is active for more than a day is stale", () => {
  const { figures } = begin();
  const old = { ...alarmIn("unacknowledged"), id: "door#4", raisedAt: start - 30 * 3_600_000 };
  expect(summarize(figures.days(), [old], start, 1).stale).toEqual([
    { alarm: "door#4", hours: 30 },
  ]);
});

test("a restart goes on counting the same day, and old days go", () => {
  const first = begin();
  first.happen(0, raise("warm"));
  const second = begin(first.state);
  second.happen(5_000, raise("warm"));
  expect(second.figures.days()).toMatchObject([{ rules: { warm: { raised: 2 } } }]);
  for (let n = 1; n <= figuresDaysMax; n += 1) second.happen(n * dayMs, raise("warm"));
  expect(second.state.size).toBe(figuresDaysMax);
});
