import { expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import type { OperatorEvent } from "./operator-events.ts";
import { type Disorder, Sequence } from "./sequence.ts";

function sample(text: string): Sample {
  const [name = "", at = "0"] = text.split("@");
  return { point: `${name}/x`, sampledAt: Number(at), quality: "good", value: 1 };
}

function event(at: number): OperatorEvent {
  return { line: 1, at, rule: "warm", action: { do: "acknowledge", by: "alice" } };
}

function play(samples: readonly string[], events: readonly number[], disorder: Disorder) {
  const seen: string[] = [];
  const stage = {
    start: (at: number) => seen.push(`start ${at}`),
    take: (batch: readonly Sample[], at: number) =>
      seen.push(`${at} ${batch.map(({ point }) => point[0]).join("")}`),
    act: ({ at }: OperatorEvent) => seen.push(`act ${at}`),
  };
  const sequence = new Sequence(stage, events.map(event), disorder);
  for (const text of samples) sequence.push(sample(text));
  const { isStopped } = sequence;
  sequence.end();
  return { seen, isStopped };
}

test("samples of one instant are one step, by name; events come after those of their instant", () => {
  expect(play(["b@1", "a@1", "b@2", "a@3"], [2, 2.5, 9], "stop").seen).toEqual([
    ...["start 1", "1 ab", "2 b", "act 2", "act 2.5", "3 a", "act 9"],
  ]);
});

test("what happens first starts the clock, also an event, also without any sample", () => {
  expect(play(["a@5"], [3], "stop").seen).toEqual(["start 3", "act 3", "5 a"]);
  expect(play([], [3, 4], "stop").seen).toEqual(["start 3", "act 3", "act 4"]);
  expect(play([], [], "stop").seen).toEqual([]);
});

test("disorder between points stops, is put in order, or counts as it came", () => {
  const rows = ["a@1", "a@2", "b@1", "b@2"];
  expect(play(rows, [], "stop").isStopped).toBe(true);
  expect(play(rows, [], "sort").seen).toEqual(["start 1", "1 ab", "2 ab"]);
  expect(play(rows, [], "arrival").seen).toEqual(["start 1", "1 a", "2 abb"]);
});

test("more rows than can be put in order stop it", () => {
  const sequence = new Sequence({ start() {}, take() {}, act() {} }, [], "sort", 2);
  for (const text of ["a@2", "a@1"]) sequence.push(sample(text));
  expect(sequence.isTooMany).toBe(false);
  sequence.push(sample("a@3"));
  expect(sequence).toMatchObject({ isTooMany: true, isStopped: true });
});
