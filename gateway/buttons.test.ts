import { expect, test } from "vitest";
import type { Sample } from "../drivers/contract.ts";
import { RackwatchError } from "../drivers/errors.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { type ButtonActions, Buttons } from "./buttons.ts";

type Alarms = ReturnType<ButtonActions["alarms"]>;

const four: Alarms = [
  { id: "warm#1", state: "unacknowledged", priority: "high", raisedAt: 1 },
  { id: "door#4", state: "returned-unacknowledged", priority: "low", raisedAt: 2 },
  { id: "leak#1", state: "latched-unacknowledged", priority: "medium", raisedAt: 2 },
  { id: "old#2", state: "acknowledged", priority: "high", raisedAt: 3 },
  { id: "away#2", state: "shelved", priority: "high", raisedAt: 3 },
  { id: "quiet#0", state: "normal", priority: "high", raisedAt: 4 },
];

function rig(alarms: Alarms = four, refused: readonly string[] = []) {
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const done: string[] = [];
  const actions = {
    alarms: () => alarms,
    acknowledge: (alarm: string, person: string) => {
      if (refused.includes(alarm)) throw new RackwatchError("alarm/not-allowed", "say why");
      done.push(`${person} acknowledges ${alarm}`);
      return Promise.resolve();
    },
    silence: (minutes: number, person: string) => {
      done.push(`${person} silences ${minutes} min`);
      return Promise.resolve();
    },
  };
  const config = { acknowledge: ["desk/ack"], silence: ["desk/quiet"], silenceFor: 600_000 };
  const buttons = new Buttons(config, actions, clock, log);
  const show = (point: "desk/ack" | "desk/quiet" | "desk/other", value: boolean | "bad") => {
    const base = { point, sampledAt: clock.now() };
    const sample: Sample =
      value === "bad"
        ? { ...base, quality: "bad", reason: "lost" }
        : { ...base, quality: "good", value };
    buttons.seen([sample]);
  };
  return { clock, done, entries, show };
}

test("a press acknowledges what waits for it, under the button's name, and nothing else", async () => {
  const { clock, done, show } = rig();
  show("desk/ack", false);
  show("desk/ack", true);
  await clock.advance(1);
  expect(done).toEqual([
    "button desk/ack acknowledges warm#1",
    "button desk/ack acknowledges door#4",
    "button desk/ack acknowledges leak#1",
  ]);
});

const critical: Alarms = [
  { id: "newer#1", state: "unacknowledged", priority: "critical", raisedAt: 9 },
  { id: "older#7", state: "returned-unacknowledged", priority: "critical", raisedAt: 5 },
  { id: "door#4", state: "unacknowledged", priority: "low", raisedAt: 2 },
];

test("of critical alarms a press takes only the one that waits longest", async () => {
  const { clock, done, show } = rig(critical);
  show("desk/ack", false);
  show("desk/ack", true);
  await clock.advance(1);
  expect(done).toEqual([
    "button desk/ack acknowledges door#4",
    "button desk/ack acknowledges older#7",
  ]);
});

test("an alarm that wants a reason is left alone, and the next one is acknowledged", async () => {
  const { clock, done, entries, show } = rig(critical, ["older#7", "door#4"]);
  show("desk/ack", false);
  show("desk/ack", true);
  await clock.advance(1);
  expect(done).toEqual(["button desk/ack acknowledges newer#1"]);
  expect(entries.map(({ event, fields }) => [event, fields["alarm"]])).toEqual([
    ["button refused", "door#4"],
    ["button refused", "older#7"],
  ]);
});

test("the other button silences for its time and acknowledges nothing", () => {
  const { done, show } = rig();
  show("desk/quiet", false);
  show("desk/quiet", true);
  show("desk/other", true);
  expect(done).toEqual(["button desk/quiet silences 10 min"]);
});

test("a button that is held at the start, or comes back held after a fault, was not pressed", () => {
  const { done, show } = rig();
  show("desk/quiet", true);
  show("desk/quiet", "bad");
  show("desk/quiet", true);
  expect(done).toEqual([]);
});

test("holding it is one press, and so is a bounce within a second", async () => {
  const { clock, done, show } = rig();
  show("desk/quiet", false);
  for (const value of [true, true, false, true]) show("desk/quiet", value);
  expect(done).toHaveLength(1);
  await clock.advance(1_000);
  show("desk/quiet", false);
  show("desk/quiet", true);
  expect(done).toHaveLength(2);
});

test("a stuck button is told once", async () => {
  const { clock, entries, show } = rig();
  show("desk/quiet", false);
  show("desk/quiet", true);
  for (let minute = 0; minute < 3; minute += 1) {
    await clock.advance(60_000);
    show("desk/quiet", true);
  }
  expect(entries).toMatchObject([{ event: "button stuck", fields: { point: "desk/quiet" } }]);
});
