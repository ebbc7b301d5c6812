import fc from "fast-check";
import { expect, test } from "vitest";
import { noise } from "../../../tests/support/noise.ts";
import {
  epcOf,
  TagRig,
  tagSet,
  tagsSilent,
  tagWall,
} from "../../../tests/support/simulated-tags.ts";
import { fieldTagsMax } from "./reader-field.ts";
import { strangersMax } from "./strangers.ts";
import { recordKeys } from "./tag-records.ts";

const [a1, b1, a2] = [epcOf(1, 2), epcOf(1, 1), epcOf(1, 4)];
const box = epcOf(2, 1);
const stranger = epcOf(9, 1);

/** Both readers have told what they see first, and that is nothing. */
function open(): TagRig {
  const rig = new TagRig({});
  rig.see({ "reader-a": [], "reader-b": [] });
  return rig;
}

test("the first set of a reader is a count, told by item and lot, and what comes later has arrived", () => {
  const rig = new TagRig({});
  const events = rig.see({ "reader-a": [a1, b1, a2, box] });
  expect(events).toMatchObject([
    { is: "arrived", location: "shelf-a", item: "insulin", lot: "A1", pieces: 2, first: true },
    { is: "arrived", item: "insulin", lot: "B2", pieces: 1, tags: [b1], first: true },
    { is: "arrived", item: "saline", lot: "S1", pieces: 10, first: true },
  ]);
  const [later] = rig.see({ "reader-a": [a1, b1, a2, box, epcOf(3, 1)] });
  expect(later).toMatchObject({ is: "arrived", item: "gauze", pieces: 1 });
  expect(later).not.toHaveProperty("first");
  expect(later).not.toHaveProperty("lot");
  expect(rig.watch.tagCounts("shelf-a")).toEqual([
    { item: "gauze", pieces: 1, grain: 1, uncertain: false },
    { item: "insulin", lot: "A1", pieces: 2, grain: 1, uncertain: false },
    { item: "insulin", lot: "B2", pieces: 1, grain: 1, uncertain: false },
    { item: "saline", lot: "S1", pieces: 10, grain: 10, uncertain: false },
  ]);
  expect(rig.watch.tagCounts("shelf-b")).toBeUndefined();
});

test("what is lifted and put back within the patience is nothing, what stays away has left once", () => {
  const rig = open();
  rig.see({ "reader-a": [a1] });
  expect(rig.see({ "reader-a": [] })).toEqual([]);
  expect(rig.see({ "reader-a": [a1] }, 4_000)).toEqual([]);
  expect(rig.step([], 20_000).events).toEqual([]);
  rig.see({ "reader-a": [] });
  const seenGoneAt = rig.instant.at;
  expect(rig.watch.nextDue()).toBe(rig.instant.mono + 5_000);
  expect(rig.step([], 4_999).events).toEqual([]);
  expect(rig.step([], 1).events).toEqual([
    {
      is: "left",
      location: "shelf-a",
      item: "insulin",
      lot: "A1",
      pieces: 1,
      tags: [a1],
      at: seenGoneAt,
    },
  ]);
  expect(rig.watch.nextDue()).toBeUndefined();
  expect(rig.see({ "reader-a": [] }, 60_000)).toEqual([]);
});

test("a tag that turns up elsewhere within the patience has moved: left and arrived, each with the other", () => {
  const rig = open();
  rig.see({ "reader-a": [a1, a2] });
  rig.see({ "reader-a": [a2] });
  rig.see({ "reader-b": [a1] }, 3_000);
  expect(rig.step([], 5_000).events).toMatchObject([
    { is: "left", location: "shelf-a", partner: "shelf-b", tags: [a1] },
    { is: "arrived", location: "shelf-b", partner: "shelf-a", tags: [a1] },
  ]);
  expect(rig.watch.where(a1)).toBe("shelf-b");
});

test("of two readers that both see a tag the one that came to see it last has it, until it loses it", () => {
  const rig = open();
  rig.see({ "reader-a": [a1] });
  rig.see({ "reader-b": [a1] });
  rig.step([], 5_000);
  expect(rig.watch.where(a1)).toBe("shelf-b");
  rig.see({ "reader-a": [a1], "reader-b": [a1] }, 60_000);
  expect(rig.step([], 10_000).events).toEqual([]);
  rig.see({ "reader-b": [] });
  expect(rig.step([], 5_000).events).toMatchObject([
    { is: "left", location: "shelf-b", partner: "shelf-a" },
    { is: "arrived", location: "shelf-a", partner: "shelf-b" },
  ]);
});

test("a move is told its time after the other reader saw it, whether the first one has lost it or fell silent", () => {
  for (const isSilent of [false, true]) {
    const rig = open();
    rig.see({ "reader-a": [a1] });
    rig.see({ "reader-b": [a1] });
    const at = rig.instant.at + 4_000;
    const last = isSilent ? tagsSilent("reader-a/tags", at) : tagSet("reader-a/tags", [], at);
    expect(rig.step([last], 4_000).events).toEqual([]);
    expect(rig.step([], 1_000).events).toMatchObject([
      { is: "left", location: "shelf-a" },
      { is: "arrived", location: "shelf-b", at: at - 4_000 },
    ]);
  }
});

