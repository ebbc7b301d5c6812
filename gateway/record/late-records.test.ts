import { afterEach, beforeEach, expect, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { memoryLog } from "../../tests/support/manual-clock.ts";
import { mark, none, StoreRig } from "../../tests/support/store-rig.ts";
import { RecordBook } from "./record-book.ts";
import { packSegment, segmentHashStart, unpackSegment } from "./segment.ts";

const point: PointKey = "cold-2/temperature";
const minute = 60_000;
const start = Date.UTC(2026, 9, 1);
const settings = new Map([
  [point, { everyMs: minute, everyOutsideMs: minute, isOutside: () => false }],
]);

const rig = new StoreRig();
beforeEach(() => {
  rig.begin();
});
afterEach(() => {
  rig.end();
});

function at(minutes: number): Sample {
  return { point, sampledAt: start + minutes * minute, quality: "good", value: minutes };
}

function lateOf(book: RecordBook): number[] {
  return book
    .readRecords(point, start, start + 100 * minute)
    .records.flatMap(({ late, value }) => (late === true ? [value ?? -1] : []));
}

test("a sample that was not live is recorded as late, also when it is read again from its segment", () => {
  const { store } = rig.open();
  const { log } = memoryLog();
  using book = new RecordBook({
    dir: rig.dir,
    clock: rig.clock,
    log,
    settings,
    outbox: store.outbox,
  });
  book.step();
  const [old, now] = [at(1), at(50)];
  store.commit({ ...none, samples: [old, now] });
  book.committed([old, now], mark.quality, [now]);
  book.flush();
  expect(lateOf(book)).toEqual([1]);
  const { records } = book.readRecords(point, start, start + 100 * minute);
  const segment = packSegment(records, segmentHashStart);
  expect(unpackSegment(point, segment, segmentHashStart)).toEqual(records);
});

test("what is caught up is late where a newer sample of its point came first", () => {
  const { store } = rig.open();
  const { log } = memoryLog();
  store.commit({ ...none, samples: [at(10), at(20)] });
  store.commit({ ...none, samples: [at(5), at(30)] });
  using book = new RecordBook({
    dir: rig.dir,
    clock: rig.clock,
    log,
    settings,
    outbox: store.outbox,
  });
  book.flush();
  expect(lateOf(book)).toEqual([5]);
});
