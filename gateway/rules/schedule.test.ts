import { describe, expect, test } from "vitest";
import { type ScheduleConfig, scheduleSchema } from "../../config/schema/schedule.ts";
import { good, hour, minute, RuleWatch, ruleOf } from "../../tests/support/rule-watch.ts";
import { cronRuns, dueRuns } from "./cron-runs.ts";
import type { Condition } from "./rule.ts";
import { scheduleOf } from "./schedule.ts";

const utc = (text: string) => Date.parse(`${text}Z`);

/** When it is on between two instants, as `from/to` in UTC. */
function spans(given: unknown, timezone: string, from: string, to: string): readonly string[] {
  const schedule = scheduleOf(scheduleSchema.parse(given), timezone);
  const text = (at: number) => new Date(at).toISOString().slice(0, 16);
  const found: string[] = [];
  let begun: number | undefined;
  for (let at = utc(from); at < utc(to); ) {
    const { active, until } = schedule.at(at);
    expect(until).toBeGreaterThan(at);
    if (active) begun ??= at;
    else if (begun !== undefined) {
      found.push(`${text(begun)}/${text(at)}`);
      begun = undefined;
    }
    at = until;
  }
  if (begun !== undefined) found.push(`${text(begun)}/`);
  return found;
}

describe("hours of the week", () => {
  test("in the time zone of the gateway, over midnight, on the day on which they begin", () => {
    const nights = { hours: [{ days: ["fri", "sat"], from: "22:00", to: "06:00" }] };
    // 2026-10-02 is a Friday; Shanghai is UTC+8.
    expect(spans(nights, "Asia/Shanghai", "2026-10-01T00:00", "2026-10-08T00:00")).toEqual([
      "2026-10-02T14:00/2026-10-02T22:00",
      "2026-10-03T14:00/2026-10-03T22:00",
    ]);
  });

  test("several a day, and days that are left out", () => {
    const shifts = {
      hours: [
        { from: "08:00", to: "12:00" },
        { from: "13:00", to: "17:00" },
      ],
      except: ["2026-10-01"],
    };
    expect(spans(shifts, "UTC", "2026-09-30T12:30", "2026-10-02T12:30")).toEqual([
      "2026-09-30T13:00/2026-09-30T17:00",
      "2026-10-02T08:00/2026-10-02T12:00",
    ]);
  });

  test("equal times are the whole day round", () => {
    const always = { hours: [{ from: "00:00", to: "00:00" }] };
    expect(spans(always, "Europe/Berlin", "2026-10-01T00:00", "2026-10-05T00:00")).toEqual([
      "2026-10-01T00:00/",
    ]);
  });

  test("the night on which clocks go forward is an hour shorter, the other an hour longer", () => {
    const nights = { hours: [{ from: "22:00", to: "06:00" }] };
    expect(spans(nights, "Europe/Berlin", "2026-03-28T12:00", "2026-03-30T00:00")[0]).toBe(
      "2026-03-28T21:00/2026-03-29T04:00",
    );
    expect(spans(nights, "Europe/Berlin", "2026-10-24T12:00", "2026-10-25T12:00")[0]).toBe(
      "2026-10-24T20:00/2026-10-25T05:00",
    );
  });

  test("times that are skipped or come twice", () => {
    const odd = (from: string, to: string) => ({ hours: [{ from, to }] });
    const spring = (from: string, to: string) =>
      spans(odd(from, to), "Europe/Berlin", "2026-03-29T00:00", "2026-03-29T10:00");
    const autumn = (from: string, to: string) =>
      spans(odd(from, to), "Europe/Berlin", "2026-10-24T22:00", "2026-10-25T10:00");
    expect(spring("02:30", "04:00")).toEqual(["2026-03-29T01:00/2026-03-29T02:00"]);
    expect(spring("01:30", "02:30")).toEqual(["2026-03-29T00:30/2026-03-29T01:00"]);
    expect(spring("02:10", "02:50")).toEqual([]);
    expect(autumn("01:00", "02:30")).toEqual(["2026-10-24T23:00/2026-10-25T01:30"]);
    expect(autumn("02:30", "04:00")).toEqual(["2026-10-25T00:30/2026-10-25T03:00"]);
  });

  test("a zone that moves by half an hour", () => {
    const nights = { hours: [{ from: "22:00", to: "06:00" }] };
    expect(spans(nights, "Australia/Lord_Howe", "2026-04-04T06:00", "2026-04-05T06:00")).toEqual([
      "2026-04-04T11:00/2026-04-04T19:30",
    ]);
  });
});

describe("cron", () => {
  const defrost = { cron: "0 3 * * *", for: "20min" };

  test("each run lasts for its time, in the gateway's zone and not the machine's", () => {
    expect(spans(defrost, "Asia/Shanghai", "2026-10-01T00:00", "2026-10-03T00:00")).toEqual([
      "2026-10-01T19:00/2026-10-01T19:20",
      "2026-10-02T19:00/2026-10-02T19:20",
    ]);
  });

  test("runs that overlap are one", () => {
    const often = { cron: "*/10 8-9 * * *", for: "15min" };
    expect(spans(often, "UTC", "2026-10-01T00:00", "2026-10-02T00:00")).toEqual([
      "2026-10-01T08:00/2026-10-01T10:05",
    ]);
  });

  test("days that are left out", () => {
    const given = { ...defrost, except: ["2026-10-02", "2026-10-03"] };
    expect(spans(given, "UTC", "2026-10-01T00:00", "2026-10-05T00:00")).toEqual([
      "2026-10-01T03:00/2026-10-01T03:20",
      "2026-10-04T03:00/2026-10-04T03:20",
    ]);
  });

  test("a run whose beginning was missed is on for what is left of it", () => {
    const schedule = scheduleOf(scheduleSchema.parse(defrost), "UTC");
    expect(schedule.at(utc("2026-10-01T03:12:34.567"))).toEqual({
      active: true,
      until: utc("2026-10-01T03:20"),
    });
  });

  test("what is next never lies at or before now, whatever part of a second it is", () => {
    const runs = cronRuns("* * * * * *", "UTC");
    for (const ms of [0, 1, 499, 500, 999]) {
      const at = utc("2026-10-01T03:00:10") + ms;
      expect(runs.after(at)).toBe(utc("2026-10-01T03:00:11"));
    }
    expect(cronRuns("0 3 * * *", "UTC").after(utc("2026-10-01T03:00"))).toBe(
      utc("2026-10-02T03:00"),
    );
  });

  test("a day that no month has is never", () => {
    expect(cronRuns("0 0 30 2 *", "UTC").after(utc("2026-10-01T00:00"))).toBe(
      Number.POSITIVE_INFINITY,
    );
  });
});