test("of two readers that come to see a tag in one step the newer one has it", () => {
  for (const newer of ["a", "b"]) {
    const rig = open();
    const at = rig.instant.at + 1_000;
    rig.step([
      tagSet("reader-a/tags", [a1], newer === "a" ? at : at - 300),
      tagSet("reader-b/tags", [a1], newer === "b" ? at : at - 300),
    ]);
    expect(rig.events).toMatchObject([{ is: "arrived", location: `shelf-${newer}` }]);
  }
});

test("a tag that two readers see keeps its place over a restart, whichever of them answers first", () => {
  for (const order of [
    ["reader-a", "reader-b"],
    ["reader-b", "reader-a"],
  ]) {
    const rig = open();
    rig.see({ "reader-a": [a1] });
    rig.see({ "reader-b": [a1] });
    rig.step([], 5_000);
    const told = rig.events.length;
    rig.restart();
    for (const reader of order) rig.see({ [reader]: [a1] });
    rig.step([], 60_000);
    expect(rig.events.slice(told)).toEqual([]);
    expect(rig.watch.where(a1)).toBe("shelf-b");
  }
});

test("a silent reader and an uncertain set make nothing leave, also not what was about to", () => {
  const rig = open();
  rig.see({ "reader-a": [a1, a2] });
  const watchedAt = rig.instant.at;
  rig.step([tagSet("reader-a/tags", [a1], rig.instant.at + 1_000, "uncertain")]);
  expect(rig.step([], 60_000).events).toEqual([]);
  rig.step([tagSet("reader-a/tags", [a1, a2], rig.instant.at + 1_000)]);
  rig.step([tagSet("reader-a/tags", [a1], rig.instant.at + 1_000)]);
  rig.step([tagsSilent("reader-a/tags", rig.instant.at + 1_000)]);
  expect(rig.step([], 60_000).events).toEqual([]);
  expect(rig.watch.tagCounts("shelf-a")).toMatchObject([{ pieces: 2, uncertain: true }]);
  expect(rig.watch.isWatched("shelf-a")).toBe(false);
  rig.see({ "reader-a": [a1] });
  const [left] = rig.step([], 5_000).events;
  expect(left).toMatchObject({ is: "left", tags: [a2] });
  expect(left).toHaveProperty("since");
  expect(left !== undefined && "since" in left ? left.since : 0).toBeGreaterThan(watchedAt);
});

test("what came and went while the gateway was off is told with the time since when nobody watched", () => {
  const rig = open();
  rig.see({ "reader-a": [a1] });
  const watchedAt = rig.instant.at;
  rig.restart(3_600_000);
  rig.step([tagSet("reader-a/tags", [], rig.instant.at + 1_000, "uncertain")]);
  rig.see({ "reader-a": [b1] });
  const events = [...rig.events.slice(-1), ...rig.step([], 5_000).events];
  expect(events).toMatchObject([
    { is: "arrived", tags: [b1], since: watchedAt },
    { is: "left", tags: [a1], since: watchedAt },
  ]);
});

test("with more tags than a set can name those that are not named any more stay", () => {
  const rig = open();
  const all = Array.from({ length: 700 }, (_, n) => epcOf(3, n));
  rig.see({ "reader-a": all.slice(0, 600) });
  const named = [...all.slice(650), ...all.slice(0, 550)];
  rig.step([tagSet("reader-a/tags", named, rig.instant.at + 1_000, "uncertain")]);
  expect(rig.step([], 600_000).events).toEqual([]);
  expect(rig.watch.tagCounts("shelf-a")).toMatchObject([{ pieces: 650, uncertain: true }]);
});

test(`a field of more than ${fieldTagsMax} tags takes no further one`, () => {
  const rig = open();
  const all = Array.from({ length: fieldTagsMax + 10 }, (_, n) => epcOf(3, n));
  rig.see({ "reader-a": all });
  expect(rig.watch.tagCounts("shelf-a")).toMatchObject([{ pieces: fieldTagsMax }]);
});

test("strangers are told once, not again after a restart, and have arrived as soon as they are registered", () => {
  let isRegistered = false;
  const rig = new TagRig({
    resolve: (epc) => (epc === stranger && isRegistered ? { item: "mask", pieces: 1 } : undefined),
  });
  rig.see({ "reader-a": [] });
  expect(rig.see({ "reader-a": [stranger] })).toMatchObject([
    { is: "unknown", location: "shelf-a", tags: [stranger] },
  ]);
  expect(rig.see({ "reader-a": [stranger], "reader-b": [stranger] })).toEqual([]);
  rig.restart();
  expect(rig.see({ "reader-a": [stranger] })).toEqual([]);
  isRegistered = true;
  expect(rig.see({ "reader-a": [stranger] })).toMatchObject([{ is: "arrived", item: "mask" }]);
});

