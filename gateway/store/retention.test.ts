import fc from "fast-check";
import { expect, test } from "vitest";
import type { ChunkSpan } from "./chunk-log.ts";
import { openMemory } from "./database.ts";
import { storeLimits } from "./limits.ts";
import { LogWriter } from "./log-writer.ts";
import { dropSamples, enough, expired, gapEvent } from "./retention.ts";
import type { ClockQuality } from "./store.ts";

function span(n: number, lastAt: number, clockQuality: ClockQuality = "synchronized"): ChunkSpan {
  const lastSeq = n * 10;
  const times = { firstAt: lastAt - 5, lastAt, clockQuality, shiftMs: null };
  return { firstSeq: lastSeq - 9, lastSeq, ...times, bytes: 800 };
}

test("age lets go what is confirmed and old, up to the last such chunk", () => {
  const spans = [span(1, 100), span(2, 200), span(3, 300), span(4, 400)];
  expect(expired(spans, 40, 250)).toBe(2);
  expect(expired(spans, 19, 250)).toBe(1);
  expect(expired(spans, 0, 250)).toBe(0);
});

test("a chunk from before the clock was set goes neither by its own 1970 nor stops older ones behind it", () => {
  const unset = span(2, 5, "unset");
  expect(expired([span(1, 900), unset], 40, 500)).toBe(0);
  expect(expired([span(1, 900), unset, span(3, 400)], 40, 500)).toBe(3);
});

test("a clock that nobody synchronized, set back by half a year, ages nothing; once corrected it does", () => {
  const early = { ...span(2, 100), clockQuality: "unsynchronized" as const };
  expect(expired([span(1, 900), early], 40, 500)).toBe(0);
  expect(expired([span(1, 400), { ...early, shiftMs: 300 }], 40, 500)).toBe(2);
});

test("no more goes than is needed, and what is not confirmed never by age", () => {
  const arbitrary = fc.array(fc.nat({ max: 1_000 }), { maxLength: 30 });
  fc.assert(
    fc.property(arbitrary, fc.nat({ max: 300 }), fc.nat({ max: 30_000 }), (times, seq, bytes) => {
      const spans = times.map((lastAt, index) => span(index + 1, lastAt));
      for (const { lastSeq } of spans.slice(0, expired(spans, seq, 500))) {
        expect(lastSeq).toBeLessThanOrEqual(seq);
      }
      const going = enough(spans, bytes);
      expect(going * 1_000 >= bytes || going === spans.length).toBe(true);
      expect(Math.max(0, going - 1) * 1_000 < bytes || going === 0).toBe(true);
    }),
  );
});

test("a gap says which rows of which lane are gone, of what time and why", () => {
  const gap = gapEvent("samples", [span(1, 100), span(2, 90)], "size", { at: 7, mono: 8 });
  expect(gap).toEqual({
    kind: "gap",
    at: 7,
    mono: 8,
    body: {
      ...{ lane: "samples", firstSeq: 1, lastSeq: 20, count: 20 },
      ...{ firstAt: 85, lastAt: 100, reason: "size" },
    },
  });
});

test("samples that central never had go for room when they are much, those of the last seconds never", () => {
  const { db } = openMemory(storeLimits());
  const writer = new LogWriter(db, 5_000);
  const flush = (at: number) =>
    writer.write({
      clock: { boot: "b", offsetMs: 0, quality: "synchronized" },
      samples: [{ point: "a/t", sampledAt: at, quality: "good", value: at }],
      ...{ events: [], state: new Map() },
    });
  const lose = () => dropSamples(writer, 0, 1_048_576, { at: 1, mono: 1 });
  for (let at = 1; at <= 20; at += 1) flush(at);
  expect(lose()).toBe(0);
  expect(writer.head("events")).toBe(0);
  for (let at = 21; at <= 100; at += 1) flush(at);
  expect(lose()).toBe(99);
  expect(writer.log.first("samples")).toBe(100);
  expect(writer.head("events")).toBe(1);
  db.close();
});
