import { expect, test } from "vitest";
import type { Sample, Value } from "../../drivers/contract.ts";
import type { Condition, Rule } from "../rules/rule.ts";
import { Replay } from "./replay.ts";

const point = "cold-2/temperature";
const above: Condition = {
  ...{ is: "above", point, limit: 8, inclusive: false, deadband: 0 },
};

function rule(more: Partial<Rule> = {}): Rule {
  const base = { onDelayMs: 0, offDelayMs: 0, priority: "high", outputs: [] } as const;
  return { id: "warm", when: above, message: "", ...base, ...more };
}

function replayOf(rules: readonly Rule[], more: object = {}): Replay {
  const staleAfterMs = () => undefined;
  return new Replay({ rules, staleAfterMs, runOnMs: 0, language: "en", startAt: 0, ...more });
}

const good = (value: Value, sampledAt: number): Sample => ({
  ...{ point, sampledAt, quality: "good", value },
});

test("a timer fires when it is due, however long nothing is said", () => {
  const replay = replayOf([rule({ onDelayMs: 7, offDelayMs: 5 })]);
  replay.take([good(9, 0)], 0);
  replay.take([good(7, 1_000)], 1_000);
  replay.take([good(7, 1e9)], 1e9);
  expect(replay.end().transitions.map(({ at, to }) => [at, to])).toEqual([
    [7, "UNACK"],
    [1_005, "RTNUN"],
  ]);
});

test("the clock runs on for the longest delay or the longest shelf", () => {
  const replay = replayOf([rule()], { runOnMs: 50 });
  replay.take([good(9, 0)], 0);
  const action = { do: "shelve", by: "alice", reason: "defrost", forMs: 90_000 } as const;
  expect(replay.act({ line: 1, at: 10, rule: "warm", action })).toBeUndefined();
  const { transitions, endAt } = replay.end();
  expect(transitions.map(({ at, to, cause }) => [at, to, cause])).toEqual([
    [0, "UNACK", "violated"],
    [10, "SHLVD", "shelved"],
    [90_010, "UNACK", "shelf-expired"],
  ]);
  expect(endAt).toBe(90_010);
});

test("an episode is one violation, whatever people do with its alarm", () => {
  const replay = replayOf([rule()]);
  replay.take([good(9, 0)], 0);
  const shelve = { do: "shelve", by: "alice", reason: "defrost", forMs: 60_000 } as const;
  replay.act({ line: 1, at: 5, rule: "warm", action: shelve });
  replay.take([good(7, 10)], 10);
  replay.take([good(9, 20)], 20);
  expect(replay.end().episodes).toEqual([
    { rule: "warm", from: 0, to: 10 },
    { rule: "warm", from: 20, to: undefined },
  ]);
});

test("a refused action says why and leaves no trace", () => {
  const replay = replayOf([rule()]);
  replay.take([good(9, 0)], 0);
  const refused = replay.act({ line: 1, at: 5, rule: "warm", action: { do: "reset", by: "bob" } });
  expect(refused).toMatch(/\w{3}/);
  expect(replay.end().transitions).toHaveLength(1);
});

test("more transitions than can be kept end the run with words", () => {
  const replay = replayOf([rule()], { transitionsMax: 3 });
  const swing = () => {
    for (let at = 0; at < 10; at += 1) replay.take([good(at % 2 === 0 ? 9 : 7, at)], at);
  };
  expect(swing).toThrow("more than 3 transitions");
});
