import fc from "fast-check";
import { describe, expect, test } from "vitest";
import {
  dayMs,
  itemOf,
  judgedAt,
  lineOf,
  lotOf,
  noon,
} from "../../../tests/support/stock-lines.ts";
import { dayOfDate, zoneOf } from "../../rules/zone.ts";
import type { Item } from "../stocked.ts";
import { judge } from "./judge.ts";
import { nothingStands, type Standing } from "./standing.ts";

interface Look {
  readonly at: number;
  readonly quantity?: number;
  readonly dated?: boolean;
  readonly expires?: string;
}

/** What is said of lot A1 at each look: `+90`, `-90`, `+expired`. */
function life(item: Item, expires: string, looks: readonly Look[], timezone = "UTC") {
  let standing: Standing = nothingStands;
  return looks.map(({ at, quantity = 5, dated = true, ...look }) => {
    const lot = lotOf("A1", look.expires ?? expires, quantity, { at, timezone });
    const { daysLeft: _, ...timeless } = lot;
    const line = lineOf(item, 50, { lots: [dated ? lot : timeless], takenAt: at });
    const now = judgedAt(at, dated, timezone);
    const { findings, after } = judge(line, standing, { now, isEnabled: () => true });
    standing = after;
    return findings
      .map(({ kind, tierDays, to }) => {
        return `${to === "raised" ? "+" : "-"}${kind === "expired" ? kind : tierDays}`;
      })
      .join(" ");
  });
}

/** A look each day at that hour of UTC, from so many days before the date to so many behind it. */
function daily(expires: string, before: number, after: number, hour = 12): readonly Look[] {
  const last = dayOfDate(expires);
  return Array.from({ length: before + after + 1 }, (_, index) => ({
    at: (last - before + index) * dayMs + hour * 3_600_000,
  }));
}

const item = itemOf("insulin");

describe("the tiers of a lot", () => {
  test("warn exactly four times over its life, each over when the next one begins", () => {
    const said = life(item, "2027-03-31", daily("2027-03-31", 120, 30));
    const told = said.flatMap((text, index) => (text === "" ? [] : [[index - 120, text]]));
    expect(told).toEqual([
      [-90, "+90"],
      [-30, "-90 +30"],
      [-7, "-30 +7"],
      [1, "-7 +expired"],
    ]);
  });

  test("are the same over a leap day", () => {
    const said = life(item, "2028-03-01", daily("2028-03-01", 100, 5));
    const told = said.flatMap((text, index) => (text === "" ? [] : [[index - 100, text]]));
    expect(told.map(([day]) => day)).toEqual([-90, -30, -7, 1]);
  });

  test("begin with the one that a lot has reached when it comes", () => {
    expect(life(item, "2026-12-13", [{ at: noon }])).toEqual(["+30"]);
    expect(life(item, "2026-11-22", [{ at: noon }])).toEqual(["+expired"]);
  });

  test("skip those that passed while nobody looked", () => {
    const looks = [{ at: noon }, { at: noon + 80 * dayMs }, { at: noon + 90 * dayMs }];
    expect(life(item, "2027-02-15", looks)).toEqual(["+90", "-90 +7", "-7 +expired"]);
  });

  test("are over when the last piece of the lot is gone, or the lot itself", () => {
    expect(life(item, "2026-12-01", [{ at: noon }, { at: noon, quantity: 0 }])).toEqual([
      ...["+30", "-30"],
    ]);
    const line = lineOf(item, 5, { lots: [lotOf("A1", "2026-12-01", 5, { at: noon })] });
    const judging = { now: judgedAt(noon), isEnabled: () => true };
    const { after } = judge(line, nothingStands, judging);
    const { findings } = judge(lineOf(item, 5), after, judging);
    expect(findings).toMatchObject([
      { kind: "near-expiry", tierDays: 30, lot: "A1", to: "returned" },
    ]);
  });

  test("of an item are its own", () => {
    const short = itemOf("milk", { expiryTiers: ["14d", "3d", "0d"] });
    const said = life(short, "2026-12-20", daily("2026-12-20", 30, 3)).filter(Boolean);
    expect(said).toEqual(["+14", "-14 +3", "-3 +expired"]);
  });

  test("shorter than a day warn on the last day, not behind it", () => {
    const fresh = itemOf("fish", { expiryTiers: ["12h"] });
    const said = life(fresh, "2026-12-20", daily("2026-12-20", 2, 1));
    expect(said).toEqual(["", "", "+0", "-0 +expired"]);
  });
});

