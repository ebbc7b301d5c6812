import { expect, test } from "vitest";
import type { Sample } from "../drivers/contract.ts";
import { ManualClock, memoryLog } from "../tests/support/manual-clock.ts";
import { Buttons } from "./buttons.ts";

function rig() {
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  const done: string[] = [];
  const actions = {
    alarms: () => [
      { id: "warm#1", state: "unacknowledged" as const },
      { id: "door#4", state: "returned-unacknowledged" as const },
      { id: "old#2", state: "acknowledged" as const },
      { id: "quiet#0", state: "normal" as const },
    ],
    acknowledge: (alarm: string, person: string) => {
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

test("a press acknowledges what waits for it, under the button's name, and nothing else", () => {
  const { done, show } = rig();
  show("desk/ack", false);
  show("desk/ack", true);
  expect(done).toEqual([
    "button desk/ack acknowledges warm#1",
    "button desk/ack acknowledges door#4",
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
