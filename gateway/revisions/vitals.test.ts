import { expect, test } from "vitest";
import { downText } from "../../config/language/down.ts";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import type { LatestSample } from "../latest.ts";
import { type ChannelVitals, deliveryOf, type Vitals, verdict } from "./vitals.ts";

const begun = 100_000;
const trialMs = 60_000;
const well: ChannelVitals = {
  ...{ isOpen: true, isRead: true, isTold: false, isBad: false },
  fellThriceSince: undefined,
};
/** Speaks when something changes. */
const contact: ChannelVitals = { ...well, isRead: false, isTold: true };

function vitals(line: ChannelVitals | undefined, more: Partial<Vitals> = {}): Vitals {
  const channels = new Map(line === undefined ? [] : [["line", line] as const]);
  return { at: begun, problems: new Map(), channels, ...more };
}

function judged(
  before: ChannelVitals | undefined,
  after: ChannelVitals | undefined,
  more: Partial<Vitals> = {},
) {
  const late = vitals(after, { at: begun + trialMs, ...more });
  return verdict(vitals(before), late, downText.en)?.split(";")[0];
}

test.each([
  ["all is well", well, well],
  ["a channel that was dead before is not its fault", { ...well, isRead: false }, contact],
  ["nor one that was closed", { ...well, isOpen: false }, { ...well, isOpen: false }],
  ["nor one that is no more", well, undefined],
  [
    "a contact that says nothing is one at which nothing happens",
    contact,
    { ...contact, isTold: false },
  ],
  ["one bad point of several", contact, { ...contact, isBad: true }],
  [
    "a channel that is new and open, and delivers nothing yet",
    undefined,
    { ...well, isRead: false },
  ],
  [
    "it fell so often before as well",
    { ...well, fellThriceSince: begun - trialMs },
    { ...well, fellThriceSince: begun + 1 },
  ],
  ["its third fall was before", well, { ...well, fellThriceSince: begun - 1 }],
])("it may stay: %s", (_, before, after) => {
  expect(judged(before, after)).toBeUndefined();
});

const dead = "channel line delivers nothing any more";

test.each([
  ["what is read on a schedule gives nothing", well, { ...well, isRead: false }, dead],
  ["though contacts of the channel still have their values", well, { ...contact }, dead],
  [
    "contacts have only reasons any more",
    contact,
    { ...contact, isTold: false, isBad: true },
    dead,
  ],
  ["it was open and is not", contact, { ...contact, isOpen: false }, "channel line does not open"],
  [
    "it is new and does not open",
    undefined,
    { ...well, isOpen: false },
    "channel line does not open",
  ],
  [
    "it fails again and again, though it is well just now",
    { ...well, fellThriceSince: begun - trialMs - 1 },
    { ...well, fellThriceSince: begun },
    "channel line failed 3 times within the trial",
  ],
])("it must not stay: %s", (_, before, after, why) => {
  expect(judged(before, after)).toBe(why);
});

test("a problem of a channel, the store or the file itself counts when it is new, and says itself", () => {
  const of = (part: string) => ({ problems: new Map([[part, "it broke"]]) });
  expect(judged(well, well, of("store"))).toBe("store: it broke");
  expect(judged(well, well, of("channel-line"))).toBe("channel-line: it broke");
  expect(judged(well, well, of("config"))).toBe("config: it broke");
  expect(judged(well, well, of("broker"))).toBeUndefined();
});

const scheduled = { key: "a/t", staleAfterMs: 10_000 } as const;
const unscheduled = { key: "a/door", staleAfterMs: undefined } as const;

function heard(...samples: readonly (readonly [PointKey, Sample["quality"], number])[]) {
  const all = samples.map(([point, quality, mono]): [PointKey, LatestSample] => {
    const common = { point, sampledAt: 0 };
    const sample: Sample =
      quality === "bad"
        ? { ...common, quality, reason: "timeout" }
        : { ...common, quality, value: 1 };
    return [point, { sample, mono, goodMono: undefined }];
  });
  const latest = new Map(all);
  return deliveryOf([scheduled, unscheduled], (key) => latest.get(key), 50_000);
}

const nothing = { isRead: false, isTold: false, isBad: false };

test("what a channel delivers: values that are not too old, of points with and without a schedule", () => {
  expect(heard()).toEqual(nothing);
  expect(heard(["a/t", "good", 40_000])).toEqual({ ...nothing, isRead: true });
  expect(heard(["a/t", "uncertain", 40_000])).toEqual({ ...nothing, isRead: true });
  expect(heard(["a/t", "good", 39_999])).toEqual(nothing);
  expect(heard(["a/t", "bad", 50_000])).toEqual(nothing);
  expect(heard(["a/door", "good", 1])).toEqual({ ...nothing, isTold: true });
  expect(heard(["a/door", "bad", 1])).toEqual({ ...nothing, isBad: true });
  expect(heard(["a/door", "good", 1], ["a/t", "bad", 1])).toEqual({ ...nothing, isTold: true });
});
