import { expect, test } from "vitest";
import { ManualClock, memoryLog } from "../../tests/support/manual-clock.ts";
import { HealthBook } from "./health-book.ts";
import { healthRules } from "./health-rules.ts";

const full = { code: "store/full", message: "the disk is full" } as const;

function setUp() {
  const clock = new ManualClock();
  const { log, entries } = memoryLog();
  return { clock, entries, book: new HealthBook(["store", "channel-a"], clock, log) };
}

test("every part says once that it is well, then again each minute", async () => {
  const { clock, book } = setUp();
  expect(book.samples().map((s) => s.point)).toEqual(["gateway/store", "gateway/channel-a"]);
  expect(book.samples()).toEqual([]);
  await clock.advance(60_000);
  expect(book.samples()).toHaveLength(2);
});

test("a problem makes its point false at once and well again true at once", () => {
  const { book } = setUp();
  book.samples();
  book.report("store", full);
  expect(book.samples()).toMatchObject([{ point: "gateway/store", value: false }]);
  book.report("store", undefined);
  expect(book.samples()).toMatchObject([{ point: "gateway/store", value: true }]);
});

test("the same problem is logged once, however often it is reported, and keeps its since", async () => {
  const { clock, book, entries } = setUp();
  book.report("store", full);
  const since = clock.now();
  await clock.advance(5_000);
  book.report("store", full);
  book.report("store", { ...full, message: "the disk is full (0 bytes left)" });
  expect(entries.filter((e) => e.level === "error")).toHaveLength(2);
  expect(book.notices()).toMatchObject([{ part: "store", since }]);
});

test("each part has a rule of its own whose id no configured rule can take", () => {
  const rules = healthRules(["config", "channel-rs485-a"], "zh");
  expect(rules.map((r) => r.id)).toEqual(["gateway:config", "gateway:channel-rs485-a"]);
  expect(rules[1]?.message).toContain("rs485-a");
  expect(rules[1]?.onDelayMs).toBe(30_000);
});

test("a modem may look for its network for two minutes before it is an alarm", () => {
  const [modem] = healthRules(["sms"], "en");
  expect(modem).toMatchObject({ onDelayMs: 120_000, priority: "high" });
});

test("a part that is gone has neither notice nor sample, one that is new says how it is, the others go on", () => {
  const { book } = setUp();
  book.report("channel-a", full);
  book.report("store", full);
  book.samples();
  book.cover(["store", "channel-b"]);
  expect(book.notices().map(({ part }) => part)).toEqual(["store"]);
  expect(book.samples().map(({ point }) => point)).toEqual(["gateway/channel-b"]);
});

test("the last falls of a part are remembered: each time that it was well before, and none of a part that is gone", async () => {
  const { clock, book } = setUp();
  const start = clock.monotonicMs();
  book.report("store", full);
  book.report("store", { ...full, message: "still full" });
  expect(book.falls("store")).toEqual([start]);
  for (let fall = 1; fall <= 4; fall += 1) {
    await clock.advance(1_000);
    book.report("store", undefined);
    book.report("store", full);
  }
  expect(book.falls("store")).toEqual([start + 2_000, start + 3_000, start + 4_000]);
  expect(book.falls("channel-a")).toEqual([]);
  book.cover(["channel-a"]);
  expect(book.falls("store")).toEqual([]);
});
