import { expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { allEvents, allSamples, storeRig } from "../../tests/support/store-rig.ts";
import { readEvents } from "./chunk.ts";
import type { DurableStore } from "./open-store.ts";
import type { ClockMark, ClockQuality, GatewayEvent } from "./store.ts";
import { correctedChunksMax, wrongClocksMax } from "./time-book.ts";
import { eventsAtTrueTimes } from "./time-shift.ts";

const dayMs = 86_400_000;
const now = Date.UTC(2026, 11, 1);

/** Of a boot that began at 0 on the monotonic clock. */
const trueOffset = now;

const rig = storeRig();

function markOf(offsetMs: number, quality: ClockQuality, boot = "boot-1"): ClockMark {
  return { boot, offsetMs, quality };
}

/** One sample at that monotonic time, and an event where asked for. */
function commitAt(store: DurableStore, clock: ClockMark, mono: number, told?: string): void {
  const at = mono + clock.offsetMs;
  const samples: Sample[] = [{ point: "a/t", sampledAt: at, quality: "good", value: mono }];
  const event: GatewayEvent = { kind: "alarm", at, mono, body: { told } };
  store.commit({ clock, samples, events: told === undefined ? [] : [event], state: new Map() });
}

function corrections(store: DurableStore): readonly GatewayEvent[] {
  return allEvents(store).filter(({ kind, body }) => kind === "clock" && "correction" in body);
}

function settle(store: DurableStore): void {
  for (let turn = 0; turn < 1_000 && store.merge(); turn += 1);
}

/** Values are monotonic times, so that each row tells when it truly was. */
function expectTrueHistory(store: DurableStore, rows: number): void {
  const history = store.history("a/t", now - dayMs, now + 400 * dayMs, 100_000);
  expect(history).toHaveLength(rows);
  for (const { sampledAt, value } of history) {
    expect(Math.abs(sampledAt - trueOffset - Number(value))).toBeLessThanOrEqual(1_000);
  }
}

test("rows of 1970 get their true time when the clock is set in that boot, and what is sent stays as recorded", () => {
  const { store } = rig.open();
  for (const mono of [1_000, 2_000, 3_000]) commitAt(store, markOf(0, "unset"), mono, "before");
  const recorded = allSamples(store);
  commitAt(store, markOf(trueOffset, "synchronized"), 60_000);
  expect(corrections(store).map(({ body }) => body)).toEqual([
    {
      correction: {
        ...{ boot: "boot-1", offsetMs: trueOffset },
        rows: { events: [1, 3], samples: [1, 3] },
      },
    },
  ]);
  expectTrueHistory(store, 4);
  expect(allSamples(store).slice(0, 3)).toEqual(recorded);
  const events = store.outbox
    .read("events", 0, 100)
    .flatMap((chunk) => eventsAtTrueTimes(chunk, readEvents(chunk)));
  for (const { at, mono } of events) expect(at).toBe(mono + trueOffset);
  expect(store.history("a/t", 0, dayMs, 10)).toEqual([]);
  expect(store.status("samples").oldestAt).toBe(trueOffset + 1_000);
});

test("a clock that was a month behind and set by hand in between is corrected row by row, once", () => {
  const { store } = rig.open();
  commitAt(store, markOf(trueOffset - 30 * dayMs, "unsynchronized"), 1_000);
  commitAt(store, markOf(trueOffset - 7_200_000, "unsynchronized"), 2_000);
  commitAt(store, markOf(trueOffset - 200, "unsynchronized"), 3_000);
  commitAt(store, markOf(trueOffset, "synchronized"), 4_000);
  commitAt(store, markOf(trueOffset, "synchronized"), 5_000);
  expect(corrections(store)).toHaveLength(1);
  expectTrueHistory(store, 5);
});

test("a clock that was never set is corrected as soon as it is set, and again when that was wrong too", () => {
  const { store } = rig.open();
  commitAt(store, markOf(0, "unset"), 1_000);
  commitAt(store, markOf(trueOffset, "unsynchronized"), 2_000);
  expect(corrections(store)).toHaveLength(1);
  expectTrueHistory(store, 2);
  commitAt(store, markOf(trueOffset, "synchronized"), 3_000);
  expect(corrections(store)).toHaveLength(1);
  commitAt(store, markOf(trueOffset - 3_600_000, "unsynchronized"), 4_000);
  commitAt(store, markOf(trueOffset, "synchronized"), 5_000);
  expect(corrections(store)).toHaveLength(2);
  expectTrueHistory(store, 5);
});

test("how the clock was set meanwhile is kept with the correction, up to a limit", () => {
  const { store } = rig.open();
  for (let n = 0; n < wrongClocksMax + 4; n += 1) {
    commitAt(store, markOf(trueOffset - (n + 1) * dayMs, "unsynchronized"), (n + 1) * 1_000);
  }
  commitAt(store, markOf(trueOffset, "synchronized"), 60_000);
  const [{ mono, clocks } = { mono: 0, clocks: [] }] = store.corrections;
  expect([mono, clocks.length]).toEqual([60_000, wrongClocksMax]);
  expect(clocks[1]).toEqual({
    offsetMs: trueOffset - 2 * dayMs,
    fromMono: 2_000,
    throughMono: 3_000,
  });
});

test("a correction is on the audit trail, with the boot, the offset and which rows it is of", () => {
  const { store } = rig.open();
  commitAt(store, markOf(0, "unset"), 1_000);
  expect(store.audit(0, 10)).toEqual([]);
  commitAt(store, markOf(trueOffset, "synchronized"), 2_000);
  const rows = { events: [1, 0], samples: [1, 1] };
  expect(store.audit(0, 10)).toMatchObject([
    {
      actor: "system",
      action: "gateway.clock",
      data: { correction: { boot: "boot-1", offsetMs: trueOffset, rows } },
    },
  ]);
});

test("a clock that was right all along gives no correction", () => {
  const { store } = rig.open();
  commitAt(store, markOf(trueOffset - 900, "unsynchronized"), 1_000);
  commitAt(store, markOf(trueOffset, "synchronized"), 2_000);
  expect(corrections(store)).toEqual([]);
});

test("what a quartz drifts without its time server is no wrong clock, a step is", () => {
  const { store } = rig.open();
  commitAt(store, markOf(trueOffset, "synchronized"), 0);
  commitAt(store, markOf(trueOffset, "unsynchronized"), dayMs / 2);
  commitAt(store, markOf(trueOffset + 30_000, "synchronized"), dayMs);
  expect(corrections(store)).toEqual([]);
  commitAt(store, markOf(trueOffset + 3_600_000, "unsynchronized"), dayMs + 1_000);
  commitAt(store, markOf(trueOffset, "synchronized"), dayMs + 2_000);
  expect(corrections(store)).toHaveLength(1);
});

test("a boot that never learned the time stays as it is, and another boot's time says nothing of it", () => {
  const { store } = rig.open();
  commitAt(store, markOf(0, "unset", "boot-0"), 1_000);
  commitAt(store, markOf(500, "unset", "boot-1"), 2_000);
  commitAt(store, markOf(trueOffset, "synchronized", "boot-1"), 3_000);
  settle(store);
  expect(store.history("a/t", 0, dayMs, 10)).toHaveLength(1);
  expect(corrections(store)).toHaveLength(1);
});

test("the process may end between the wrong times and the right one, and in the middle of many chunks", () => {
  const chunks = correctedChunksMax * 3;
  const limits = { chunkRowsMax: 1 };
  const first = rig.open(limits).store;
  const samples = Array.from({ length: chunks }, (_, n): Sample => {
    const mono = (n + 1) * 1_000;
    return { point: "a/t", sampledAt: mono, quality: "good", value: mono };
  });
  first.commit({ clock: markOf(0, "unset"), samples, events: [], state: new Map() });
  rig.close(first);
  const second = rig.open(limits).store;
  commitAt(second, markOf(trueOffset, "synchronized"), chunks * 1_000 + 60_000);
  expect(second.history("a/t", 0, dayMs, 1_000).length).toBe(chunks - correctedChunksMax);
  rig.close(second);
  const third = rig.open(limits).store;
  for (let turn = 0; turn < 3; turn += 1) third.merge();
  expectTrueHistory(third, chunks + 1);
  expect(corrections(third)).toHaveLength(1);
});

test("chunks that are merged keep what their times lack, and are not merged with others", () => {
  const { store } = rig.open({ chunkRowsMax: 8 });
  for (let n = 1; n <= 8; n += 1) commitAt(store, markOf(0, "unset"), n * 1_000);
  commitAt(store, markOf(trueOffset, "synchronized"), 60_000);
  for (let n = 0; n < 40; n += 1) commitAt(store, markOf(trueOffset, "synchronized"), 61_000 + n);
  settle(store);
  const read = store.outbox.read("samples", 0, 1_000);
  expect(read[0]).toMatchObject({
    firstSeq: 1,
    lastSeq: 8,
    shiftMs: trueOffset,
    firstAt: trueOffset + 1_000,
  });
  expectTrueHistory(store, 49);
});

test("a time that a device told from before the boot is not moved", () => {
  const { store } = rig.open();
  const clock = markOf(trueOffset - 30 * dayMs, "unsynchronized");
  const told = clock.offsetMs - 5_000;
  const samples: Sample[] = [
    { point: "a/t", sampledAt: told, quality: "good", value: 1 },
    { point: "a/t", sampledAt: clock.offsetMs + 1_000, quality: "good", value: 2 },
  ];
  store.commit({ clock, samples, events: [], state: new Map() });
  commitAt(store, markOf(trueOffset, "synchronized"), 9_000);
  const history = store.history("a/t", 0, now + dayMs, 10);
  expect(history.map(({ sampledAt }) => sampledAt)).toEqual([
    told,
    trueOffset + 1_000,
    trueOffset + 9_000,
  ]);
});

test("a commit that the disk refuses leaves the correction for the next one", () => {
  const { store } = rig.open();
  commitAt(store, markOf(0, "unset"), 1_000);
  const broken = {
    toJSON: () => {
      throw new Error("no JSON");
    },
  };
  const clock = markOf(trueOffset, "synchronized");
  const samples: Sample[] = [
    { point: "a/t", sampledAt: now + 2_000, quality: "good", value: 2_000 },
  ];
  expect(() =>
    store.commit({ clock, samples, events: [], state: new Map([["x", broken]]) }),
  ).toThrow();
  expect(corrections(store)).toEqual([]);
  commitAt(store, clock, 3_000);
  expect(corrections(store)).toHaveLength(1);
  expectTrueHistory(store, 2);
});
