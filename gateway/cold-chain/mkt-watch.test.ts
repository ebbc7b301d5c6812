import { expect, test } from "vitest";
import { locationSchema } from "../../config/schema/location.ts";
import { profileSchema } from "../../config/schema/profile.ts";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { refill } from "../record/refill.ts";
import { MktWatch } from "./mkt-watch.ts";

const hour = 3_600_000;
const minute = 60_000;
const point: PointKey = "cold-2/t";
const text = { zh: "", en: "" };
const profiles = {
  cct: profileSchema.parse({
    profile: "cct",
    name: text,
    source: "USP 1079.2",
    mkt: { window: "24h", max: 8 },
  }),
};
const locations = {
  "cold-2": locationSchema.parse({ kind: "room", profile: "cct", temperature: point }),
};

function good(value: number): Sample {
  return { point, sampledAt: 0, quality: "good", value };
}

test("a day of 18 hours at 5 and 6 at 14 degrees is over 8, in whichever unit it comes", () => {
  for (const [unit, of] of [
    ["Cel", (celsius: number) => celsius],
    ["K", (celsius: number) => celsius + 273.15],
  ] as const) {
    const points = new Map([[point, { unit, everyMs: minute }]]);
    const watch = new MktWatch({ locations, profiles }, points);
    for (let mono = 0; mono <= 24 * hour; mono += minute) {
      watch.step([good(of(mono < 18 * hour ? 5 : 14))], { mono });
    }
    const [figure] = watch.figures(24 * hour);
    expect(figure).toMatchObject({ location: "cold-2", point, isOver: true, max: 8 });
    expect(figure?.mkt).toMatchObject({ celsius: expect.closeTo(8.285, 1) });
  }
});

test("time out of service, bad and silent is not covered", () => {
  const points = new Map([[point, { unit: "Cel", everyMs: minute }]]);
  const watch = new MktWatch({ locations, profiles }, points);
  for (let mono = 0; mono <= 24 * hour; mono += minute) {
    watch.step([good(5)], { mono }, () => mono >= 12 * hour);
  }
  expect(watch.figures(24 * hour)[0]?.mkt).toEqual({
    refused: "coverage",
    coverage: expect.closeTo(0.5, 2),
  });
});

test("the record of the day before fills the window after a start", () => {
  const points = new Map([[point, { unit: "Cel", everyMs: minute }]]);
  const watch = new MktWatch({ locations, profiles }, points);
  expect(watch.windows.get(point)).toBe(24 * hour);
  const now = Date.UTC(2026, 10, 1);
  const records = Array.from({ length: 47 }, (_, index) => ({
    point,
    at: now - 23 * hour + index * 30 * minute,
    place: "inside" as const,
    quality: "good" as const,
    value: 6,
    clock: "synchronized" as const,
  }));
  refill(watch, point, records, { everyMs: 30 * minute }, { at: now, mono: 0 });
  for (let mono = 0; mono <= hour; mono += minute) watch.step([good(6)], { mono });
  expect(watch.figures(hour)[0]).toMatchObject({
    mkt: { celsius: expect.closeTo(6, 6), coverage: expect.closeTo(1, 2) },
    isOver: false,
  });
});
