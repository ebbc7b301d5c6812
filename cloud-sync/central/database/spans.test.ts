import fc from "fast-check";
import { expect, test } from "vitest";
import {
  aheadMs,
  dayRowsMin,
  daySpan,
  firstMonth,
  isOrdinary,
  monthSpan,
  rowsPerDay,
  type Span,
  spanOfTable,
  spanToMake,
} from "./spans.ts";

const now = Date.UTC(2026, 10, 22, 12);
const dayMs = 86_400_000;

test("a name says its span, and the names of other tables say none", () => {
  for (const span of [monthSpan("sample", now), daySpan("sample", now)]) {
    expect(spanOfTable("sample", span.table)).toEqual(span);
    expect(spanOfTable("sample_minute", span.table)).toBeUndefined();
  }
  const others = ["sample_strange_time", "sample_minute_2026_11", "sample", "sample_2026_11_x"];
  for (const table of others) expect(spanOfTable("sample", table)).toBeUndefined();
});

test("however many rows come a day, spans meet without a hole or an overlap", () => {
  const day = fc.integer({ min: -40, max: 40 });
  const rate = fc.constantFrom(0, dayRowsMin);
  fc.assert(
    fc.property(fc.array(fc.tuple(day, rate), { maxLength: 40 }), (asked) => {
      const known: Span[] = [];
      for (const [days, perDay] of asked) {
        const at = now + days * dayMs;
        if (known.some(({ from, until }) => at >= from && at < until)) continue;
        const span = spanToMake({ family: "sample", known, rowsPerDay: perDay }, at, now);
        expect(at).toBeGreaterThanOrEqual(span.from);
        expect(at).toBeLessThan(span.until);
        expect(known.filter((it) => it.from < span.until && it.until > span.from)).toEqual([]);
        known.push(span);
      }
    }),
  );
});

test("a fleet gets days from the month on that has none yet; what came before stays a month", () => {
  const of = { family: "sample", known: [], rowsPerDay: dayRowsMin } as const;
  expect(spanToMake(of, now, now).table).toBe("sample_2026_11_22");
  expect(spanToMake(of, Date.UTC(2026, 8, 1), now).table).toBe("sample_2026_09");
  const few = { ...of, rowsPerDay: dayRowsMin - 1 };
  expect(spanToMake(few, now, now).table).toBe("sample_2026_11");
});

test("rows a day are those of partitions that were open of late, once they were open for hours", () => {
  const month = { ...monthSpan("sample", now), rows: 215_000_000 };
  expect(Math.round(rowsPerDay([month], now))).toBe(10_000_000);
  const old = { ...monthSpan("sample", now - 60 * dayMs), rows: 9e9 };
  const fresh = { ...daySpan("sample", now), rows: 9e9 };
  expect(rowsPerDay([old, { ...month, rows: -1 }], now)).toBe(0);
  expect(rowsPerDay([fresh], fresh.from + 1_000)).toBe(0);
});

test("times before gateways existed and after the coming month are strange", () => {
  expect(isOrdinary(firstMonth - 1, now)).toBe(false);
  expect(isOrdinary(firstMonth, now)).toBe(true);
  expect(isOrdinary(now + aheadMs, now)).toBe(true);
  expect(isOrdinary(Date.UTC(2026, 11, 1), now)).toBe(false);
  expect(isOrdinary(Date.UTC(2027, 0, 1) - 1, Date.UTC(2026, 10, 24))).toBe(true);
});
