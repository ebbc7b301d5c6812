import { expect, test } from "vitest";
import { alarmIn } from "../../tests/support/alarms.ts";
import { alarmMessage, newestOfEach, pointMessage } from "./messages.ts";

test("a good sample carries value and unit, a bad one its reason and never a value", () => {
  const point = "cold-2/temperature";
  const good = pointMessage("wh1", { point, sampledAt: 5, quality: "good", value: 4.5 }, "Cel");
  expect(good.topic).toBe("rackwatch/wh1/points/cold-2/temperature");
  expect(JSON.parse(good.payload)).toEqual({
    value: 4.5,
    unit: "Cel",
    quality: "good",
    sampledAt: 5,
  });
  const bad = pointMessage(
    "wh1",
    { point, sampledAt: 6, quality: "bad", reason: "timeout", raw: 3 },
    undefined,
  );
  expect(JSON.parse(bad.payload)).toEqual({ quality: "bad", reason: "timeout", sampledAt: 6 });
});

test("an alarm is published under its rule with its flags, without what shows it", () => {
  const alarm = alarmIn("unacknowledged", {
    message: "二号冷库过热",
    outputs: ["stack/red"],
    annunciate: ["office"],
  });
  const { topic, payload } = alarmMessage("wh1", alarm);
  expect(topic).toBe("rackwatch/wh1/alarms/warm");
  expect(JSON.parse(payload)).toMatchObject({
    id: "warm#1",
    message: "二号冷库过热",
    active: true,
    acknowledged: false,
  });
  expect(payload).not.toMatch(/outputs|annunciate/);
});

test("of several samples of a point the newest is published", () => {
  const sample = (point: "a/b" | "c/d", sampledAt: number) =>
    ({ point, sampledAt, quality: "good", value: sampledAt }) as const;
  const newest = newestOfEach([
    sample("a/b", 1),
    sample("a/b", 3),
    sample("c/d", 2),
    sample("a/b", 2),
  ]);
  expect(newest.map(({ point, sampledAt }) => [point, sampledAt])).toEqual([
    ["a/b", 3],
    ["c/d", 2],
  ]);
});
