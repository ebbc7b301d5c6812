import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { turnsWithin } from "../support/processor-time.ts";
import { play, story } from "./story.ts";
import { type Rules, sound } from "./words.ts";
import type { Command } from "./world.ts";

/** Stories in each CI run: some seconds. `RACKWATCH_RUNS` says more. */
const runs = Number(process.env["RACKWATCH_RUNS"] ?? 4_000);

test("through every order of faults each row is at central once, or there is a record of what is missing", () => {
  // Fewer on a slow machine; hundreds are told on any.
  const goesOn = turnsWithin(runs > 4_000 ? runs : 600, 25_000);
  let told = 0;
  const property = fc.property(story, (commands) => {
    if (!goesOn()) return;
    told += 1;
    play(commands, sound);
  });
  const result = fc.check(property, { numRuns: runs });
  console.info(`${told} stories, seed ${result.seed}`);
  expect(result.failed, fc.defaultReportMessage(result) ?? "").toBe(false);
  expect(told).toBeGreaterThan(500);
}, 0);

/** What a broken rule does, by the judge's words. */
const signs: Readonly<Record<Exclude<keyof Rules, "firstRowWaits">, RegExp>> = {
  dedupe: /stored twice|out of order/,
  followsMark: /cursor \d+ of \w+ of \d, central/,
  epochs: /two machines write|is missing|beyond its head|stored twice|central has|stands at|nobody/,
  monotonic: /central says/,
  commitsFirst: /cursor \d+ of \w+ of \d, central/,
  rewinds: /is missing without a record|stands at|comes to no end/,
  ancestors: /stored twice|nobody/,
  relatives: /stored twice/,
  namesPast: /nobody may send|stored twice/,
  snapshotKeepsMarks: /is missing without a record/,
  newestForward: /the newest value/,
  keepsNumbers: /central has/,
  fences: /two machines write|stored twice/,
  helloBegins: /stored twice|nobody may send/,
  eventsFirst: /samples went before events/,
  samplesGetTurns: /samples starve/,
  correctsLateRows: /central says/,
};

describe("a rule that is broken is found out", () => {
  test.each(Object.entries(signs))(
    "%s",
    (rule, sign) => {
      const broken = { ...sound, [rule]: false };
      const property = fc.property(story, (commands) => play(commands, broken));
      const result = fc.check(property, { numRuns: 30_000, endOnFailure: true });
      console.info(`${rule}: found in story ${result.numRuns}, seed ${result.seed}`);
      expect(result.failed).toBe(true);
      expect(String(result.errorInstance)).toMatch(sign);
    },
    60_000,
  );
});

/** Found once, by chance or by thought; told in each run. */
const kept: Readonly<Record<string, readonly Command[]>> = {
  "two databases from one backup both bring the rows that they share": [
    { do: "record sample", n: 0 },
    { do: "back up gateway", n: 0 },
    { do: "record sample", n: 0 },
    { do: "clone", n: 0 },
    { do: "restore gateway", n: 0 },
    { do: "record event", n: 0 },
  ],
  "the first word of a database that is gone comes after the one that took its place": [
    { do: "ask", n: 0 },
    { do: "corrupt", n: 0 },
    { do: "record sample", n: 0 },
    { do: "give up", n: 0 },
    { do: "exchange", n: 0 },
    { do: "deliver", n: 0 },
  ],
  "rows of an epoch that a restored central never heard of come before its hello": [
    { do: "back up central", n: 0 },
    { do: "record sample", n: 0 },
    { do: "exchange", n: 0 },
    { do: "exchange", n: 0 },
    { do: "exchange", n: 0 },
    { do: "record event", n: 0 },
    { do: "restore central", n: 0 },
    { do: "exchange", n: 0 },
    { do: "prune", n: 0 },
  ],
  "an answer of before central's restore is taken for one of after": [
    { do: "exchange", n: 0 },
    { do: "record sample", n: 0 },
    { do: "back up central", n: 0 },
    { do: "exchange", n: 0 },
    { do: "ask", n: 0 },
    { do: "deliver", n: 0 },
    { do: "copy reply", n: 0 },
    { do: "arrive", n: 0 },
    { do: "restore central", n: 0 },
    { do: "record sample", n: 0 },
    { do: "ask", n: 0 },
    { do: "arrive", n: 0 },
    { do: "prune", n: 0 },
  ],
};

describe("kept stories", () => {
  test.each(Object.entries(kept))("%s", (_, commands) => {
    play(commands, sound);
  });
});
