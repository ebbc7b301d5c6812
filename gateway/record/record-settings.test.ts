import { expect, test } from "vitest";
import { locationSchema } from "../../config/schema/location.ts";
import { profileSchema } from "../../config/schema/profile.ts";
import type { PointKey } from "../../drivers/contract.ts";
import { recordSettings, recordsKeptForMs } from "./record-settings.ts";

const text = { zh: "", en: "" };
const priority = "high";
const day = 86_400_000;

const profiles = {
  "gsp-cold": profileSchema.parse({
    profile: "gsp-cold",
    name: text,
    source: "GSP appendix 3",
    temperature: {
      high: { above: 8, priority, message: text },
      low: { below: 2, priority, message: text },
      early: { atOrAbove: 7.5, priority, message: text, excursion: false },
    },
    humidity: { high: { above: 75, priority, message: text } },
    duties: { recordEvery: "10min", recordEveryOutside: "1min", keepFor: `${6 * 366}d` },
  }),
  plain: profileSchema.parse({ profile: "plain", name: text, source: "house" }),
};

const locations = {
  "cold-2": locationSchema.parse({
    kind: "room",
    profile: "gsp-cold",
    temperature: ["cold-2/t1", "cold-2/t2"],
    humidity: "cold-2/h",
  }),
  store: locationSchema.parse({ kind: "room", profile: "plain", temperature: "store/t" }),
  office: locationSchema.parse({ kind: "room", temperature: "office/t" }),
};

test("what a profile's location watches is regulated, by the profile's limits and cadence", () => {
  const points = new Map<PointKey, { everyMs?: number; settings: object }>([
    ["cold-2/t1", { everyMs: 10_000, settings: { calibrated: { on: "2026-01-15" } } }],
  ]);
  const found = recordSettings({ locations, profiles }, points);

  expect([...found.keys()]).toEqual(["cold-2/t1", "cold-2/t2", "cold-2/h", "store/t"]);
  const first = found.get("cold-2/t1");
  expect(first).toMatchObject({
    everyMs: 600_000,
    everyOutsideMs: 60_000,
    readEveryMs: 10_000,
    location: "cold-2",
    calibration: "2026-01-15",
  });
  expect([1.9, 2, 7.5, 8, 8.1].map((value) => first?.isOutside(value))).toEqual([
    true,
    false,
    false,
    false,
    true,
  ]);
  expect(found.get("cold-2/h")?.isOutside(76)).toBe(true);
  expect(found.get("store/t")).toMatchObject({ everyMs: 1_800_000, everyOutsideMs: 120_000 });
});

test("records are kept as long as the profile asks for, five years without its word", () => {
  const keptFor = recordsKeptForMs({ locations, profiles });
  expect(keptFor("cold-2/t1")).toBe(6 * 366 * day);
  expect(keptFor("store/t")).toBe(5 * 366 * day);
  expect(keptFor("gone/t")).toBe(6 * 366 * day);
});
