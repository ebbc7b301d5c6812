import { expect, test } from "vitest";
import { foundElsewhere, type Instant, type Rule } from "../rules/rule.ts";
import { RuleBook } from "../rules/rule-book.ts";
import { createAlarmSystem } from "./alarm-system.ts";

function moment(s: number): Instant {
  return { at: 1_700_000_000_000 + s * 1_000, mono: s * 1_000 };
}

function out(message = "insulin is out: 0 of 20"): Rule {
  return {
    id: "stock:out:shelf-1:insulin",
    when: foundElsewhere,
    found: true,
    onDelayMs: 0,
    offDelayMs: 0,
    priority: "high",
    message,
    item: "insulin",
    location: "shelf-1",
    outputs: [],
  };
}

function run(book: RuleBook, disk = new Map<string, unknown>(), start = moment(0)) {
  const system = createAlarmSystem({
    rules: book,
    saved: new Map(disk),
    instant: start,
    boot: "b",
    clockSynchronized: () => true,
  });
  const step = (s: number, ...found: Parameters<typeof system.step>[2] & object) => {
    const result = system.step([], moment(s), found);
    for (const [key, json] of result.stateChanges) {
      if (json === undefined) disk.delete(key);
      else disk.set(key, JSON.parse(JSON.stringify(json)));
    }
    return result;
  };
  return { system, step, disk };
}

test("what another part finds is an alarm like any other, with the numbers of that moment", () => {
  const book = new RuleBook();
  const { system, step } = run(book);
  step(0);
  book.put(out());
  const figures = { onHand: 0, min: 20 };
  const { transitions } = step(1, { rule: out(), to: "violated", figures });
  expect(transitions).toMatchObject([{ cause: "violated", figures, to: "unacknowledged" }]);
  expect(system.list()).toMatchObject([{ item: "insulin", figures, state: "unacknowledged" }]);
  system.act(out().id, { do: "acknowledge", by: "Li Na" }, moment(2));
  expect(step(3, { rule: out(), to: "violated" }).transitions).toEqual([]);
  expect(step(4, { rule: out(), to: "returned" }).transitions).toMatchObject([{ to: "normal" }]);
});

test("after a restart a found alarm stands with its words and numbers, until it is found to be over", () => {
  const first = run(new RuleBook([out()]));
  first.step(1, { rule: out(), to: "violated", figures: { onHand: 0 } });
  const second = run(new RuleBook([out("insulin is out: 0 of 30")]), first.disk, moment(10));
  expect(second.step(11).transitions).toEqual([]);
  expect(second.system.list()).toMatchObject([
    { state: "unacknowledged", message: "insulin is out: 0 of 20", figures: { onHand: 0 } },
  ]);
  second.step(12, { rule: out(), to: "returned" });
  second.system.act(out().id, { do: "acknowledge", by: "Li Na" }, moment(13));
  second.step(14, { rule: out(), to: "violated" });
  expect(second.system.list()[0]?.id).toBe(`${out().id}#2`);
});

test("a found alarm whose item is gone ends at the start", () => {
  const first = run(new RuleBook([out()]));
  first.step(1, { rule: out(), to: "violated" });
  const second = run(new RuleBook(), first.disk, moment(10));
  expect(second.step(11).transitions).toMatchObject([{ cause: "rule-removed", to: "normal" }]);
  expect(second.disk.size).toBe(0);
});
