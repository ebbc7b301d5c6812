import { expect } from "vitest";
import type { ColdRoom } from "../cold-room.ts";
import { eventually } from "../spine.ts";
import { storedEvents } from "../store-events.ts";

/** Rules whose alarm was raised, by the record on disk. */
export function raised(room: ColdRoom): readonly unknown[] {
  return storedEvents(room.rig.dataDir).flatMap(({ kind, body }) =>
    kind === "alarm" && body["to"] === "unacknowledged" ? [body["rule"]] : [],
  );
}

/** It is warm: the alarm is there and the lamp is lit, whatever the disk says. */
export async function expectAlarmToWork(room: ColdRoom): Promise<void> {
  room.setTemperature(9.1);
  expect(await room.alarm("warm")).toMatchObject({ value: 9.1, priority: "high" });
  await eventually(room.lamp, (level) => level === 1);
  expect(await room.alarm("gateway:store")).toMatchObject({ priority: "high" });
}
