import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { compileRules } from "./compile.ts";
import type { Rule } from "./rule.ts";
import { RuleSet } from "./rule-set.ts";
import { downtimeMsDefault, type Resumed, resume, type Start } from "./rule-state.ts";

const point: PointKey = "cold-2/temperature";
const rule: Rule = {
  id: "r",
  when: { is: "above", point, limit: 8, inclusive: false, deadband: 0.5 },
  onDelayMs: 300_000,
  offDelayMs: 120_000,
  priority: "high",
  message: "",
  outputs: [],
};

const wall = 1_700_000_000_000;

/** The second `s` of the story: boot `a` began at 0, boot `b` at second 150. */
function start(boot: "a" | "b", s: number, more: Partial<Start> = {}): Start {
  const mono = (s - (boot === "a" ? 0 : 150)) * 1_000;
  const instant = { at: wall + s * 1_000, mono };
  return { instant, boot, clockSynchronized: () => true, ...more };
}

function compiled(one: Rule, staleAfterMs: number | undefined) {
  const [first] = compileRules([one], () => staleAfterMs);
  if (first === undefined) throw new Error("no rule was compiled");
  return first;
}

function good(value: number): Sample {
  return { point, sampledAt: 0, quality: "good", value };
}

/** What is on disk after a value of 9 at second 100 of boot `a`: a pending alarm. */
function pendingSince100(staleAfterMs: number | undefined, begun = start("a", 0)): unknown {
  const rules = new RuleSet([compiled(rule, staleAfterMs)], begun, (one) =>
    resume(undefined, one, begun, false),
  );
  const { saved } = rules.evaluate([good(9)], start("a", 100).instant);
  return JSON.parse(JSON.stringify(saved.get("r")));
}

/**
 * Goes on from what is on disk; `values` by second; tells at which seconds the alarm was raised or
 * returned.
 */
function goOn(
  saved: unknown,
  begun: Start,
  values: Readonly<Record<number, number>>,
  { staleAfterMs, alarmActive = false }: { staleAfterMs?: number; alarmActive?: boolean } = {},
) {
  let resumed: Resumed | undefined;
  const rules = new RuleSet([compiled(rule, staleAfterMs)], begun, (one) => {
    resumed = resume(saved, one, begun, alarmActive);
    return resumed;
  });
  const offsetMs = begun.instant.at - begun.instant.mono;
  const changes: string[] = [];
  const step = (mono: number, samples: readonly Sample[]) => {
    const at = mono + offsetMs;
    const second = (at - wall) / 1_000;
    for (const { to } of rules.evaluate(samples, { at, mono }).changes)
      changes.push(`${second} ${to}`);
  };
  for (const [second, value] of Object.entries(values)) {
    const mono = wall + Number(second) * 1_000 - offsetMs;
    for (let due = rules.nextDue(); due !== undefined && due < mono; due = rules.nextDue()) {
      step(Math.max(due, begun.instant.mono), []);
    }
    step(mono, [good(value)]);
  }
  return { how: resumed?.how, changes };
}

describe("in the same boot", () => {
  test("a delay runs on exactly, also when no sample came since the restart", () => {
    const saved = pendingSince100(600_000);
    const { how, changes } = goOn(saved, start("a", 250), { 500: 9 }, { staleAfterMs: 600_000 });
    expect(how).toBe("continued");
    expect(changes).toEqual(["400 violated"]);
  });

  test("a delay that ran out while the process was down waits for the first value", () => {
    const options = { staleAfterMs: 30_000 };
    const saved = pendingSince100(30_000);
    expect(goOn(saved, start("a", 9_000), { 9001: 9 }, options).changes).toEqual(["9001 violated"]);
    expect(goOn(saved, start("a", 9_000), { 9001: 5 }, options).changes).toEqual([]);
  });

  test("a delay that ran out meanwhile fires at once where silence says nothing", () => {
    const { changes } = goOn(pendingSince100(undefined), start("a", 9_000), { 9001: 9 });
    expect(changes).toEqual(["9000 violated"]);
  });
});

