import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PointKey, Sample, Value } from "../../drivers/contract.ts";
import { compileRules } from "./compile.ts";
import type { Condition, Rule } from "./rule.ts";
import { RuleSet } from "./rule-set.ts";
import { resume } from "./rule-state.ts";

const temperature: PointKey = "cold-2/temperature";
const door: PointKey = "cold-2/door";

const warm: Condition = {
  is: "above",
  point: temperature,
  limit: 8,
  inclusive: false,
  deadband: 0.5,
};
const open: Condition = { is: "equal", point: door, value: "open" };

function rule(when: Condition, delays: Partial<Pick<Rule, "onDelayMs" | "offDelayMs">> = {}): Rule {
  return {
    id: "r",
    when,
    onDelayMs: 0,
    offDelayMs: 0,
    priority: "medium",
    message: "",
    outputs: [],
    ...delays,
  };
}

/**
 * A rule under test: each call is one step in seconds; the answer is what the rule reported, `+` or
 * `-`.
 */
function watch(one: Rule, staleAfterMs?: number) {
  const start = { instant: { at: 0, mono: 0 }, boot: "b", clockSynchronized: () => true };
  const rules = new RuleSet(
    compileRules([one], () => staleAfterMs),
    start,
    (compiled) => resume(undefined, compiled, start, false),
  );
  const step = (s: number, ...samples: readonly Sample[]) =>
    rules
      .evaluate(samples, { at: s * 1_000, mono: s * 1_000 })
      .changes.map(({ to }) => (to === "violated" ? "+" : "-"))
      .join("");
  return { rules, step };
}

function good(point: PointKey, value: Value): Sample {
  return { point, sampledAt: 0, quality: "good", value };
}
function bad(point: PointKey): Sample {
  return { point, sampledAt: 0, quality: "bad", reason: "timeout" };
}
function uncertain(point: PointKey, value: Value): Sample {
  return { point, sampledAt: 0, quality: "uncertain", value };
}

describe("values that say nothing", () => {
  test("a bad or uncertain value neither raises an alarm nor lets it return", () => {
    const { step } = watch(rule(warm));
    expect(step(0, bad(temperature), uncertain(temperature, 20))).toBe("");
    expect(step(1, good(temperature, 9))).toBe("+");
    expect(step(2, bad(temperature), uncertain(temperature, 2))).toBe("");
    expect(step(3, good(temperature, 7))).toBe("-");
  });

  test("an on-delay that ends during bad values waits for the next good one and then fires at once", () => {
    const { step, rules } = watch(rule(warm, { onDelayMs: 60_000 }));
    step(0, good(temperature, 9));
    step(50, bad(temperature));
    expect(step(60)).toBe("");
    expect(rules.nextDue()).toBeUndefined();
    expect(step(90, good(temperature, 9))).toBe("+");
  });

  test("an on-delay during bad values is over when the next good value does not violate", () => {
    const { step } = watch(rule(warm, { onDelayMs: 60_000 }));
    step(0, good(temperature, 9));
    step(50, bad(temperature));
    expect(step(90, good(temperature, 7.9))).toBe("");
    expect(step(100, good(temperature, 9))).toBe("");
    expect(step(160)).toBe("+");
  });

  test("an off-delay that ends while the value is stale waits for the next good one", () => {
    const { step } = watch(rule(warm, { offDelayMs: 60_000 }), 30_000);
    expect(step(0, good(temperature, 9))).toBe("+");
    step(10, good(temperature, 7));
    expect(step(70)).toBe("");
    expect(step(80, good(temperature, 7))).toBe("-");
  });

  test("silence of a point without a stale limit holds nothing up", () => {
    const { step } = watch(rule(open, { onDelayMs: 600_000 }));
    step(0, good(door, "open"));
    expect(step(600)).toBe("+");
  });

  test("text, switches and NaN at a numeric limit hold the last state", () => {
    const { step } = watch(rule(warm));
    expect(step(0, good(temperature, 9))).toBe("+");
    expect(step(1, good(temperature, "off"), good(temperature, Number.NaN))).toBe("");
    expect(step(2, good(temperature, false), good(temperature, 7))).toBe("-");
  });
});

