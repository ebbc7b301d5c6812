import { expect, test } from "vitest";
import { noise } from "../../../tests/support/noise.ts";
import type { StockedKey } from "../stocked.ts";
import { type MismatchCase, mismatchCases, type Opinions } from "./compare.ts";
import { findingOf } from "./mismatch-finding.ts";
import { type MismatchChange, MismatchWatch } from "./mismatch-watch.ts";

const confirmMs = 60_000;
const wall = Date.UTC(2026, 0, 1);
const tagged = (pieces: number) => ({ pieces, grain: 1, uncertain: false });
const weighed = (pieces: number, spread = 0) =>
  ({ pieces, interval: [pieces - spread, pieces + spread] }) as const;
const all = (ledger: number, weight: number, tags: number): Opinions => ({
  ledger,
  weight: weighed(weight),
  tags: tagged(tags),
});

class Rig {
  readonly state = new Map<string, unknown>();
  readonly changes: MismatchChange[] = [];
  watch = new MismatchWatch(confirmMs, this.state);
  mono = 1_000;

  judge(opinions: Opinions, key: StockedKey = "shelf/insulin", movedMono?: number): void {
    const instant = { mono: this.mono, at: wall + this.mono };
    const { change, state } = this.watch.judge(key, opinions, instant, movedMono);
    for (const [name, value] of state) {
      if (value === undefined) this.state.delete(name);
      else this.state.set(name, JSON.parse(JSON.stringify(value)));
    }
    if (change !== undefined) this.changes.push(change);
  }

  restart(): void {
    this.watch = new MismatchWatch(confirmMs, this.state);
  }
}

test("a difference counts after it has lasted, once, and is over after all have agreed for as long", () => {
  const rig = new Rig();
  rig.judge(all(20, 17, 17));
  expect(rig.watch.nextDue()).toBe(rig.mono + confirmMs);
  rig.mono += confirmMs - 1;
  rig.judge(all(20, 17, 17));
  expect(rig.changes).toEqual([]);
  rig.mono += 1;
  expect(rig.watch.due(rig.mono)).toEqual(["shelf/insulin"]);
  for (let n = 0; n < 3; n += 1) rig.judge(all(20, 17, 17));
  expect(rig.changes).toMatchObject([
    { to: "raised", mismatch: { is: "ledger-high", difference: -3 } },
  ]);
  rig.judge(all(17, 17, 17));
  rig.mono += confirmMs - 1;
  rig.judge(all(17, 17, 17));
  expect(rig.changes).toHaveLength(1);
  rig.mono += 1;
  rig.judge(all(17, 17, 17));
  expect(rig.changes).toMatchObject([{ to: "raised" }, { to: "returned" }]);
  expect(rig.state.size).toBe(0);
  expect(rig.watch.nextDue()).toBeUndefined();
});

test("a movement puts the decision off: a pick in progress is no mismatch", () => {
  const rig = new Rig();
  for (let n = 0; n < 20; n += 1) {
    rig.mono += confirmMs / 2;
    rig.judge(all(20, 19, 20), "shelf/insulin", rig.mono);
  }
  expect(rig.changes).toEqual([]);
  const movedMono = rig.mono;
  rig.mono += confirmMs;
  rig.judge(all(20, 19, 20), "shelf/insulin", movedMono);
  expect(rig.changes).toMatchObject([{ to: "raised", mismatch: { is: "weight-off" } }]);
});

test("a difference that comes and goes is never told, one that changes its case is one warning", () => {
  const rig = new Rig();
  for (let n = 0; n < 20; n += 1) {
    rig.mono += confirmMs / 2;
    rig.judge(n % 2 === 0 ? all(20, 20, 19) : all(20, 20, 20));
  }
  expect(rig.changes).toEqual([]);
  for (const opinions of [all(20, 20, 19), all(20, 19, 19)])
    for (const afterMs of [1_000, confirmMs]) {
      rig.mono += afterMs;
      rig.judge(opinions);
    }
  expect(rig.changes).toMatchObject([
    { to: "raised", mismatch: { is: "tag-missing" } },
    { to: "changed", mismatch: { is: "ledger-high" }, was: { is: "tag-missing" } },
  ]);
  expect(rig.changes.flatMap((change) => findingOf(change) ?? [])).toMatchObject([
    {
      kind: "count-mismatch",
      location: "shelf",
      item: "insulin",
      to: "raised",
      figures: { case: "tag-missing", difference: 1, ledger: 20, weight: 20, tags: 19 },
    },
  ]);
});

test("nothing to compare ends no warning", () => {
  const rig = new Rig();
  rig.judge(all(20, 17, 17));
  rig.mono += confirmMs;
  rig.judge(all(20, 17, 17));
  rig.judge({ ledger: 20 });
  rig.mono += confirmMs * 5;
  rig.judge({ ledger: 20 });
  expect(rig.changes).toMatchObject([{ to: "raised" }]);
});

