import { expect, test } from "vitest";
import type { AlarmView, PointView } from "../../gateway/panel/api.ts";
import { readSamples } from "../../gateway/store/chunk.ts";
import { openOutbox } from "../../gateway/store/outbox.ts";
import { eventually } from "../support/spine.ts";
import { storedEvents } from "../support/store-events.ts";
import { SwitchSite } from "../support/switch-site.ts";

const patience = { timeout: 60_000, interval: 20 };

const second = { second: { point: "meter/t", above: 30, outputs: ["meter/second"] } };

/** From the signal to the kill: while the file is read, while brains change, while channels close and open. */
const killedAfterMs = [0, 60, 110, 200];

test("killed anywhere in a switch, the gateway comes back under one configuration or the other, with each row once", async () => {
  await using site = await SwitchSite.open({});
  const { rig, lamps } = site;
  site.temperature = 45;
  await expect.poll(() => lamps.get(0), patience).toBe(true);
  const [raised] = await rig.get<AlarmView[]>("/api/alarms");
  for (const [round, ms] of killedAfterMs.entries()) {
    const isWhole = round % 2 === 0;
    site.change({ rules: isWhole ? second : {}, hasExtra: isWhole });
    await new Promise((resolve) => setTimeout(resolve, ms));
    await site.running.kill("SIGKILL");
    await site.start();
    await expect.poll(() => [lamps.get(0), lamps.get(1)], patience).toEqual([true, isWhole]);
    await eventually(
      () => rig.get<PointView[]>("/api/points"),
      (points) => points.some(({ key }) => key === "far/n") === isWhole,
    );
    const alarms = await rig.get<AlarmView[]>("/api/alarms");
    expect(alarms.find(({ rule }) => rule === "warm")).toMatchObject({
      ...{ id: raised?.id, raisedAt: raised?.raisedAt, active: true },
    });
    expect(alarms.some(({ rule }) => rule === "second")).toBe(isWhole);
  }
  await site.running.kill("SIGTERM");
  using outbox = openOutbox(rig.dataDir);
  const rows = outbox.read("samples", 0, 100_000).flatMap(readSamples);
  const counts = rows.flatMap((it) => (it.point === "meter/n" && "value" in it ? [it.value] : []));
  expect(new Set(counts).size).toBe(counts.length);
  expect(counts).toEqual(counts.toSorted((a, b) => Number(a) - Number(b)));
  // A transition is on record once, however often it was about to be written.
  const changes = storedEvents(rig.dataDir).filter(({ kind }) => kind === "alarm");
  const transitions = changes.map(({ body }) =>
    [body["alarm"], body["cause"], body["at"]].join(" "),
  );
  expect(new Set(transitions).size).toBe(transitions.length);
}, 240_000);