describe("equal", () => {
  test.for<Value>(["open", true, 3, 0, false])("%j and nothing else violates", (value) => {
    const { step } = watch(rule({ is: "equal", point: door, value }));
    expect(step(0, good(door, "other"))).toBe("");
    expect(step(1, good(door, value))).toBe("+");
    expect(step(2, good(door, `${value}?`))).toBe("-");
  });
});

describe("stale", () => {
  const stale: Condition = { is: "stale", point: temperature, afterMs: 30_000 };

  test("fires by the clock, also when no value ever came, and returns with a good value", () => {
    const { step, rules } = watch(rule(stale));
    expect(rules.nextDue()).toBe(30_000);
    expect(step(29)).toBe("");
    expect(step(30)).toBe("+");
    expect(rules.nextDue()).toBeUndefined();
    expect(step(40, good(temperature, 5))).toBe("-");
    expect(rules.nextDue()).toBe(70_000);
    expect(step(70)).toBe("+");
  });

  test("good values put it off, bad and uncertain ones do not", () => {
    const { step } = watch(rule(stale));
    expect(step(20, good(temperature, 5))).toBe("");
    expect(step(40, bad(temperature), uncertain(temperature, 5))).toBe("");
    expect(step(49)).toBe("");
    expect(step(50)).toBe("+");
  });

  test("beside a limit on the same point either one raises the alarm", () => {
    const { step } = watch(rule({ is: "any", of: [warm, stale] }));
    expect(step(10, good(temperature, 5))).toBe("");
    expect(step(40)).toBe("+");
    expect(step(50, good(temperature, 9))).toBe("");
    expect(step(60, good(temperature, 5))).toBe("-");
  });
});

describe("all and any", () => {
  test("all: every part at once, and the return of one part is enough", () => {
    const { step } = watch(rule({ is: "all", of: [warm, open] }));
    expect(step(0, good(temperature, 9))).toBe("");
    expect(step(1, good(door, "open"))).toBe("+");
    expect(step(2, good(temperature, 7.8))).toBe("");
    expect(step(3, good(door, "closed"))).toBe("-");
  });

  test("any: one part is enough, and every part must return", () => {
    const { step } = watch(rule({ is: "any", of: [warm, open] }));
    expect(step(0, good(temperature, 5), good(door, "open"))).toBe("+");
    expect(step(1, good(temperature, 9))).toBe("");
    expect(step(2, good(door, "closed"))).toBe("");
    expect(step(3, good(temperature, 7.5))).toBe("-");
  });

  test("an unknown part matters only where the others leave the answer open", () => {
    const all = watch(rule({ is: "all", of: [warm, open] }));
    all.step(0, good(temperature, 9), good(door, "open"));
    all.step(1, bad(door));
    expect(all.step(2, good(temperature, 9))).toBe("");
    expect(all.step(3, good(temperature, 7))).toBe("-");

    const any = watch(rule({ is: "any", of: [warm, open] }));
    expect(any.step(0, good(temperature, 9))).toBe("+");
    expect(any.step(1, good(temperature, 5))).toBe("");
    expect(any.step(2, good(door, "closed"))).toBe("-");
  });

  test("a part whose value is stale is unknown", () => {
    const { step } = watch(rule({ is: "all", of: [warm, open] }), 30_000);
    step(0, good(door, "open"));
    expect(step(31, good(temperature, 9))).toBe("");
    expect(step(32, good(door, "open"))).toBe("+");
  });

  test("a value that crosses a whole band never violates both ends of it for a moment", () => {
    const cold: Condition = { ...warm, is: "below", limit: 20, deadband: 0 };
    const { step } = watch(rule({ is: "all", of: [warm, cold] }));
    step(0, good(temperature, 5));
    expect(step(1, good(temperature, 25))).toBe("");
    expect(step(2, good(temperature, 12))).toBe("+");
  });
});

describe("the value on record", () => {
  test("a change names the comparison that is violated and the value that did it", () => {
    const start = { instant: { at: 0, mono: 0 }, boot: "b", clockSynchronized: () => true };
    const compiled = compileRules([rule({ is: "any", of: [warm, open] })]);
    const rules = new RuleSet(compiled, start, (one) => resume(undefined, one, start, false));
    const instant = { at: 1, mono: 1 };
    const { changes } = rules.evaluate([good(temperature, 5), good(door, "open")], instant);
    expect(changes).toMatchObject([{ to: "violated", point: door, value: "open" }]);
  });
});

