import fc from "fast-check";
import { expect, test } from "vitest";
import { crowdTagsMin } from "./crowd.ts";
import { type Change, Presence, type PresenceSettings, tagsMax } from "./presence.ts";
import { epochMs } from "./smurf.ts";
import type { Zone } from "./zones.ts";

const settings: PresenceSettings = {
  reads: 2,
  withinMs: 1_000,
  holdMs: 3_000,
  isAdaptive: true,
  minRssi: undefined,
  margin: 4,
};
const gate: readonly Zone[] = [{ device: "gate", antennas: undefined }];
const pair: readonly Zone[] = [
  { device: "left", antennas: [1] },
  { device: "right", antennas: [2] },
];
const epc = "3074257BF7194E4000001A85";
const wall = Date.UTC(2026, 0, 1);

/** A presence whose clock stands where the test puts it. */
function watch(zones = gate, own: Partial<PresenceSettings> = {}) {
  const presence = new Presence({ ...settings, ...own }, zones);
  const at = (ms: number) => ({ watchedMs: ms, now: wall + ms });
  return {
    presence,
    read: (ms: number, read: object = {}) => presence.read({ epc, ...read }, at(ms)),
    advance: (ms: number) => presence.advance(at(ms)),
  };
}

/** Repeatable noise: xorshift, 0 <= x < 1. */
function noise(seed: number): () => number {
  let state = seed;
  const next = () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return (state >>> 0) / 4_294_967_296;
  };
  for (let warm = 0; warm < 20; warm += 1) next();
  return next;
}

test("a tag is present after two reads within a second, and says when it was seen first", () => {
  const it = watch();
  expect(it.read(0)).toMatchObject({ stay: { firstSeenAt: wall, reads: 1 }, changes: [] });
  expect(it.read(400).changes).toEqual([
    { is: "arrived", device: "gate", epc, at: wall, moved: false },
  ]);
  expect([...it.presence.tags("gate")]).toEqual([epc]);
});

test("two reads that lie too far apart make nobody present", () => {
  const it = watch();
  it.read(0);
  expect(it.read(1_001).changes).toEqual([]);
  expect(it.read(1_900).changes).toMatchObject([{ is: "arrived" }]);
});

test("reads that the reader has counted together count as so many", () => {
  expect(watch().read(0, { count: 2 }).changes).toMatchObject([{ is: "arrived" }]);
});

test("single reads never make a tag present: each is a ghost when it is gone", () => {
  const property = fc.property(fc.array(fc.integer({ min: 3_000, max: 60_000 })), (gaps) => {
    const it = watch();
    let ms = 0;
    let ghosts = 0;
    for (const gap of gaps) {
      expect(it.read(ms).changes).toEqual([]);
      ms += gap + epochMs;
      const changes = it.advance(ms);
      ghosts += changes.filter((change) => change.is === "ghost").length;
      expect(changes).toEqual([{ is: "ghost", device: "gate", reason: "single-read" }]);
    }
    expect(ghosts).toBe(gaps.length);
    expect(it.presence.tags("gate").size).toBe(0);
  });
  fc.assert(property, { numRuns: 50 });
});

test("a tag that is well read leaves after the hold time, at the time of the decision", () => {
  const it = watch();
  for (let ms = 0; ms <= 20_000; ms += 100) {
    it.read(ms);
    it.advance(ms);
  }
  let ms = 20_000;
  let changes: readonly Change[] = [];
  while (changes.length === 0 && ms < 60_000) {
    ms += 50;
    changes = it.advance(ms);
  }
  expect(changes).toEqual([{ is: "left", device: "gate", epc, at: wall + ms, moved: false }]);
  expect(ms).toBeGreaterThanOrEqual(23_000);
  expect(ms).toBeLessThan(24_500);
  expect(it.presence.tags("gate").size).toBe(0);
});

test("no time goes by while nobody says that the reader watches", () => {
  const it = watch();
  it.read(0);
  it.read(10);
  expect(it.presence.tags("gate").size).toBe(1);
  expect(it.advance(2_999)).toEqual([]);
  expect(it.presence.tags("gate").size).toBe(1);
  expect(it.advance(3_600_000)).toMatchObject([{ is: "left" }]);
});

interface Trial {
  readonly rate: number;
  readonly isAdaptive: boolean;
  readonly epochs: number;
  readonly seed: number;
}

/** A tag that stays and is read with that chance in each epoch, then goes: false departures, and how long the true one took. */
function trial({ rate, isAdaptive, epochs, seed }: Trial) {
  const it = watch(gate, { isAdaptive });
  const random = noise(seed);
  let ms = 0;
  let left = 0;
  const count = (changes: readonly Change[]) => changes.filter(({ is }) => is === "left").length;
  for (let epoch = 0; epoch < epochs; epoch += 1) {
    if (random() < rate) it.read(ms + random() * epochMs);
    ms += epochMs;
    left += count(it.advance(ms));
  }
  it.read(ms);
  it.read(ms);
  const goneMs = ms;
  while (it.presence.tags("gate").size > 0 && ms < goneMs + 600_000) {
    ms += epochMs;
    it.advance(ms);
  }
  return { left, tookMs: ms - goneMs };
}