describe("the calendar", () => {
  test("is the gateway's: the last day ends at its midnight", () => {
    // 2026-12-01 in Shanghai ends at 16:00 UTC.
    const looks = [{ at: Date.UTC(2026, 11, 1, 15, 59) }, { at: Date.UTC(2026, 11, 1, 16, 0) }];
    expect(life(item, "2026-12-01", looks, "Asia/Shanghai")).toEqual(["+7", "-7 +expired"]);
    // And in New York at 05:00 UTC of the next day.
    const west = [{ at: Date.UTC(2026, 11, 2, 4, 59) }, { at: Date.UTC(2026, 11, 2, 5, 0) }];
    expect(life(item, "2026-12-01", west, "America/New_York")).toEqual(["+7", "-7 +expired"]);
  });

  test("has days of 23 and of 25 hours", () => {
    // Berlin, 2027-03-28 and 2026-10-25.
    const spring = [Date.UTC(2027, 2, 28, 21, 59), Date.UTC(2027, 2, 28, 22, 0)];
    const autumn = [Date.UTC(2026, 9, 25, 22, 59), Date.UTC(2026, 9, 25, 23, 0)];
    const looks = (instants: readonly number[]) => instants.map((at) => ({ at }));
    expect(life(item, "2027-03-28", looks(spring), "Europe/Berlin")).toEqual(["+7", "-7 +expired"]);
    expect(life(item, "2026-10-25", looks(autumn), "Europe/Berlin")).toEqual(["+7", "-7 +expired"]);
  });

  test("that goes back over a midnight tells nothing twice", () => {
    const midnight = Date.UTC(2027, 0, 1);
    const looks = [1, -2_000, 1_000, -1, 5].map((ms) => ({ at: midnight + ms }));
    // 2027-01-08: seven days from New Year's Day, eight from the day before.
    expect(life(item, "2027-01-08", looks)).toEqual(["+7", "", "", "", ""]);
    // And of the day behind the last.
    expect(life(item, "2026-12-31", looks)).toEqual(["+expired", "", "", "", ""]);
  });

  test("that was wrong by months is corrected", () => {
    const looks = [{ at: noon }, { at: noon + 300 * dayMs }, { at: noon }];
    expect(life(item, "2027-05-01", looks)).toEqual(["", "+expired", "-expired"]);
  });

  test("that is not believed leaves all as it is", () => {
    const looks = [{ at: noon, dated: false }, { at: noon }, { at: 0, dated: false }, { at: noon }];
    expect(life(item, "2026-12-01", looks)).toEqual(["", "+30", "", ""]);
  });

  test("a date that was corrected to a later one ends the warning", () => {
    const looks = [{ at: noon }, { at: noon, expires: "2028-01-01" }];
    expect(life(item, "2026-12-01", looks)).toEqual(["+30", "-30"]);
  });
});

test("whatever days are looked at, a tier comes once, in order, and one is in force at most", () => {
  const steps = fc.array(fc.integer({ min: 0, max: 40 * 24 }), { minLength: 1, maxLength: 60 });
  const zones = fc.constantFrom("UTC", "Asia/Shanghai", "America/St_Johns", "Pacific/Apia");
  fc.assert(
    fc.property(steps, zones, fc.integer({ min: 0, max: 365 }), (hours, timezone, from) => {
      let at = noon + from * dayMs;
      const expires = new Date(at + 150 * dayMs).toISOString().slice(0, 10);
      const looks = hours.map((step) => {
        at += step * 3_600_000;
        return { at };
      });
      const words = life(item, expires, looks, timezone).join(" ").split(" ").filter(Boolean);
      const raised = words.filter((word) => word.startsWith("+"));
      const order = ["+90", "+30", "+7", "+expired"];
      expect(raised).toEqual(order.filter((tier) => raised.includes(tier)));
      const ended = words.filter((word) => word.startsWith("-")).length;
      expect(raised.length - ended).toBeLessThanOrEqual(1);
      const left = dayOfDate(expires) - zoneOf(timezone).dayOf(at);
      const inForce = raised.length > ended ? raised.at(-1) : undefined;
      const expected =
        left < 0
          ? "+expired"
          : left <= 7
            ? "+7"
            : left <= 30
              ? "+30"
              : left <= 90
                ? "+90"
                : undefined;
      expect(inForce).toBe(expected);
    }),
  );
});
