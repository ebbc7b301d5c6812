import { expect, type TestContext, test } from "vitest";
import type { AlarmView } from "../../gateway/panel/api.ts";
import { type ColdRoom, coldRoom } from "../support/cold-room.ts";
import { type FakeTime, fakeTime } from "../support/fake-time.ts";
import { eventually } from "../support/spine.ts";
import { storedEvents } from "../support/store-events.ts";

const dayMs = 86_400_000;

async function roomAt(context: TestContext, offsetMs: number, rule?: string) {
  let time: FakeTime | undefined;
  const room = await coldRoom({
    env: (folder) => {
      time = fakeTime(context, folder, offsetMs);
      return time.env;
    },
    ...(rule === undefined ? {} : { rule }),
    services: "broker: { enabled: false }\nstore: { flushEvery: 100ms }",
  });
  return { room, step: (ms: number) => time?.step(ms) };
}

function stepped(room: ColdRoom, count: number): Promise<readonly number[]> {
  const steps = () =>
    storedEvents(room.rig.dataDir).flatMap(({ kind, body }) =>
      kind === "clock" && "steppedMs" in body ? [Number(body["steppedMs"])] : [],
    );
  return eventually(steps, (seen) => seen.length >= count);
}

test.concurrent("a clock at 1970 is told and an alarm, records are kept, and its correction is on record", async (context) => {
  const offsetMs = -Date.now() + 60_000;
  const startedAt = Date.now();
  const { room, step } = await roomAt(context, offsetMs);
  await using _ = room;
  await room.start();
  await room.live();
  expect(await room.notice("clock")).toMatchObject({
    code: "clock/unset",
    message: expect.stringContaining("clock"),
    todo: expect.stringContaining("timedatectl"),
  });
  expect(await room.alarm("gateway:clock")).toMatchObject({ priority: "medium" });
  room.setTemperature(9.1);
  const { raisedAt } = await room.alarm("warm");
  expect(raisedAt).toBeLessThan(dayMs);
  await eventually(room.lamp, (level) => level === 1);
  const history = () =>
    room.rig.get<readonly { sampledAt: number }[]>(
      `/api/points/cold/temperature/samples?from=0&to=${dayMs}&limit=1000`,
    );
  await eventually(history, (rows) => rows.length > 10);

  step(0);
  // Raised after 1970 began and before now: the few seconds that this gateway has run.
  const corrected = (all: readonly AlarmView[]) =>
    all.some((it) => it.rule === "warm" && it.raisedAt > startedAt && it.since > startedAt);
  await eventually(() => room.rig.get<readonly AlarmView[]>("/api/alarms"), corrected);
  await room.well("clock");
  const [correction = 0] = await stepped(room, 1);
  expect(Math.abs(correction + offsetMs)).toBeLessThan(5_000);
  const kept = storedEvents(room.rig.dataDir).filter(({ kind }) => kind === "alarm");
  expect(kept.map(({ body }) => body["rule"])).toContain("warm");
});

test.concurrent("a wall clock that is stepped by a day, back and forth, makes no delay shorter or longer", async (context) => {
  const delayMs = 4_000;
  const { room, step } = await roomAt(
    context,
    0,
    `onDelay: ${delayMs}ms\n    offDelay: ${delayMs}ms`,
  );
  await using _ = room;
  await room.start();
  await room.live();
  const started = performance.now();
  room.setTemperature(9.1);
  setTimeout(() => step(-dayMs), delayMs / 4);
  setTimeout(() => step(dayMs), delayMs / 2);
  await room.alarm("warm");
  const raisedMs = performance.now() - started;
  expect(raisedMs).toBeGreaterThan(delayMs - 50);
  expect(raisedMs).toBeLessThan(delayMs + 2_000);

  const back = performance.now();
  room.setTemperature(4.5);
  setTimeout(() => step(-dayMs), delayMs / 2);
  await eventually(
    () => room.rig.get<readonly { rule: string; state: string }[]>("/api/alarms"),
    (alarms) => alarms.some(({ rule, state }) => rule === "warm" && state.startsWith("returned")),
  );
  const returnedMs = performance.now() - back;
  expect(returnedMs).toBeGreaterThan(delayMs - 50);
  expect(returnedMs).toBeLessThan(delayMs + 2_000);

  const steps = await stepped(room, 3);
  for (const [index, expected] of [-dayMs, 2 * dayMs, -2 * dayMs].entries()) {
    expect(Math.abs((steps[index] ?? 0) - expected)).toBeLessThan(1_000);
  }
  // Values are as old as they are, whatever the wall clock says.
  expect(await room.points()).toContainEqual(
    expect.objectContaining({ key: "cold/temperature", stale: false, value: 4.5 }),
  );
});