const hours = 3_600_000 / epochMs;

test("a tag that is read in 40 % of the epochs or more does not flicker, where a fixed hold loses it again and again", () => {
  for (const rate of [0.4, 0.6, 0.9]) {
    for (const seed of [11, 2_222, 333_333]) {
      expect(trial({ rate, isAdaptive: true, epochs: hours, seed }).left).toBe(0);
    }
  }
  // The same reads with the window fixed at the hold time: about twelve false departures an hour.
  const fixed = trial({ rate: 0.4, isAdaptive: false, epochs: 3 * hours, seed: 11 });
  expect(fixed.left).toBeGreaterThan(10);
  const seldom = trial({ rate: 0.2, isAdaptive: true, epochs: hours, seed: 5 });
  expect(seldom.left).toBeLessThanOrEqual(3);
  expect(trial({ rate: 0.2, isAdaptive: false, epochs: hours, seed: 5 }).left).toBeGreaterThan(100);
});

test("a tag that is gone is absent within a bound, the sooner the better it was read", () => {
  const property = fc.property(
    fc.double({ min: 0.05, max: 1, noNaN: true }),
    fc.integer({ min: 1, max: 1_000_000 }),
    (rate, seed) => {
      const { tookMs } = trial({ rate, isAdaptive: true, epochs: 400, seed });
      expect(tookMs).toBeGreaterThanOrEqual(settings.holdMs);
      expect(tookMs).toBeLessThanOrEqual(60_000 + 2 * epochMs);
      if (rate > 0.4) expect(tookMs).toBeLessThanOrEqual(15_000);
      if (rate > 0.9) expect(tookMs).toBeLessThanOrEqual(5_000);
    },
  );
  fc.assert(property, { numRuns: 60, seed: 7 });
});

test("a tag that passes within a second is held no longer than the hold time", () => {
  for (const readsMs of [
    [0, 50],
    [0, 300, 600, 900],
    [0, 100, 900],
  ]) {
    const it = watch();
    const lastMs = readsMs.at(-1) ?? 0;
    for (let ms = 0; ms <= 6_000; ms += 50) {
      if (readsMs.includes(ms)) it.read(ms);
      const [change] = it.advance(ms);
      if (change?.is === "left") expect(ms).toBeLessThanOrEqual(lastMs + 3_000 + epochMs);
    }
    expect(it.presence.tags("gate").size).toBe(0);
  }
});

test("none of 500 tags at 700 reads/s is lost in the first 20 s with the hold time that nobody has set", () => {
  for (const seed of [3, 44, 555, 6_666, 77_777]) {
    const random = noise(seed);
    const adaptive = watch();
    const fixed = watch(gate, { isAdaptive: false });
    const left = { adaptive: 0, fixed: 0 };
    for (let ms = 0; ms < 20_000; ms += 50) {
      for (let read = 0; read < 35; read += 1) {
        const tag = { epc: `T${Math.floor(random() * 500)}` };
        adaptive.read(ms, tag);
        fixed.read(ms, tag);
      }
      left.adaptive += adaptive.advance(ms).filter(({ is }) => is === "left").length;
      left.fixed += fixed.advance(ms).filter(({ is }) => is === "left").length;
    }
    expect(left.adaptive).toBe(0);
    expect(left.fixed).toBeGreaterThan(100);
    expect(adaptive.presence.tags("gate").size).toBe(500);
  }
});

/** When a tag that is read at these times leaves a field in which others are read seldom: every second, one after the other. */
function leftBeside(others: number, readsMs: readonly number[]): number {
  const it = watch();
  let rest = [...readsMs];
  for (let ms = 0; ms <= 120_000; ms += 50) {
    for (let other = 0; other < others; other += 1) {
      const beat = ms - 50 * other;
      if (beat >= 0 && beat % 1_000 === 0) it.read(ms, { epc: `S${other}`, count: 2 });
    }
    for (const due of rest.filter((at) => at <= ms)) it.read(due);
    rest = rest.filter((at) => at > ms);
    const left = it.advance(ms).find((change) => change.is === "left" && change.epc === epc);
    if (left !== undefined && rest.length === 0) return ms;
  }
  throw new Error("it never left");
}

test("fewer tags than a crowd hold no other tag longer: it leaves when it would have left alone", () => {
  const gaps = fc.array(fc.integer({ min: 0, max: 900 }), { minLength: 1, maxLength: 12 });
  const property = fc.property(
    gaps,
    fc.integer({ min: 1, max: crowdTagsMin - 2 }),
    (ms, others) => {
      const readsMs = [0, ...ms].map((_, index, all) =>
        all.slice(0, index + 1).reduce((a, b) => a + b),
      );
      expect(leftBeside(others, readsMs)).toBe(leftBeside(0, readsMs));
    },
  );
  fc.assert(property, { numRuns: 30 });
  expect(leftBeside(0, [0, 50])).toBeLessThanOrEqual(3_050 + epochMs);
});

