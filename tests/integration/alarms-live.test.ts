import { describe, expect, test } from "vitest";
import { RackwatchError } from "../../drivers/errors.ts";
import { parseDuration } from "../../drivers/quantity.ts";
import { type AlarmAction, alarmStates } from "../../gateway/alarms/alarm.ts";
import { isaState } from "../../gateway/alarms/lifecycle.ts";
import type { GatewayEvent } from "../../gateway/store/store.ts";
import { liveRoom, startLive } from "../support/live-gateway.ts";
import {
  cellsOf,
  eventsOf,
  everyMsOf,
  expectedOf,
  rulesOf,
  startOf,
  type Timeline,
  type Told,
  timelinesOf,
} from "../support/timelines.ts";

function actionOf(what: string, argument: string | undefined): AlarmAction {
  const by = "li";
  switch (what) {
    case "ack":
      return { do: "acknowledge", by };
    case "reset":
    case "unshelve":
    case "suppress":
    case "unsuppress":
    case "return-to-service":
      return { do: what, by };
    case "shelve":
      return { do: "shelve", by, forMs: parseDuration(argument ?? ""), reason: "test" };
    case "out-of-service":
      return { do: "out-of-service", by, reason: argument ?? "test" };
    default:
      throw new Error(what);
  }
}

/** The changes of state in the store's log, by rule, from the monotonic time of the start. */
function toldOf(events: readonly GatewayEvent[], startMono: number): Map<string, Told[]> {
  const rules = new Map<string, Told[]>();
  const name = (state: unknown) => isaState(alarmStates.find((it) => it === state) ?? "normal");
  for (const { kind, mono, body } of events) {
    const { rule, from, to } = body;
    if (kind !== "alarm" || from === to || String(rule).startsWith("gateway")) continue;
    const told = rules.get(String(rule)) ?? [];
    rules.set(String(rule), [...told, { ms: mono - startMono, from: name(from), to: name(to) }]);
  }
  return rules;
}

async function live(timeline: Timeline) {
  await using it = await liveRoom(startOf(timeline));
  const { clock, room, dir, port } = it;
  const everyMs = everyMsOf(timeline);
  const cells = Map.groupBy(cellsOf(timeline), ({ ms }) => ms);
  const set = (ms: number) => {
    for (const { point, value } of cells.get(ms) ?? [])
      room.set(point === "room/u" ? "u" : "t", Number(value));
  };
  const start = clock.monotonicMs();
  set(0);
  const gateway = startLive({ dir, port, everyMs, rules: rulesOf(timeline), clock });
  await gateway.reading(1);
  const expectedMs = [...expectedOf(timeline).values()].flat().map(({ ms }) => ms);
  const lastMs = Math.max(...cells.keys(), ...expectedMs);
  const polls = Array.from({ length: Math.floor(lastMs / everyMs) }, (_, n) => (n + 1) * everyMs);
  const moments = [
    ...polls.map((ms) => ({ ms, event: undefined })),
    ...eventsOf(timeline).map((event) => ({ ms: event.ms, event })),
  ].toSorted((a, b) => a.ms - b.ms);
  let refused = 0;
  for (const { ms, event } of moments) {
    if (event === undefined) {
      set(ms);
      const before = gateway.came();
      await gateway.runTo(start + ms);
      await gateway.reading(before + 1);
      continue;
    }
    await gateway.runTo(start + ms);
    try {
      gateway.act(event.rule, actionOf(event.what, event.argument));
    } catch (error) {
      if (!(error instanceof RackwatchError)) throw error;
      refused += 1;
    }
  }
  await gateway.runTo(start + lastMs);
  await gateway.stop();
  const again = startLive({ dir, port, everyMs, rules: rulesOf(timeline), clock });
  const events = again.events();
  await again.kill();
  return { told: toldOf(events, start), refused };
}

/** Those that a room with two numbers can play. */
function playable(file: string): readonly Timeline[] {
  return timelinesOf(file).filter(({ values, rows, only }) => {
    const isNumbers = Object.entries(values).every(
      ([point, list]) => /^room\/[tu]$/.test(point) && !/bad|~|-( |$)/.test(list),
    );
    return isNumbers && rows.length === 0 && only === undefined;
  });
}

for (const file of [
  "printed.yaml",
  "lifecycle.yaml",
  "shelves.yaml",
  "limits.yaml",
  "delays.yaml",
  "conditions.yaml",
])
  describe(`from a device on a socket to the store's log: ${file}`, () => {
    test.concurrent.each(playable(file))("$name", async (timeline) => {
      const { told, refused } = await live(timeline);
      expect(Object.fromEntries(told)).toEqual(Object.fromEntries(expectedOf(timeline)));
      expect(refused).toBe(timeline.refused ?? refused);
    });
  });