describe("jobs that are due", () => {
  const monthly = "0 9 1 * *";

  test("a run that was missed is due once, and only the latest", () => {
    const now = utc("2026-10-15T12:00");
    expect(dueRuns(monthly, "UTC", utc("2026-06-20T00:00"), now)).toBe(utc("2026-10-01T09:00"));
    expect(dueRuns(monthly, "UTC", utc("2026-10-01T09:00"), now)).toBeUndefined();
    expect(dueRuns(monthly, "Asia/Shanghai", utc("2026-09-30T00:00"), now)).toBe(
      utc("2026-10-01T01:00"),
    );
  });

  test("due from the very instant on, and not when the clock went back", () => {
    const last = utc("2026-09-01T09:00");
    expect(dueRuns(monthly, "UTC", last, utc("2026-10-01T09:00") - 1)).toBeUndefined();
    expect(dueRuns(monthly, "UTC", last, utc("2026-10-01T09:00"))).toBe(utc("2026-10-01T09:00"));
    expect(dueRuns(monthly, "UTC", last, utc("2025-10-01T09:00"))).toBeUndefined();
  });

  test("a year of missed minutes is found without walking through it", () => {
    const now = utc("2026-10-15T12:34:56");
    expect(dueRuns("* * * * *", "UTC", utc("2025-10-15T00:00"), now)).toBe(utc("2026-10-15T12:34"));
  });
});

describe("as a condition", () => {
  const point = "fridge/temperature";
  const hours: ScheduleConfig = scheduleSchema.parse({ hours: [{ from: "22:00", to: "06:00" }] });
  const night: Condition = { is: "during", schedule: "night", hours, timezone: "UTC" };
  const warm: Condition = { is: "above", point, limit: 8, inclusive: false, deadband: 0 };
  const noon = utc("2026-10-01T12:00");

  test("begins and ends by the clock, to the millisecond", () => {
    const watch = new RuleWatch(ruleOf(night), { offsetMs: noon });
    watch.until(24 * hour);
    expect(watch.seen).toEqual([`${10 * hour} violated`, `${18 * hour} returned`]);
  });

  test("within all and not it narrows a rule to some hours", () => {
    const byNight = new RuleWatch(ruleOf({ is: "all", of: [warm, night] }), { offsetMs: noon });
    const byDay = new RuleWatch(ruleOf({ is: "all", of: [{ is: "not", part: night }, warm] }), {
      offsetMs: noon,
    });
    for (const watch of [byNight, byDay]) {
      watch.at(hour, good(point, 9));
      watch.until(20 * hour);
    }
    expect(byNight.seen).toEqual([`${10 * hour} violated`, `${18 * hour} returned`]);
    expect(byDay.seen.slice(0, 2)).toEqual([`${hour} violated`, `${10 * hour} returned`]);
  });

  test("is on at the start when its beginning was missed", () => {
    const watch = new RuleWatch(ruleOf(night), { offsetMs: noon + 11 * hour });
    watch.at(0);
    expect(watch.seen).toEqual(["0 violated"]);
  });

  test("follows a clock that is set, at once", () => {
    const watch = new RuleWatch(ruleOf(night), { offsetMs: noon });
    watch.at(minute);
    watch.offsetMs += 11 * hour;
    expect(watch.at(2 * minute)).toBe("+");
    watch.offsetMs -= 24 * hour;
    expect(watch.at(3 * minute)).toBe("");
    watch.offsetMs += 12 * hour;
    expect(watch.at(4 * minute)).toBe("-");
  });

  test("a clock that was never set says nothing: neither night nor day", () => {
    const watch = new RuleWatch(ruleOf(night), { offsetMs: 23 * hour });
    expect(watch.at(minute)).toBe("");
    const raised = new RuleWatch(ruleOf(night), { offsetMs: noon + 11 * hour });
    raised.at(0);
    expect(raised.seen).toEqual(["0 violated"]);
    raised.offsetMs = 12 * hour;
    expect(raised.at(minute)).toBe("");
    expect(raised.rules.isHeld("r")).toBe(true);
    raised.offsetMs = noon;
    expect(raised.at(2 * minute)).toBe("-");
  });
});

test.each(["0 22 * * fri-sun", "0 22 * * 5-7", "0 22 * * FRI,sat,Sun"])(
  "a range of days that ends with Sunday runs: %s",
  (line) => {
    const runs = cronRuns(line, "UTC");
    const monday = Date.UTC(2026, 10, 23);
    const days = [0, 1, 2].reduce<number[]>(
      (found) => [...found, runs.after(found.at(-1) ?? monday)],
      [],
    );
    expect(days.map((at) => new Date(at).toISOString().slice(0, 13))).toEqual([
      "2026-11-27T22",
      "2026-11-28T22",
      "2026-11-29T22",
    ]);
  },
);