test(`no more than ${strangersMax} strangers are told, however often they are seen`, () => {
  const rig = open();
  const all = Array.from({ length: strangersMax + 100 }, (_, n) => epcOf(9, n));
  for (let n = 0; n < 5; n += 1) rig.see({ "reader-a": all });
  const told = rig.events.flatMap((event) => (event.is === "unknown" ? event.tags : []));
  expect(told).toHaveLength(strangersMax);
  expect(new Set(told).size).toBe(strangersMax);
});

test("600 tags of one article are kept in less than 7 kB, and come back as they were", () => {
  const rig = open();
  const random = noise(5);
  const all = Array.from({ length: 600 }, () => epcOf(3, Math.floor(random() * 2 ** 38)));
  rig.see({ "reader-a": all });
  const record = rig.state.get(recordKeys.presence("shelf-a"));
  expect(JSON.stringify(record).length).toBeLessThan(7_000);
  rig.restart();
  expect(all.every((epc) => rig.watch.where(epc) === "shelf-a")).toBe(true);
});

test("lower case and rubbish in a set do no harm", () => {
  const rig = open();
  const at = rig.instant.at;
  const value = `${a1.toLowerCase()}  nonsense XYZ 12 ${"F".repeat(200)}`;
  rig.step([{ point: "reader-a/tags", sampledAt: at, quality: "good", value }]);
  rig.step([{ point: "reader-a/tags", sampledAt: at, quality: "good", value: 7 }]);
  expect(rig.events).toMatchObject([{ is: "arrived", tags: [a1] }]);
});

/** Tags that are each at one of two shelves or away, and change at random. */
const moves = fc.array(
  fc.record({
    tag: fc.integer({ min: 0, max: 7 }),
    to: fc.constantFrom("reader-a", "reader-b", "away"),
    afterMs: fc.constantFrom(200, 1_000, 6_000),
    kill: fc.boolean(),
    fault: fc.constantFrom("", "", "", "reader-a", "reader-b"),
  }),
  { maxLength: 40 },
);

/** Pieces by location and lot as the events sum up. */
function sumOf(rig: TagRig): ReadonlyMap<string, number> {
  const sum = new Map<string, number>();
  for (const event of rig.events) {
    if (event.is !== "arrived" && event.is !== "left") continue;
    const key = `${event.location} ${event.item} ${event.lot ?? ""}`;
    sum.set(key, (sum.get(key) ?? 0) + (event.is === "arrived" ? event.pieces : -event.pieces));
  }
  return new Map([...sum].filter(([, pieces]) => pieces !== 0));
}

test("killed at any step and cut off at any time: arrivals less departures are what lies there", () => {
  fc.assert(
    fc.property(moves, (story) => {
      const rig = open();
      const at = new Map<number, string>();
      const setOf = (reader: string) =>
        [...at].flatMap(([tag, where]) => (where === reader ? [epcOf(1, tag)] : []));
      for (const { tag, to, afterMs, kill, fault } of story) {
        at.set(tag, to);
        const now = rig.instant.at + afterMs;
        rig.step(
          ["reader-a", "reader-b"].map((reader) =>
            reader === fault
              ? tagsSilent(`${reader}/tags` as const, now)
              : tagSet(`${reader}/tags` as const, setOf(reader), now),
          ),
          afterMs,
        );
        if (kill) rig.restart();
      }
      rig.see({ "reader-a": setOf("reader-a"), "reader-b": setOf("reader-b") });
      rig.step([], 6_000);
      const truth = new Map<string, number>();
      for (const [tag, reader] of at) {
        if (reader === "away") continue;
        const key = `shelf-${reader.slice(-1)} insulin ${tag % 2 === 0 ? "A1" : "B2"}`;
        truth.set(key, (truth.get(key) ?? 0) + 1);
      }
      expect(Object.fromEntries(sumOf(rig))).toEqual(Object.fromEntries(truth));
    }),
    { numRuns: 300 },
  );
});

test("the order in which two readers' samples come within a step does not matter", () => {
  fc.assert(
    fc.property(moves, (story) => {
      const [one, other] = [open(), open()];
      const at = new Map<number, string>();
      for (const { tag, to, afterMs } of story) {
        at.set(tag, to);
        const now = one.instant.at + afterMs;
        const samples = (["reader-a", "reader-b"] as const).map((reader) => {
          const tags = [...at].flatMap(([n, where]) => (where === reader ? [epcOf(1, n)] : []));
          return tagSet(`${reader}/tags`, tags, now);
        });
        expect(other.step(samples.toReversed(), afterMs)).toEqual(one.step(samples, afterMs));
      }
      expect(one.instant.at).toBeGreaterThan(tagWall);
    }),
    { numRuns: 100 },
  );
});
