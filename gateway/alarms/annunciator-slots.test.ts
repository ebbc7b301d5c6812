import { describe, expect, test } from "vitest";
import { annunciatorSchema } from "../../config/schema/annunciator.ts";
import type { Priority } from "../../config/schema/rule.ts";
import type { PointKey } from "../../drivers/contract.ts";
import type { Alarm, AlarmState } from "./alarm.ts";
import { Annunciator, heartbeatMsMax, type OutputSettings } from "./annunciator.ts";
import { slotsOf } from "./annunciator-slots.ts";

const whole = {
  red: "s/red",
  amber: "s/amber",
  blue: "s/blue",
  green: "s/green",
  lamp: "s/lamp",
  buzzer: "s/buzzer",
  siren: "s/siren",
};

function stack(configs: Readonly<Record<string, object>>, flash = true): Annunciator {
  const parsed = Object.fromEntries(
    Object.entries(configs).map(([id, config]) => [id, annunciatorSchema.parse(config)]),
  );
  const slots = Map.groupBy(slotsOf(parsed), ({ output }) => output);
  const outputs = [...slots].map(([key, own]): [PointKey, OutputSettings] => {
    const sounds = own.some(({ is }) => is === "buzzer" || is === "siren");
    return [key, { role: sounds ? "buzzer" : "lamp", flash, slots: own }];
  });
  return new Annunciator(new Map(outputs));
}

function alarm(state: AlarmState, priority: Priority, annunciate = ["desk"], id = "warm#1"): Alarm {
  return {
    id,
    rule: "warm",
    state,
    active: true,
    acknowledged: false,
    latched: false,
    priority,
    message: "too warm",
    outputs: [],
    annunciate,
    raisedAt: 0,
    since: 0,
  };
}

/** What is driven, by the last part of its name. */
function driven(it: Annunciator): string {
  const on = it.status(0).filter((status) => status.driven);
  return on.map(({ key }) => key.split("/")[1]).join(" ");
}

function shown(state: AlarmState, priority: Priority, config: object = whole): string {
  const it = stack({ desk: config });
  it.update([alarm(state, priority)], 0);
  return driven(it);
}

describe("what a whole stack light shows", () => {
  test.for<[AlarmState, Priority, string]>([
    ["unacknowledged", "critical", "red lamp buzzer siren"],
    ["unacknowledged", "high", "red lamp buzzer"],
    ["unacknowledged", "medium", "amber lamp buzzer"],
    ["unacknowledged", "low", "blue lamp buzzer"],
    ["acknowledged", "critical", "red lamp"],
    ["acknowledged", "low", "blue lamp"],
    ["returned-unacknowledged", "critical", "amber lamp"],
    ["latched-unacknowledged", "critical", "amber lamp"],
    ["latched-acknowledged", "high", "amber lamp"],
    ["shelved", "critical", "green"],
    ["suppressed", "critical", "green"],
    ["out-of-service", "critical", "green"],
    ["normal", "critical", "green"],
  ])("%s, %s: %s", ([state, priority, expected]) => {
    expect(shown(state, priority)).toBe(expected);
  });
});

describe("an annunciator that lacks a colour", () => {
  test.for<[string, Priority, object, string]>([
    ["low goes to amber", "low", { red: "s/red", amber: "s/amber" }, "amber"],
    [
      "low goes to amber beside a lamp too",
      "low",
      { amber: "s/amber", lamp: "s/lamp" },
      "amber lamp",
    ],
    ["medium goes to red", "medium", { red: "s/red" }, "red"],
    ["medium stays with the lamp for all", "medium", { red: "s/red", lamp: "s/lamp" }, "lamp"],
    ["critical goes to what there is", "critical", { blue: "s/blue" }, "blue"],
    ["critical stays with the lamp", "critical", { amber: "s/amber", lamp: "s/lamp" }, "lamp"],
  ])("%s", ([, priority, config, expected]) => {
    expect(shown("unacknowledged", priority, config)).toBe(expected);
  });
});

test("an alarm shows at the annunciators that it names, and a siren that two of them share sounds once", () => {
  const it = stack({
    desk: { lamp: "a/lamp", green: "a/green", siren: "a/siren" },
    guard: { place: "second", lamp: "b/lamp2", green: "b/green2", siren: "a/siren" },
    far: { lamp: "c/lamp3", green: "c/green3" },
  });
  it.update([alarm("unacknowledged", "critical", ["desk", "guard"])], 0);
  expect(driven(it).split(" ").sort()).toEqual(["green3", "lamp", "lamp2", "siren"]);
  expect(it.status(0).find(({ key }) => key === "a/siren")?.alarms).toEqual(["warm#1"]);
});

test("a siren that a lesser alarm joins keeps its rhythm, and stops with the critical one", () => {
  const it = stack({ desk: { siren: "a/siren" } });
  it.update([alarm("unacknowledged", "critical")], 0);
  const lesser = alarm("unacknowledged", "high", ["desk"], "door#1");
  it.update([alarm("unacknowledged", "critical"), lesser], 130);
  expect(it.desired(130).get("a/siren")).toBe(false);
  it.update([alarm("acknowledged", "critical"), lesser], 300);
  expect(it.desired(300).get("a/siren")).toBe(false);
});

test("an alarm that became critical ends the silence", () => {
  const it = stack({ desk: { buzzer: "a/buzzer" } });
  it.update([alarm("unacknowledged", "medium")], 0);
  it.silence(60_000, 0);
  it.update([alarm("unacknowledged", "medium")], 10);
  expect(it.desired(10).get("a/buzzer")).toBe(false);
  it.update([alarm("unacknowledged", "critical")], 20);
  expect(it.desired(20).get("a/buzzer")).toBe(true);
});

describe("the heartbeat", () => {
  const pulse = (it: Annunciator, from: number, to: number) => {
    const edges: number[] = [];
    let on = it.desired(from).get("a/beat");
    for (let at: number | undefined = from; at !== undefined && at < to; at = it.nextChange(at)) {
      const now = it.desired(at).get("a/beat");
      if (now !== on) edges.push(at);
      on = now;
    }
    return edges;
  };

  test("is a short blink each second while the loop turns", () => {
    const it = stack({ desk: { heartbeat: "a/beat" } });
    for (let at = 0; at < 3_000; at += 250) it.beat(at);
    expect(pulse(it, 3_000, 4_500)).toEqual([3_100, 4_000, 4_100]);
  });

  test("goes out when the loop has hung for two seconds, and is off before it turns", () => {
    const it = stack({ desk: { heartbeat: "a/beat" } });
    expect(it.desired(0).get("a/beat")).toBe(false);
    it.beat(0);
    expect(pulse(it, 0, 60_000)).toEqual([100, 1_000, 1_100]);
    expect(it.nextChange(heartbeatMsMax)).toBeUndefined();
  });

  test("is steady on a bus, and no alarm touches it", () => {
    const it = stack({ desk: { heartbeat: "a/beat" } }, false);
    it.beat(0);
    it.update([alarm("unacknowledged", "critical")], 10);
    expect(pulse(it, 10, 60_000)).toEqual([heartbeatMsMax]);
    expect(it.status(10)).toMatchObject([{ driven: true, alarms: [] }]);
  });
});
