import { describe, expect, test } from "vitest";
import { type Scope, search } from "./search.ts";
import { type Rules, sound } from "./words.ts";
import type { Command } from "./world.ts";

/** A row of each lane; scopes with a database that is replaced record another one. */
const rows: readonly Command[] = [
  { do: "record sample", n: 0 },
  { do: "record event", n: 0 },
];
const backedUp: readonly Command[] = [
  { do: "record sample", n: 0 },
  { do: "back up gateway", n: 0 },
  { do: "record sample", n: 0 },
];

interface Place {
  readonly start: readonly Command[];
  readonly scope: Scope;
  /** Steps from the start; chosen so that a place is searched within some seconds on a small machine. */
  readonly depth: number;
}

const places: Readonly<Record<string, Place>> = {
  "central restored, rows pruned, the agent killed": {
    start: rows,
    scope: { "back up central": 1, "restore central": 1, prune: 1, "kill agent": 1 },
    depth: 10,
  },
  "a card cloned": { start: rows, scope: { clone: 1 }, depth: 11 },
  "a backup restored, twice": {
    start: backedUp,
    scope: { "restore gateway": 2 },
    depth: 11,
  },
  "a clone and a restore from one backup": {
    start: backedUp,
    scope: { clone: 1, "restore gateway": 1 },
    depth: 8,
  },
  "a database born anew": { start: rows, scope: { corrupt: 1, "record sample": 1 }, depth: 11 },
  "requests and answers that come twice, cursor.db lost": {
    start: rows,
    scope: { "copy request": 1, "copy reply": 1, "lose cursor.db": 1 },
    depth: 9,
  },
};

describe("in every order of steps and faults each row is at central once, or on record", () => {
  test.each(Object.entries(places))(
    "%s",
    (name, { start, scope, depth }) => {
      const found = search(start, scope, sound, depth);
      console.info(`${name}: ${found.states} states, ${found.depth} steps deep`);
      expect(found.failure).toBe(undefined);
      expect(found.states).toBeGreaterThan(300);
    },
    120_000,
  );
});

/** Broken rules that a place shows, by the shortest way. */
const shown: readonly (readonly [keyof Rules, keyof typeof places])[] = [
  ["dedupe", "requests and answers that come twice, cursor.db lost"],
  ["rewinds", "central restored, rows pruned, the agent killed"],
  ["snapshotKeepsMarks", "a card cloned"],
  ["epochs", "a database born anew"],
  ["namesPast", "a database born anew"],
  ["ancestors", "a card cloned"],
  ["relatives", "a clone and a restore from one backup"],
  ["fences", "a card cloned"],
];

describe("the shortest way to see that a rule is broken", () => {
  test.each(shown)(
    "%s: %s",
    (rule, name) => {
      const place = places[name];
      if (place === undefined) throw new Error(`no place ${name}`);
      const { start, scope, depth } = place;
      const { failure, states } = search(start, scope, { ...sound, [rule]: false }, depth + 1);
      const path = failure?.path.map((it) => it.do).join(", ");
      console.info(`${rule}: after ${states} states by ${path}: ${failure?.message}`);
      expect(failure).toBeDefined();
    },
    120_000,
  );
});
