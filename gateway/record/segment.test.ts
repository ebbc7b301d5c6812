import fc from "fast-check";
import { expect, test } from "vitest";
import type { PointKey } from "../../drivers/contract.ts";
import type { PointRecord } from "./record.ts";
import { packSegment, segmentHashStart, segmentRecordsMax, unpackSegment } from "./segment.ts";
import { type ChainedSegment, verifySegments } from "./verify-segments.ts";

const point: PointKey = "cold-2/temperature";
const now = Date.UTC(2026, 10, 1);

const number = fc.oneof(
  fc.integer({ min: -8_000, max: 8_000 }).map((tenths) => tenths / 100),
  fc.double({ noNaN: true, noDefaultInfinity: true }).filter((value) => !Object.is(value, -0)),
);
const part = fc.record(
  {
    place: fc.constantFrom("inside" as const, "outside" as const, "gap" as const),
    quality: fc.constantFrom("good" as const, "uncertain" as const, "bad" as const),
    clock: fc.constantFrom("synchronized" as const, "unsynchronized" as const, "unset" as const),
    value: number,
    raw: number,
    reason: fc.string({ maxLength: 20 }),
    location: fc.constantFrom("cold-1", "二号冷库", ""),
    calibration: fc.string({ maxLength: 12 }),
  },
  { requiredKeys: ["place", "quality", "clock"] },
);
const step = fc.oneof(
  fc.integer({ min: 1, max: 3_600_000 }),
  fc.double({ min: 0.25, max: 1e6, noNaN: true }),
);
const records = fc.array(fc.tuple(step, part), { maxLength: 60 }).map((rows) => {
  let at = now;
  return rows.map(([after, rest]): PointRecord => {
    at += after;
    return { point, at, ...rest };
  });
});

test("whatever is packed is unpacked the same, behind whichever hash", () => {
  const hash = fc.stringMatching(/^[0-9a-f]{64}$/);
  fc.assert(
    fc.property(records, hash, (given, before) => {
      const segment = packSegment(given, before);
      expect(unpackSegment(point, segment, before)).toEqual(given);
    }),
  );
});

test("a byte that flipped anywhere is found", () => {
  fc.assert(
    fc.property(records, fc.nat(), fc.integer({ min: 1, max: 255 }), (given, place, flip) => {
      const { payload, hash } = packSegment(given, segmentHashStart);
      const torn = Uint8Array.from(payload);
      torn[place % torn.length] = (torn[place % torn.length] ?? 0) ^ flip;
      expect(() => unpackSegment(point, { payload: torn, hash }, segmentHashStart)).toThrow("hash");
    }),
  );
});

test("more than a segment may hold is refused, not cut", () => {
  const record: PointRecord = {
    ...{ point, at: now, place: "inside", quality: "good", value: 5, clock: "synchronized" },
  };
  const many = Array.from({ length: segmentRecordsMax + 1 }, (_, at) => ({ ...record, at }));
  expect(() => packSegment(many, segmentHashStart)).toThrow(String(segmentRecordsMax));
  const most = packSegment(many.slice(1), segmentHashStart);
  expect(unpackSegment(point, most, segmentHashStart)).toHaveLength(segmentRecordsMax);
});

function chain(of: PointKey, days: number): ChainedSegment[] {
  let before = segmentHashStart;
  return Array.from({ length: days }, (_, index) => {
    const at = now + index * 86_400_000;
    const rest = { quality: "good", value: index, clock: "synchronized" } as const;
    const day = [0, 60_000].map(
      (after): PointRecord => ({ point: of, at: at + after, place: "inside", ...rest }),
    );
    const { payload, hash } = packSegment(day, before);
    const segment = { hashBefore: before, hash, payload, count: 2 };
    before = hash;
    return { point: of, fromAt: at, toAt: at + 60_000, ...segment };
  });
}

const none = new Set<string>();

test("chains of several points that are whole are counted", () => {
  const all = [...chain(point, 3), ...chain("cold-1/t", 2)];
  expect(verifySegments(all, none)).toEqual({ ok: true, segments: 5, records: 10 });
  expect(verifySegments([], none)).toEqual({ ok: true, segments: 0, records: 0 });
});

test("the first segment that is missing, moved or changed is named with its kind", () => {
  const days = chain(point, 4);
  const third = { point, fromAt: days[2]?.fromAt, toAt: days[2]?.toAt };
  expect(verifySegments(days.toSpliced(1, 1), none)).toMatchObject({ damage: "removed", ...third });
  expect(verifySegments(days.slice(2), none)).toMatchObject({ damage: "removed", ...third });
  const [other] = chain(point, 1);
  const swapped = days.map((day, index) =>
    index === 2 && other !== undefined ? { ...day, payload: other.payload } : day,
  );
  expect(verifySegments(swapped, none)).toMatchObject({ damage: "altered", ...third });
  const fewer = days.map((day, index) => (index === 2 ? { ...day, count: 1 } : day));
  expect(verifySegments(fewer, none)).toMatchObject({ damage: "altered", ...third });
});

test("a chain may begin behind what a retirement took away, and nowhere else", () => {
  const days = chain(point, 4);
  const retired = new Set([days[1]?.hash ?? ""]);
  expect(verifySegments(days.slice(2), retired)).toMatchObject({ ok: true, segments: 2 });
  expect(verifySegments(days.slice(3), retired)).toMatchObject({ ok: false, damage: "removed" });
});
