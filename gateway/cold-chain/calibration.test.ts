import { expect, test } from "vitest";
import type { PointKey } from "../../drivers/contract.ts";
import {
  CalibrationWatch,
  calibrationDue,
  calibrationId,
  calibrationProblems,
  dayIn,
} from "./calibration.ts";

const point: PointKey = "cold-2/temperature";
const settings = new Map([
  [point, { calibrated: { on: "2026-01-15", certificate: "JL-2026-117" } }],
  ["cold-3/temperature" as const, {}],
]);

test.each([
  ["2026-12-15", undefined],
  ["2026-12-16", { stage: "30", daysLeft: 30 }],
  ["2027-01-07", { stage: "30", daysLeft: 8 }],
  ["2027-01-08", { stage: "7", daysLeft: 7 }],
  ["2027-01-15", { stage: "0", daysLeft: 0 }],
  ["2027-01-16", { stage: "overdue", daysLeft: -1 }],
])("on %s a calibration of a year ago stands at %j", (today, expected) => {
  const [problem] = calibrationProblems(settings, today);
  if (expected === undefined) expect(problem).toBeUndefined();
  else expect(problem).toMatchObject({ point, due: "2027-01-15", ...expected });
});

test("a due date is as given, or a year later, on 29 February the last of the month", () => {
  expect(calibrationDue({ on: "2026-01-15", due: "2026-07-15" })).toBe("2026-07-15");
  expect(calibrationDue({ on: "2028-02-29" })).toBe("2029-02-28");
  expect(calibrationDue({ on: "2027-12-31" })).toBe("2028-12-31");
});

test("a calibration is named by its certificate, else by its day", () => {
  expect(calibrationId({ on: "2026-01-15", certificate: "JL-1" })).toBe("JL-1");
  expect(calibrationId({ on: "2026-01-15" })).toBe("2026-01-15");
});

test("the day is that of the gateway's time zone", () => {
  const at = Date.UTC(2026, 10, 22, 18);
  expect(dayIn("UTC", at)).toBe("2026-11-22");
  expect(dayIn("Asia/Shanghai", at)).toBe("2026-11-23");
});

test("each stage is told once, also across restarts, and again after the next calibration", () => {
  const day = (text: string) => Date.parse(`${text}T12:00:00Z`);
  const kept = new Map<string, unknown>();
  const keep = (state: ReadonlyMap<string, unknown>) => {
    for (const [key, value] of state) {
      if (value === undefined) kept.delete(key);
      else kept.set(key, JSON.parse(JSON.stringify(value)));
    }
  };
  const run = (watch: CalibrationWatch, text: string) => {
    const news = watch.step(day(text));
    keep(news.state);
    expect(news.events).toHaveLength(news.notices.length);
    return news.notices.map(({ stage }) => stage);
  };
  let watch = new CalibrationWatch(settings, "UTC", kept);
  expect(run(watch, "2026-12-15")).toEqual([]);
  expect(run(watch, "2026-12-16")).toEqual(["30"]);
  expect(run(watch, "2026-12-17")).toEqual([]);
  watch = new CalibrationWatch(settings, "UTC", kept);
  expect(run(watch, "2026-12-18")).toEqual([]);
  expect(run(watch, "2027-01-10")).toEqual(["7"]);
  expect(run(watch, "2027-01-15")).toEqual(["0"]);
  expect(watch.isOverdue(point)).toBe(false);
  expect(run(watch, "2027-02-01")).toEqual(["overdue"]);
  expect(watch.isOverdue(point)).toBe(true);

  const renewed = new Map([[point, { calibrated: { on: "2027-02-02" } }]]);
  watch = new CalibrationWatch(renewed, "UTC", kept);
  expect(run(watch, "2027-02-02")).toEqual([]);
  expect(kept.size).toBe(0);
});

test("saved stages that cannot be read are told again", () => {
  const watch = new CalibrationWatch(settings, "UTC", new Map([[`calibration/${point}`, 7]]));
  expect(watch.step(Date.UTC(2027, 0, 15)).notices).toHaveLength(1);
});
