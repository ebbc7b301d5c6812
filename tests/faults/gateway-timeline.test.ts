import { setTimeout as sleep } from "node:timers/promises";
import { expect, test } from "vitest";
import type { AlarmView } from "../../gateway/panel/api.ts";
import { coldRoom } from "../support/cold-room.ts";
import { eventually } from "../support/spine.ts";
import { storedEvents } from "../support/store-events.ts";

/**
 * One minute of the timeline. The poll is much faster, so that one minute is what one sample is worth; a gateway that is
 * killed has to be back three minutes later, on a machine that does much else.
 */
const minuteMs = 1_500;

/** Timeline T1 of the alarm requirements: one value a minute, limit 8.0, on-delay 5 min, off-delay 2 min, deadband 0.5. */
const temperatures = [
  7.9, 8.2, 8.3, 7.9, 8.1, 8.2, 8.3, 8.4, 8.3, 8.2, 7.8, 7.6, 8.1, 7.5, 7.4, 7.4, 7.3,
];

const rule = `onDelay: ${5 * minuteMs}ms\n    offDelay: ${2 * minuteMs}ms`;

/** @param killAtMinute when the gateway is killed with -9 and started again; undefined: never. */
async function runTimeline(killAtMinute: number | undefined) {
  await using room = await coldRoom({ rule });
  let gateway = await room.start();
  await room.live();

  const startedAt = Date.now();
  const at = (minute: number) => startedAt + minute * minuteMs;
  const reached = (minute: number) => sleep(Math.max(0, at(minute) - Date.now()));
  const weather = async () => {
    for (const [minute, temperature] of temperatures.entries()) {
      await reached(minute);
      room.setTemperature(temperature);
    }
  };
  /** Until when nobody watched; 0 when the gateway never was away. */
  const kill = async () => {
    if (killAtMinute === undefined) return 0;
    await reached(killAtMinute);
    await gateway.kill("SIGKILL");
    gateway = await room.start();
    await room.live();
    return Date.now();
  };
  const lamp = async () => {
    await reached(8.5);
    const before = room.lamp();
    await eventually(room.lamp, (level) => level === 1);
    return { before, litAt: Date.now() };
  };
  const [{ before, litAt }, blindUntil] = await Promise.all([lamp(), kill(), weather()]);
  const [alarm] = await eventually(
    () => room.rig.get<AlarmView[]>("/api/alarms"),
    ([first]) => first?.state === "returned-unacknowledged",
  );
  const transitions = storedEvents(room.rig.dataDir)
    .filter(({ kind, body }) => kind === "alarm" && body["rule"] === "warm")
    .map(({ body }) => ({ to: body["to"], at: Number(body["at"]) }));
  return { alarm, transitions, before, litAt, at, blindUntil };
}

test.concurrent.each([
  ["in one run", undefined],
  ["when the gateway is killed in the middle of the on-delay", 6.5],
  ["when the gateway is killed during the off-delay", 13.5],
])("timeline T1 %s: alarm at 9:00, returned at 15:00", async (_, killAtMinute) => {
  const { alarm, transitions, before, litAt, at, blindUntil } = await runTimeline(killAtMinute);
  expect(transitions.map(({ to }) => to)).toEqual(["unacknowledged", "returned-unacknowledged"]);
  const [raised, returned] = transitions;
  // While nobody watches nothing can be told: then it is by the first sample after the start.
  const dueAt = (minute: number) =>
    Math.max(at(minute), killAtMinute !== undefined && minute > killAtMinute ? blindUntil : 0);
  expect(raised?.at).toBeGreaterThanOrEqual(at(9));
  expect(raised?.at).toBeLessThan(dueAt(9) + minuteMs);
  expect(returned?.at).toBeGreaterThanOrEqual(at(15));
  expect(returned?.at).toBeLessThan(dueAt(15) + minuteMs);
  expect(alarm).toMatchObject({
    ...{ rule: "warm", raisedAt: raised?.at, since: returned?.at },
    limit: { is: "above", value: 8, inclusive: false },
  });
  expect(before).toBe(0);
  expect(litAt).toBeGreaterThanOrEqual(at(9));
  expect(litAt).toBeLessThan(dueAt(9) + 2 * minuteMs);
});