describe("after a reboot", () => {
  test("the time before counts when the machine was down briefly and the first value violates", () => {
    const begun = start("b", 160, { stoppedAt: wall + 140_000 });
    const { how, changes } = goOn(
      pendingSince100(30_000),
      begun,
      { 161: 9, 400: 9 },
      { staleAfterMs: 30_000 },
    );
    expect(how).toBe("continued");
    expect(changes).toEqual(["400 violated"]);
  });

  test("it does not count when the first value is back to normal", () => {
    const begun = start("b", 160, { stoppedAt: wall + 140_000 });
    const values = { 161: 7, 200: 9, 400: 9, 500: 9 };
    expect(goOn(pendingSince100(undefined), begun, values).changes).toEqual(["500 violated"]);
  });

  test.for([
    ["the machine was down longer than a value holds", { stoppedAt: wall + 129_000 }, 30_000],
    ["the machine was down longer than the default", { stoppedAt: wall + 149_000 }, undefined],
    ["nothing says when it stopped", {}, 30_000],
    [
      "the clock is not synchronized",
      { stoppedAt: wall + 150_000, clockSynchronized: () => false },
      30_000,
    ],
    ["the clock went back", { stoppedAt: wall + 161_000 }, 30_000],
  ] as const)("the delay begins anew when %s", ([, more, staleAfterMs]) => {
    expect(downtimeMsDefault).toBe(10_000);
    const begun = start("b", 160, more);
    const options = staleAfterMs === undefined ? {} : { staleAfterMs };
    const saved = pendingSince100(staleAfterMs);
    const { how, changes } = goOn(saved, begun, { 161: 9, 461: 9 }, options);
    expect(how).toBe("delay-restarted");
    expect(changes).toEqual(["461 violated"]);
  });

  test("the delay begins anew when the clock was not synchronized while it was saved", () => {
    const unset = start("a", 0, { clockSynchronized: () => false });
    const begun = start("b", 160, { stoppedAt: wall + 159_000 });
    expect(goOn(pendingSince100(undefined, unset), begun, { 161: 9 }).how).toBe("delay-restarted");
  });

  test("a delay that was carried over one reboot is carried over the next", () => {
    const begun = start("b", 160, { stoppedAt: wall + 155_000 });
    const rules = new RuleSet([compiled(rule, 30_000)], begun, (one) =>
      resume(pendingSince100(30_000), one, begun, false),
    );
    const saved = rules.evaluate([good(9)], start("b", 161).instant).saved.get("r");
    const next = { ...start("b", 171, { stoppedAt: wall + 165_000 }), boot: "c" };
    expect(goOn(saved, next, { 172: 9, 400: 9 }, { staleAfterMs: 30_000 }).changes).toEqual([
      "400 violated",
    ]);
  });
});

describe("saved state that does not fit", () => {
  test("another condition drops it, another delay does not", () => {
    const begun = start("a", 150);
    const warmer: Rule = { ...rule, when: { ...rule.when, is: "above", limit: 9 } as Rule["when"] };
    const slower = { ...rule, onDelayMs: 400_000 };
    const saved = pendingSince100(undefined);
    expect(resume(saved, compiled(warmer, undefined), begun, false)).toMatchObject({
      how: "condition-changed",
      phase: "normal",
    });
    expect(resume(saved, compiled(slower, undefined), begun, false)).toMatchObject({
      how: "continued",
      phase: "pending",
    });
  });

  test("the alarm's own record wins", () => {
    const begun = start("a", 150);
    const one = compiled(rule, undefined);
    const saved = pendingSince100(undefined);
    expect(resume(saved, one, begun, true)).toMatchObject({
      how: "followed-alarm",
      phase: "active",
    });
    expect(resume(undefined, one, begun, true)).toMatchObject({ phase: "active" });
    const { changes } = goOn(undefined, begun, { 151: 5, 280: 5 }, { alarmActive: true });
    expect(changes).toEqual(["271 returned"]);
  });

  test("no JSON whatever makes the start fail, and the rule still works", () => {
    const almost = fc.record(
      {
        version: fc.constantFrom(1, 2),
        condition: fc.constantFrom("cold-2/temperature>8~0.5", "x"),
        phase: fc.constantFrom("pending", "active", "returning", "normal"),
        boot: fc.constantFrom("a", "b"),
        mono: fc.oneof(fc.double(), fc.constant(null)),
        at: fc.double(),
        synchronized: fc.boolean(),
        leaves: fc.array(fc.record({ verdict: fc.integer({ min: -1, max: 11 }) }), {
          maxLength: 3,
        }),
      },
      { requiredKeys: ["version", "phase"] },
    );
    const property = fc.property(fc.oneof(fc.jsonValue(), almost), (saved) => {
      const begun = start("a", 150);
      const { changes } = goOn(
        saved,
        begun,
        { 151: 5, 300: 5, 400: 9, 701: 9 },
        { staleAfterMs: 900_000 },
      );
      expect(changes.at(-1)).toBe("700 violated");
    });
    fc.assert(property, { numRuns: 500 });
  });
});
