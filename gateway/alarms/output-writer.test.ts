import { expect, test } from "vitest";
import type { MonotonicMs, PointKey } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { ManualClock } from "../../tests/support/manual-clock.ts";
import type { Problem } from "../health/health.ts";
import {
  OutputWriter,
  outputReassertMs,
  outputRetryMs,
  outputWriteMsMax,
  quietWritesMax,
} from "./output-writer.ts";

const lamp: PointKey = "stack/red";

/**
 * Outputs whose wanted values a test sets, and a device that answers when and how the test says.
 */
function bench(wanted: Readonly<Record<PointKey, boolean>> = { [lamp]: false }) {
  const clock = new ManualClock();
  const desired = new Map(Object.entries(wanted) as [PointKey, boolean][]);
  const writes: { point: PointKey; value: boolean; at: MonotonicMs }[] = [];
  const reports: [PointKey, Problem | undefined][] = [];
  const answers: { resolve: () => void; reject: (error: Error) => void }[] = [];
  let answer: "at once" | "later" | Error = "at once";
  const writer = new OutputWriter({
    clock,
    annunciator: { desired: () => desired, nextChange: () => undefined },
    write: (point, value) => {
      writes.push({ point, value, at: clock.monotonicMs() });
      if (answer === "at once") return Promise.resolve();
      if (answer instanceof Error) return Promise.reject(answer);
      return new Promise((resolve, reject) => answers.push({ resolve, reject }));
    },
    report: (point, problem) => reports.push([point, problem]),
  });
  return {
    clock,
    desired,
    writes,
    reports,
    answers,
    writer,
    answerWith: (how: typeof answer) => {
      answer = how;
    },
  };
}

const busy = new RackwatchError("driver/timeout", "unit 3 does not answer", { where: lamp });

test("every output is written at the start, and afterwards only what changed", async () => {
  const it = bench({ [lamp]: false, "stack/green": true });
  it.writer.step();
  await it.clock.advance(10);
  it.writer.step();
  it.desired.set(lamp, true);
  it.writer.step();
  await it.clock.advance(10);
  it.writer.step();
  expect(it.writes.map(({ point, value }) => [point, value])).toEqual([
    [lamp, false],
    ["stack/green", true],
    [lamp, true],
  ]);
});

test("one write is under way per output, and the newest wish is what is written next", async () => {
  const it = bench();
  it.answerWith("later");
  it.writer.step();
  for (const value of [true, false, true, false, true]) {
    it.desired.set(lamp, value);
    it.writer.step();
  }
  expect(it.writes.length).toBe(1);
  it.answers[0]?.resolve();
  await it.clock.advance(1);
  expect(it.writes.map(({ value }) => value)).toEqual([false, true]);
  it.answers[1]?.resolve();
  await it.clock.advance(1);
  it.writer.step();
  expect(it.writes.length).toBe(2);
});

test("a slow output does not hold up another one", async () => {
  const it = bench({ [lamp]: true, "siren/relay": true });
  it.answerWith("later");
  it.writer.step();
  expect(it.writes.map(({ point }) => point)).toEqual([lamp, "siren/relay"]);
  await it.clock.advance(1);
});

test("a write that failed is tried again each second, and its problem told once", async () => {
  const it = bench();
  const stop = new AbortController();
  it.answerWith(busy);
  const run = it.writer.run(stop.signal);
  await it.clock.advance(3_500);
  const [first = 0] = it.writes.map(({ at }) => at);
  expect(it.writes.map(({ at }) => at - first)).toEqual([0, 1, 2, 3].map((n) => n * outputRetryMs));
  expect(it.reports).toMatchObject([[lamp, { code: "driver/timeout", where: lamp }]]);
  expect(it.writer.problems().get(lamp)?.message).toBe("unit 3 does not answer");

  it.answerWith("at once");
  await it.clock.advance(1_000);
  expect(it.reports.at(-1)).toEqual([lamp, undefined]);
  expect(it.writer.problems().size).toBe(0);
  stop.abort();
  await run;
});

test("what is right is written again every minute", async () => {
  const it = bench();
  const stop = new AbortController();
  const run = it.writer.run(stop.signal);
  await it.clock.advance(3 * outputReassertMs + 10);
  expect(it.writes.length).toBe(4);
  stop.abort();
  await run;
});

test("a write that hangs is given up, told, and written anew", async () => {
  const it = bench();
  const stop = new AbortController();
  it.answerWith("later");
  const run = it.writer.run(stop.signal);
  await it.clock.advance(outputWriteMsMax);
  expect(it.reports).toMatchObject([[lamp, { code: "driver/timeout" }]]);
  it.answerWith("at once");
  await it.clock.advance(outputRetryMs);
  expect(it.writes.length).toBe(2);
  expect(it.reports.at(-1)).toEqual([lamp, undefined]);
  stop.abort();
  await run;
});