test("a step that changes nothing costs no object", () => {
  const { rules } = watch(rule(warm));
  const instant = { at: 1, mono: 1 };
  const first = rules.evaluate([good(temperature, 5)], instant);
  expect(rules.evaluate([good(temperature, 6), bad(temperature)], instant)).toBe(first);
});

test("two rules with one id are refused", () => {
  expect(() => compileRules([rule(warm), rule(open)])).toThrow("two rules have the id r");
});

describe("whatever comes", () => {
  const anyCondition = fc.letrec<{ tree: Condition; leaf: Condition }>((tie) => ({
    leaf: fc.constantFrom<Condition>(
      warm,
      open,
      { ...warm, is: "below", limit: 2, deadband: 1 },
      { ...warm, inclusive: true, deadband: 0 },
      { is: "stale", point: door, afterMs: 20_000 },
    ),
    tree: fc.oneof(
      { depthSize: "small" },
      tie("leaf"),
      fc
        .tuple(fc.constantFrom("all", "any"), fc.array(tie("tree"), { minLength: 1, maxLength: 3 }))
        .map(([is, of]): Condition => ({ is, of })),
    ),
  })).tree;
  const anySample = fc.oneof(
    fc.constantFrom(1, 2, 5, 7.4, 7.5, 7.9, 8, 8.1, 12).map((value) => good(temperature, value)),
    fc.constantFrom("open", "closed").map((value) => good(door, value)),
    fc.constantFrom(bad(temperature), bad(door), uncertain(temperature, 20)),
  );
  const anyRule = fc
    .tuple(anyCondition, fc.constantFrom(0, 15_000), fc.constantFrom(0, 10_000))
    .map(([when, onDelayMs, offDelayMs]) => rule(when, { onDelayMs, offDelayMs }));
  const anyBatches = fc.array(
    fc.record({ afterMs: fc.nat(12_000), samples: fc.array(anySample, { maxLength: 4 }) }),
    { maxLength: 25 },
  );

  /**
   * All changes with their times; `cut` splits batches, `ticks` adds empty ones, timers always get
   * their tick.
   */
  function play(
    one: Rule,
    batches: readonly { afterMs: number; samples: readonly Sample[] }[],
    { cut = false, ticks = false } = {},
  ): string[] {
    const { rules } = watch(one, 25_000);
    const seen: string[] = [];
    let mono = 0;
    const step = (at: number, samples: readonly Sample[]) => {
      mono = at;
      for (const { to } of rules.evaluate(samples, { at, mono }).changes) seen.push(`${at} ${to}`);
    };
    const advance = (until: number) => {
      for (let due = rules.nextDue(); due !== undefined && due <= until; due = rules.nextDue()) {
        step(due, []);
      }
      if (ticks) step(until, []);
    };
    for (const { afterMs, samples } of batches) {
      const until = mono + afterMs;
      if (ticks) advance(mono + Math.floor(afterMs / 3));
      advance(until);
      if (cut) for (const sample of samples) step(until, [sample]);
      else step(until, samples);
      mono = until;
    }
    return seen;
  }

  test("splitting a batch changes nothing, ticks in between change nothing", () => {
    const property = fc.property(anyRule, anyBatches, (one, batches) => {
      const expected = play(one, batches);
      expect(play(one, batches)).toEqual(expected);
      expect(play(one, batches, { cut: true })).toEqual(expected);
      expect(play(one, batches, { ticks: true })).toEqual(expected);
    });
    fc.assert(property, { numRuns: 400 });
  });

  test("violated and returned alternate, and nextDue lies in the future", () => {
    const property = fc.property(anyRule, anyBatches, (one, batches) => {
      const { rules } = watch(one, 25_000);
      let mono = 0;
      let before = "returned";
      for (const { afterMs, samples } of batches) {
        mono += afterMs;
        for (const { to } of rules.evaluate(samples, { at: mono, mono }).changes) {
          expect(to).not.toBe(before);
          before = to;
        }
        expect(rules.nextDue() ?? Number.POSITIVE_INFINITY).toBeGreaterThan(mono);
      }
    });
    fc.assert(property, { numRuns: 400 });
  });
});
