import { describe, expect, test } from "vitest";
import { bad, good, hour, minute, RuleWatch, ruleOf } from "../../tests/support/rule-watch.ts";
import { compileRules } from "./compile.ts";
import type { Condition } from "./rule.ts";
import { resume, type Start } from "./rule-state.ts";

const point = "freezer/temperature";
const defrost = "freezer/defrost";
const warm: Condition = { is: "above", point, limit: -15, inclusive: false, deadband: 0 };
const defrosting: Condition = { is: "equal", point: defrost, value: true };
const rule = ruleOf(warm, { suppressWhile: defrosting });

describe("suppression by the rule's own condition", () => {
  test("begins and ends with it, and the violation is followed all the time", () => {
    const watch = new RuleWatch(rule);
    expect(watch.at(0, good(defrost, false), good(point, -18))).toBe("");
    expect(watch.at(minute, good(defrost, true))).toBe("(");
    expect(watch.at(2 * minute, good(point, -10))).toBe("+");
    expect(watch.at(3 * minute, good(defrost, false))).toBe(")");
    expect(watch.at(4 * minute, good(point, -18))).toBe("-");
  });

  test("a batch that brings both is covered, whichever sample comes first", () => {
    const watch = new RuleWatch(rule);
    expect(watch.at(0, good(point, -10), good(defrost, true))).toBe("(+");
    expect(watch.at(minute, good(defrost, false), good(point, -18))).toBe("-)");
    expect(watch.at(2 * minute, good(defrost, true), good(point, -10))).toBe("(+");
    expect(watch.at(3 * minute, good(point, -18), good(defrost, false))).toBe("-)");
  });

  test("a suppression that begins again within one step keeps its order", () => {
    const watch = new RuleWatch(rule);
    watch.at(0, good(defrost, true));
    expect(watch.at(1, good(defrost, false), good(point, -10), good(defrost, true))).toBe(")+(");
  });

  test("a defrost signal that is bad neither begins nor ends it", () => {
    const watch = new RuleWatch(rule);
    expect(watch.at(0, bad(defrost))).toBe("");
    watch.at(1, good(defrost, true));
    expect(watch.at(2, bad(defrost))).toBe("");
    expect(watch.at(3, good(defrost, false))).toBe(")");
  });

  test("the same point may suppress and violate", () => {
    const off: Condition = { is: "below", point, limit: -60, inclusive: false, deadband: 0 };
    const watch = new RuleWatch(
      ruleOf({ ...warm, is: "below", limit: -25 } as Condition, {
        suppressWhile: off,
      }),
    );
    expect(watch.at(0, good(point, -80))).toBe("(+");
    expect(watch.at(1, good(point, -20))).toBe("-)");
  });

  test("survives a restart and a reboot, and is not told twice", () => {
    const watch = new RuleWatch(rule);
    watch.at(0, good(defrost, true));
    watch.kill();
    expect(watch.at(minute, good(defrost, true))).toBe("");
    watch.reboot(minute);
    expect(watch.at(minute, good(defrost, true))).toBe("");
    expect(watch.at(2 * minute, good(defrost, false))).toBe(")");
  });

  test("what the alarm has on record wins: a suppression of an older condition ends", () => {
    const [compiled] = compileRules([rule]);
    const start: Start = {
      instant: { at: hour, mono: 0 },
      boot: "b",
      clockSynchronized: () => true,
    };
    if (compiled === undefined) throw new Error("no rule was compiled");
    expect(resume(undefined, compiled, start, false, true).suppression).toMatchObject({
      how: "followed-alarm",
      phase: "active",
    });
    expect(resume(undefined, compiled, start, false).suppression?.phase).toBe("normal");
  });
});