test("an answer that comes after the write was given up makes the writer tell the device again", async () => {
  const it = bench();
  const stop = new AbortController();
  it.answerWith("later");
  const run = it.writer.run(stop.signal);
  await it.clock.advance(outputWriteMsMax);
  it.answerWith("at once");
  it.desired.set(lamp, true);
  await it.clock.advance(outputRetryMs);
  expect(it.writes.map(({ value }) => value)).toEqual([false, true]);
  it.answers[0]?.resolve();
  await it.clock.advance(1);
  expect(it.writes.map(({ value }) => value)).toEqual([false, true, true]);
  stop.abort();
  await run;
});

test("a changed wish is written at once while the loop sleeps", async () => {
  const it = bench();
  const stop = new AbortController();
  const run = it.writer.run(stop.signal);
  await it.clock.advance(20_000);
  const before = it.clock.monotonicMs();
  it.desired.set(lamp, true);
  it.writer.step();
  expect(it.writes.at(-1)).toEqual({ point: lamp, value: true, at: before });
  stop.abort();
  await run;
});

test("a lamp that is to light up does not wait behind outputs that are told the same again", async () => {
  const others = Array.from({ length: 50 }, (_, n): [PointKey, boolean] => [
    `cabinet/l${n}`,
    false,
  ]);
  const it = bench(Object.fromEntries([...others, [lamp, false]]));
  it.answerWith("later");
  it.writer.step();
  expect(it.writes).toHaveLength(quietWritesMax);
  it.desired.set(lamp, true);
  it.writer.step();
  expect(it.writes.at(-1)).toMatchObject({ point: lamp, value: true });
  expect(it.writes).toHaveLength(quietWritesMax + 1);
});

test("quiet writes go on one after the other until each output was told, and the loop rests between", async () => {
  const all = Array.from({ length: 20 }, (_, n): [PointKey, boolean] => [`cabinet/l${n}`, false]);
  const it = bench(Object.fromEntries(all));
  const stop = new AbortController();
  const running = it.writer.run(stop.signal);
  await it.clock.advance(100);
  expect(new Set(it.writes.map(({ point }) => point)).size).toBe(20);
  expect(it.writer.nextDue() - it.clock.monotonicMs()).toBeGreaterThan(outputReassertMs / 2);
  stop.abort();
  await running;
});

test("quiet writes that hang give their places up, and what lights up never needed one", async () => {
  const all = Array.from({ length: 6 }, (_, n): [PointKey, boolean] => [`cabinet/l${n}`, false]);
  const it = bench({ ...Object.fromEntries(all), [lamp]: true });
  it.answerWith("later");
  it.writer.step();
  expect(it.writes.map(({ point }) => point)).toContain(lamp);
  await it.clock.advance(outputWriteMsMax);
  it.answerWith("at once");
  for (let turn = 0; turn < 10; turn += 1) {
    it.writer.step();
    await it.clock.advance(outputRetryMs);
  }
  expect(new Set(it.writes.map(({ point }) => point)).size).toBe(7);
});

test("an output that leaves is turned off however often that fails, and then never written again", async () => {
  const it = bench({ [lamp]: true });
  const stop = new AbortController();
  const run = it.writer.run(stop.signal);
  await it.clock.advance(10);
  it.desired.delete(lamp);
  it.answerWith(busy);
  it.writer.leave([lamp]);
  await it.clock.advance(2 * outputRetryMs + 10);
  it.answerWith("at once");
  await it.clock.advance(3 * outputReassertMs);
  expect(it.writes.map(({ value }) => value)).toEqual([true, false, false, false, false]);
  expect(it.writer.problems().size).toBe(0);
  stop.abort();
  await run;
});

test("an output that comes back before it was off is an output again", async () => {
  const it = bench({ [lamp]: true });
  it.writer.step();
  await it.clock.advance(10);
  it.answerWith("later");
  it.desired.delete(lamp);
  it.writer.leave([lamp]);
  it.desired.set(lamp, true);
  it.writer.step();
  it.answers[0]?.resolve();
  await it.clock.advance(10);
  it.answers[1]?.resolve();
  await it.clock.advance(10);
  it.writer.reassert();
  expect(it.writes.map(({ value }) => value)).toEqual([true, false, true, true]);
});

test("an output that somebody else makes safe is forgotten, whatever its last write says in the end", async () => {
  const it = bench({ [lamp]: true });
  it.answerWith("later");
  it.writer.step();
  const asked = it.writer.prove(lamp);
  it.desired.delete(lamp);
  it.writer.forget([lamp]);
  expect(await asked).toBeUndefined();
  it.answers[0]?.reject(busy);
  await it.clock.advance(10 * outputRetryMs);
  it.writer.step();
  expect(it.writes).toHaveLength(1);
});
