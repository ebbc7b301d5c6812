import { expect, test } from "vitest";
import { epcOf, resolveSimulated, tagWall } from "../../../tests/support/simulated-tags.ts";
import type { TagEvent } from "./presence.ts";
import { StrayWatch, strayEveryMs } from "./stray-watch.ts";

const [one, two] = [epcOf(1, 2), epcOf(1, 4)];
const misplacedAfterMs = 600_000;
const missingAfterMs = 3_600_000;

class Rig {
  readonly events: TagEvent[] = [];
  readonly at = new Map<string, string>();
  readonly silent = new Set<string>();
  readonly state = new Map<string, unknown>();
  watch: StrayWatch;
  #mono = 1_000;

  constructor() {
    this.watch = this.#open();
  }

  #open(): StrayWatch {
    return new StrayWatch(
      {
        resolve: resolveSimulated,
        homesOf: (item) => (item === "insulin" ? ["fridge-1", "fridge-2"] : []),
        where: (epc) => this.at.get(epc),
        isWatched: (location) => !this.silent.has(location),
        misplacedAfterMs,
        missingAfterMs,
      },
      this.state,
      { mono: this.#mono, at: tagWall + this.#mono },
    );
  }

  restart(): void {
    this.watch = this.#open();
  }

  step(events: readonly TagEvent[] = [], afterMs = strayEveryMs): readonly TagEvent[] {
    this.#mono += afterMs;
    const step = this.watch.step(events, { mono: this.#mono, at: tagWall + this.#mono });
    for (const [key, value] of step.state) this.state.set(key, JSON.parse(JSON.stringify(value)));
    this.events.push(...step.events);
    return step.events;
  }

  go(is: "arrived" | "left", location: string, tags: readonly string[]): readonly TagEvent[] {
    for (const epc of tags) {
      if (is === "arrived") this.at.set(epc, location);
      else this.at.delete(epc);
    }
    const event = { is, location, item: "insulin", lot: "A1", pieces: tags.length, tags, at: 0 };
    return this.step([event], 1_000);
  }

  wait(ms: number): readonly TagEvent[] {
    const told: TagEvent[] = [];
    for (let passed = 0; passed < ms; passed += strayEveryMs) told.push(...this.step());
    return told;
  }
}

test("a tag that stays where its item is not kept is misplaced once, and found when it is home again", () => {
  const rig = new Rig();
  rig.go("arrived", "desk", [one, two]);
  expect(rig.wait(misplacedAfterMs - 20_000)).toEqual([]);
  expect(rig.wait(30_000)).toMatchObject([
    { is: "misplaced", location: "desk", home: "fridge-1", item: "insulin", tags: [one, two] },
  ]);
  expect(rig.wait(misplacedAfterMs * 3)).toEqual([]);
  expect(rig.go("arrived", "fridge-2", [one])).toMatchObject([
    {
      is: "found",
      location: "fridge-2",
      tags: [one],
      was: { is: "misplaced", location: "desk", remaining: 1 },
    },
  ]);
  expect(rig.go("left", "desk", [two])).toMatchObject([
    { is: "found", tags: [two], was: { location: "desk", remaining: 0 } },
  ]);
  expect(rig.watch.nextDue()).toBeUndefined();
});

test("a short visit to a wrong place is nothing, and an item without a home is never misplaced", () => {
  const rig = new Rig();
  rig.go("arrived", "desk", [one]);
  rig.wait(misplacedAfterMs / 2);
  rig.go("arrived", "fridge-1", [one]);
  rig.go("arrived", "desk", [epcOf(2, 1)]);
  rig.wait(misplacedAfterMs * 2);
  expect(rig.events).toEqual([]);
});

test("what the ledger expects and nobody sees is missing once; elsewhere it is found", () => {
  const rig = new Rig();
  rig.at.set(one, "fridge-1");
  rig.watch.expect("fridge-1", [one, two]);
  rig.go("left", "fridge-1", [one]);
  const told = rig.wait(missingAfterMs + 20_000);
  expect(told).toMatchObject([{ is: "missing", location: "fridge-1", tags: [one, two] }]);
  expect(rig.wait(missingAfterMs)).toEqual([]);
  expect(rig.go("arrived", "fridge-2", [one])).toMatchObject([
    { is: "found", location: "fridge-2", home: "fridge-1", tags: [one] },
  ]);
});

test("what was booked out is not looked for", () => {
  const rig = new Rig();
  rig.at.set(one, "fridge-1");
  rig.watch.expect("fridge-1", [one]);
  rig.go("left", "fridge-1", [one]);
  rig.watch.release([one]);
  expect(rig.wait(missingAfterMs * 2)).toEqual([]);
  rig.watch.expect("fridge-1", [two]);
  rig.wait(missingAfterMs + 20_000);
  rig.watch.release([two]);
  expect(rig.step()).toMatchObject([
    { is: "found", tags: [two], was: { is: "missing", location: "fridge-1", remaining: 0 } },
  ]);
  expect(rig.step()).toEqual([]);
});

test("time counts only while the reader answers", () => {
  const rig = new Rig();
  rig.silent.add("fridge-1");
  rig.watch.expect("fridge-1", [one]);
  expect(rig.wait(missingAfterMs * 2)).toEqual([]);
  rig.silent.clear();
  expect(rig.wait(missingAfterMs - 20_000)).toEqual([]);
  expect(rig.wait(30_000)).toMatchObject([{ is: "missing" }]);
});

test("a restart neither repeats what was told nor begins to count again", () => {
  const rig = new Rig();
  rig.watch.expect("fridge-1", [one]);
  rig.wait(missingAfterMs / 2);
  rig.restart();
  expect(rig.wait(missingAfterMs / 2 + 700_000)).toMatchObject([{ is: "missing", tags: [one] }]);
  rig.restart();
  rig.watch.expect("fridge-1", [one]);
  expect(rig.wait(missingAfterMs * 2)).toEqual([]);
  expect(rig.go("arrived", "fridge-1", [one])).toMatchObject([{ is: "found" }]);
  rig.restart();
  expect(rig.wait(missingAfterMs * 2)).toEqual([]);
});

test("daily restarts do not keep a tag from being missing", () => {
  const rig = new Rig();
  rig.watch.expect("fridge-1", [one]);
  for (let n = 0; n < 4; n += 1) {
    rig.wait(missingAfterMs / 3);
    rig.restart();
    rig.watch.expect("fridge-1", [one]);
  }
  expect(rig.events).toMatchObject([{ is: "missing" }]);
});