test("a restart repeats nothing and knows what is open", () => {
  const rig = new Rig();
  const opinions = { ledger: 20, weight: weighed(17, 1) };
  rig.judge(opinions);
  rig.mono += confirmMs;
  rig.judge(opinions);
  const before = [...rig.watch.inForce.values()];
  rig.restart();
  expect([...rig.watch.inForce.values()]).toEqual(before);
  rig.mono += confirmMs * 2;
  rig.judge(opinions);
  expect(rig.changes).toHaveLength(1);
  rig.judge({ ledger: 17, weight: weighed(17, 1) });
  rig.mono += confirmMs;
  rig.judge({ ledger: 17, weight: weighed(17, 1) });
  expect(rig.changes).toMatchObject([{}, { to: "returned" }]);
});

test("a record that cannot be read is no mismatch", () => {
  const watch = new MismatchWatch(1, new Map([["mismatch/shelf/x", { version: 9 }]]));
  expect(watch.inForce.size).toBe(0);
});

/** What lies there, what each of the three says of it, and what was done to make them differ. */
interface Place {
  readonly key: StockedKey;
  readonly seeded: MismatchCase;
  truth: number;
  ledger: number;
  tags: number;
  readonly driftPieces: number;
  readonly hasScale: boolean;
  readonly hasReader: boolean;
}

function seed(key: StockedKey, seeded: MismatchCase, random: () => number): Place {
  const truth = 20 + Math.floor(random() * 60);
  const by = 3 + Math.floor(random() * 10);
  const base = { key, seeded, truth, ledger: truth, tags: truth, driftPieces: 0 };
  const equipped = { hasScale: true, hasReader: true };
  const place: Place = { ...base, ...equipped };
  const sign = random() < 0.5 ? -1 : 1;
  switch (seeded) {
    case "agree":
      return place;
    case "ledger-high":
      return { ...place, ledger: truth + by };
    case "ledger-low":
      return { ...place, ledger: truth - by };
    case "tag-missing":
      return { ...place, tags: truth - by };
    case "tag-extra":
      return { ...place, tags: truth + by };
    case "weight-off":
      return { ...place, driftPieces: sign * by };
    case "weight-only":
      return { ...place, hasReader: false, ledger: truth + sign * by };
    case "tags-only":
      return { ...place, hasScale: false, ledger: truth + sign * by };
    case "all-differ":
      return { ...place, ledger: truth + 3 * by, driftPieces: -by };
    case "unknown":
      return { ...place, hasScale: false, hasReader: false };
  }
}

function opinionsOf(place: Place, random: () => number): Opinions {
  const spread = Math.floor(random() * 2);
  const jitter = spread === 0 ? 0 : Math.floor(random() * 3) - 1;
  return {
    ledger: place.ledger,
    ...(place.hasScale
      ? { weight: weighed(place.truth + place.driftPieces + jitter, spread) }
      : {}),
    ...(place.hasReader ? { tags: tagged(place.tags) } : {}),
  };
}

test.each([11, 222, 3_333])(
  "200 places with seeded faults, in use all the time: exactly those are told (seed %d)",
  (seedOf) => {
    const random = noise(seedOf);
    const rig = new Rig();
    const places = Array.from({ length: 200 }, (_, n) => {
      // Two of three are in order; each fault stands several times.
      const seeded = n % 3 === 0 ? mismatchCases[(n / 3) % mismatchCases.length] : "agree";
      return seed(`shelf-${n}/item-${n % 7}`, seeded ?? "agree", random);
    });
    for (let round = 0; round < 30; round += 1) {
      for (const place of places) {
        const isPicked = random() < 0.3 && place.truth > 3 && place.tags > 3 && place.ledger > 3;
        rig.mono += 10;
        if (!isPicked) {
          rig.judge(opinionsOf(place, random), place.key);
          continue;
        }
        // The scale sees it first, the reader some seconds later, and the ledger follows the scale.
        const movedMono = rig.mono;
        place.truth -= 1;
        rig.judge(opinionsOf(place, random), place.key, movedMono);
        place.ledger -= 1;
        rig.judge(opinionsOf(place, random), place.key, movedMono);
        place.tags -= 1;
        rig.judge(opinionsOf(place, random), place.key, movedMono);
      }
      rig.mono += confirmMs;
      if (round % 7 === 0) rig.restart();
    }
    const told = new Map(
      rig.changes.map((change) => [
        "mismatch" in change ? change.mismatch.key : change.was.key,
        "mismatch" in change ? change.mismatch.is : change.to,
      ]),
    );
    const seeded = places.flatMap(({ key, seeded: is }) =>
      is === "agree" || is === "unknown" ? [] : [[key, is] as const],
    );
    expect(seeded.length).toBeGreaterThan(50);
    expect(Object.fromEntries(told)).toEqual(Object.fromEntries(seeded));
    expect(rig.changes).toHaveLength(seeded.length);
  },
);