test("a crowd whose tags are seldom read holds a young tag for longer, and never for more than the longest window", () => {
  const aloneMs = leftBeside(0, [5_000, 5_050]);
  const crowdedMs = leftBeside(2 * crowdTagsMin, [5_000, 5_050]);
  expect(crowdedMs).toBeGreaterThan(aloneMs + 5_000);
  expect(crowdedMs).toBeLessThanOrEqual(5_050 + 60_000 + epochMs);
});

test("a tag that moves leaves one place and arrives at the other in one step", () => {
  const it = watch(pair);
  let ms = 0;
  for (; ms < 3_000; ms += 100) {
    it.read(ms, { antenna: 1, rssiDbm: -50 });
    it.read(ms, { antenna: 2, rssiDbm: -60 });
    expect(it.advance(ms)).toEqual([]);
  }
  expect([...it.presence.tags("left")]).toEqual([epc]);
  const moves: Change[] = [];
  for (; ms < 6_000; ms += 100) {
    it.read(ms, { antenna: 1, rssiDbm: -60 });
    it.read(ms, { antenna: 2, rssiDbm: -50 });
    const changes = it.advance(ms);
    expect([0, 2]).toContain(changes.length);
    moves.push(...changes);
  }
  expect(moves).toMatchObject([
    { is: "left", device: "left", moved: true },
    { is: "arrived", device: "right", moved: true },
  ]);
  expect(it.presence.tags("left").size).toBe(0);
  expect([...it.presence.tags("right")]).toEqual([epc]);
});

test("whatever is read, a tag is never in two places, and events and sets agree", () => {
  const step = fc.record({
    ms: fc.integer({ min: 0, max: 800 }),
    epc: fc.constantFrom("A1", "B2", "C3"),
    antenna: fc.constantFrom(1, 2, 3),
    rssiDbm: fc.option(fc.integer({ min: -90, max: -20 }), { nil: undefined }),
  });
  const property = fc.property(fc.array(step, { maxLength: 200 }), (steps) => {
    const it = watch(pair);
    const told = new Map<string, string>();
    const apply = (changes: readonly Change[]) => {
      for (const change of changes) {
        if (change.is === "left") expect(told.get(change.epc)).toBe(change.device);
        if (change.is === "left") told.delete(change.epc);
        if (change.is !== "arrived") continue;
        expect(told.has(change.epc)).toBe(false);
        told.set(change.epc, change.device);
      }
    };
    let ms = 0;
    for (const { ms: later, rssiDbm, ...read } of steps) {
      ms += later;
      apply(it.read(ms, rssiDbm === undefined ? read : { ...read, rssiDbm }).changes);
      apply(it.advance(ms));
      for (const { device } of pair) {
        const expected = [...told].filter(([, at]) => at === device).map(([tag]) => tag);
        expect([...it.presence.tags(device)].sort()).toEqual(expected.sort());
      }
    }
  });
  fc.assert(property, { numRuns: 100 });
});

test("weak reads and reads by foreign antennas are ghosts, and hold no tag", () => {
  const it = watch(pair, { minRssi: -70 });
  expect(it.read(0, { antenna: 1, rssiDbm: -71 })).toEqual({
    stay: undefined,
    changes: [{ is: "ghost", device: "left", reason: "weak-signal" }],
  });
  expect(it.read(0, { antenna: 3 })).toMatchObject({
    stay: undefined,
    changes: [{ is: "ghost", device: undefined, reason: "no-device" }],
  });
  it.read(10, { antenna: 1, rssiRaw: 10 });
  expect(it.read(20, { antenna: 1, rssiDbm: -70 }).changes).toMatchObject([{ is: "arrived" }]);
});

test("with a full field unconfirmed tags make room, and are counted; present ones stay", () => {
  const it = watch();
  for (let tag = 0; tag < tagsMax; tag += 1) it.read(tag / 100, { epc: `C${tag}` });
  const { changes } = it.read(30, { epc: "ONE-MORE" });
  expect(changes).toEqual([{ is: "ghost", device: "gate", reason: "field-full" }]);
  // C0, the oldest, was given up: its next read is a first one.
  expect(it.read(31, { epc: "C1" }).changes).toMatchObject([{ is: "arrived", epc: "C1" }]);
  expect(it.read(32, { epc: "C0" }).changes).toMatchObject([{ reason: "field-full" }]);

  const full = watch();
  for (let tag = 0; tag < tagsMax; tag += 1) full.read(0, { epc: `P${tag}`, count: 2 });
  expect(full.read(1)).toMatchObject({ stay: undefined, changes: [{ reason: "field-full" }] });
  expect(full.presence.tags("gate").size).toBe(tagsMax);
});

test("a pause of any length costs no more than the longest window", () => {
  const it = watch();
  for (let tag = 0; tag < 500; tag += 1) it.read(0, { epc: `T${tag}`, count: 2 });
  const changes = it.advance(1e12);
  expect(changes.filter(({ is }) => is === "left")).toHaveLength(500);
});
