import { expect, test } from "vitest";
import type { Sample } from "../contract.ts";
import type { ReaderEvent } from "./protocol.ts";
import { tagsCharsMax } from "./samples.ts";
import { changesMax, Field } from "./session-field.ts";
import type { Zone } from "./zones.ts";

const wall = Date.UTC(2026, 0, 1);
const gate: readonly Zone[] = [{ device: "gate", antennas: undefined }];
const pair: readonly Zone[] = [
  { device: "left", antennas: [1] },
  { device: "right", antennas: [2] },
];
const read = (epc: string, rest: object = {}): ReaderEvent => ({
  is: "read",
  read: { epc, ...rest },
});
const alive: ReaderEvent = { is: "alive" };

/** A field whose clock stands where the test puts it; keeps the last sample of each point. */
function watch(zones = gate, everyMs = 1_000) {
  const field = new Field({
    presence: {
      reads: 2,
      withinMs: 1_000,
      holdMs: 3_000,
      isAdaptive: true,
      minRssi: undefined,
      margin: 4,
    },
    zones: zones.map((zone) => ({ ...zone, everyMs })),
    uriOf: ({ epc }) => `urn:${epc}`,
  });
  const last = new Map<string, Sample>();
  const told: Sample[] = [];
  let ms = 0;
  const at = () => ({ monotonicMs: ms, now: wall + ms });
  const take = () => {
    const samples = field.take(at());
    told.push(...samples);
    for (const sample of samples) last.set(sample.point, sample);
    return samples;
  };
  return {
    field,
    told,
    take,
    last,
    value: (point: string) => {
      const sample = last.get(point);
      return sample === undefined || sample.quality === "bad" ? sample?.reason : sample.value;
    },
    hear: (...events: readonly ReaderEvent[]) => {
      field.absorb(events, at());
      return take();
    },
    /** Lets time pass while the reader says this every 100 ms. */
    pass: (passedMs: number, ...events: readonly ReaderEvent[]) => {
      for (const end = ms + passedMs; ms < end; ms += 100) {
        field.absorb(events, at());
        take();
      }
    },
    fail: (reason: string) => {
      field.fail(reason, at());
      return take();
    },
    elapse: (elapsedMs: number) => {
      ms += elapsedMs;
    },
  };
}

test("nothing is told before the reader was heard", () => {
  const it = watch();
  expect(it.take()).toEqual([]);
  expect(it.field.dueMs).toBe(Number.POSITIVE_INFINITY);
});

test("an empty field is uncertain until every tag had its time to be seen, then good", () => {
  const it = watch();
  it.hear(alive);
  expect(it.last.get("gate/count")).toMatchObject({ value: 0, reason: "settling" });
  it.pass(4_000, alive);
  expect(it.last.get("gate/count")).toMatchObject({ quality: "good", value: 0 });
  expect(it.last.get("gate/tags")).toMatchObject({ quality: "good", value: "" });
  expect(it.value("gate/reader")).toBe("ok");
});

test("tags come sorted with one blank between, arrivals at once, the set at most once a period", () => {
  const it = watch();
  it.pass(4_000, alive);
  it.told.length = 0;
  const first = it.hear(read("C3"), read("C3"));
  expect(first).toContainEqual({
    point: "gate/arrived",
    sampledAt: wall + 4_000,
    quality: "good",
    value: "C3",
  });
  it.pass(2_000, read("C3"), read("A1"), read("B2"));
  expect(it.value("gate/tags")).toBe("A1 B2 C3");
  expect(it.value("gate/count")).toBe(3);
  const times = it.told.filter(({ point }) => point === "gate/tags").map((one) => one.sampledAt);
  for (const [index, time] of times.entries())
    if (index > 0) expect(time - (times[index - 1] ?? 0)).toBeGreaterThanOrEqual(1_000);
});

test("a reader that does not answer never looks like an empty shelf", () => {
  const it = watch();
  it.pass(5_000, read("A1"));
  expect(it.value("gate/count")).toBe(1);
  it.told.length = 0;
  it.fail("timeout");
  expect(it.last.get("gate/count")).toMatchObject({ quality: "bad", reason: "timeout" });
  expect(it.last.get("gate/tags")).toMatchObject({ quality: "bad", reason: "timeout" });
  expect(it.last.get("gate/reader")).toMatchObject({ quality: "bad", reason: "timeout" });
  it.elapse(3_600_000);
  it.hear(alive);
  expect(it.last.get("gate/count")).toMatchObject({ value: 1, reason: "settling" });
  it.pass(2_500, alive);
  expect(it.value("gate/count")).toBe(1);
  expect(it.told.map(({ point }) => point)).not.toContain("gate/left");
  it.pass(4_000, alive);
  expect(it.last.get("gate/count")).toMatchObject({ quality: "good", value: 0 });
  expect(it.value("gate/left")).toBe("A1");
});

test("a reader that answers but does not read makes the set bad with its reason, and no tag leaves", () => {
  const it = watch();
  it.pass(5_000, read("A1"));
  it.pass(60_000, { is: "fault", reason: "too hot" }, alive);
  expect(it.last.get("gate/count")).toMatchObject({ quality: "bad", reason: "too hot" });
  expect(it.last.get("gate/reader")).toMatchObject({ quality: "good", value: "too hot" });
  expect(it.last.has("gate/left")).toBe(false);
  it.pass(5_000, read("A1"));
  expect(it.last.get("gate/count")).toMatchObject({ quality: "good", value: 1 });
  it.pass(90_000, read("A1"));
  expect(it.value("gate/reader")).toBe("ok");
});

test("a fault that is told once over an empty field makes it bad for ten seconds only", () => {
  const it = watch();
  it.hear({ is: "fault", reason: "power" }, alive);
  it.pass(9_900, alive);
  expect(it.last.get("gate/count")).toMatchObject({ quality: "bad", reason: "power" });
  it.pass(5_000, alive);
  expect(it.last.get("gate/count")).toMatchObject({ quality: "good", value: 0 });
  expect(it.value("gate/reader")).toBe("power");
});

test("faults between reads do not make the set flicker", () => {
  const it = watch();
  it.pass(5_000, read("A1"));
  it.told.length = 0;
  it.pass(20_000, { is: "fault", reason: "channels-busy" }, read("A1"), alive);
  expect(it.told.filter(({ point }) => point === "gate/count")).toEqual([]);
  expect(it.last.get("gate/count")).toMatchObject({ quality: "good", value: 1 });
  expect(it.value("gate/reader")).toBe("channels-busy");
});

test("an antenna that was missing is there again as soon as it has read", () => {
  const it = watch([{ device: "gate", antennas: [1] }]);
  it.pass(4_000, alive);
  it.hear({ is: "health", antennas: { 1: false } });
  expect(it.value("gate/antenna")).toBe(false);
  it.hear(read("A1", { antenna: 1 }));
  expect(it.value("gate/antenna")).toBe(true);
});

test("a fault beside which tags are read is told, and the set stays good", () => {
  const it = watch();
  it.pass(5_000, read("A1"));
  it.pass(5_000, { is: "fault", reason: "antenna 2 missing" }, read("A1"));
  expect(it.value("gate/reader")).toBe("antenna 2 missing");
  it.pass(5_000, read("A1"));
  expect(it.last.get("gate/count")).toMatchObject({ quality: "good", value: 1 });
});

test("a place whose antennas are all off is bad, with some of them off it is uncertain", () => {
  const it = watch(pair);
  it.pass(4_000, alive);
  it.hear({ is: "health", antennas: { 1: false, 2: true } });
  expect(it.last.get("left/count")).toMatchObject({ quality: "bad", reason: "antenna" });
  expect(it.last.get("right/count")).toMatchObject({ quality: "good" });
  expect(it.value("left/antenna")).toBe(false);
  expect(it.value("right/antenna")).toBe(true);
  const both = watch([{ device: "gate", antennas: [1, 2] }]);
  both.pass(4_000, alive);
  both.hear({ is: "health", antennas: { 1: false, 2: true } });
  both.pass(2_000, alive);
  expect(both.last.get("gate/count")).toMatchObject({ quality: "uncertain", reason: "antenna" });
});

test("a free port of a reader is no antenna that is missing; one that was connected is", () => {
  const it = watch();
  it.hear({ is: "health", antennas: { 1: true, 2: true, 3: false, 4: false } });
  it.pass(5_000, alive);
  expect(it.last.get("gate/count")).toMatchObject({ quality: "good", value: 0 });
  expect(it.value("gate/antenna")).toBe(true);
  it.hear({ is: "health", antennas: { 2: false } });
  it.pass(2_000, alive);
  expect(it.last.get("gate/count")).toMatchObject({ quality: "uncertain", reason: "antenna" });
  it.hear({ is: "health", antennas: { 1: false } });
  expect(it.last.get("gate/count")).toMatchObject({ quality: "bad", reason: "antenna" });
});

test("two places that exchange a tag tell their sets together: no tag is ever told in both", () => {
  const it = watch(pair);
  const held = new Map<string, string>();
  const check = () => {
    for (const device of ["left", "right"]) {
      const sample = it.last.get(`${device}/tags`);
      const value = sample === undefined || sample.quality === "bad" ? "" : String(sample.value);
      held.set(device, value);
    }
    expect([...held.values()].filter((tags) => tags.includes("AA")).length).toBeLessThanOrEqual(1);
  };
  for (let round = 0; round < 40; round += 1) {
    const antenna = 1 + (round % 2);
    for (let step = 0; step < 11 + round; step += 1) {
      it.pass(
        100,
        read("AA", { antenna, rssiDbm: -40 }),
        read("AA", { antenna: 3 - antenna, rssiDbm: -60 }),
        ...(round % 3 === 0 ? [read(`B${round}${step}`, { antenna: 1, count: 2 })] : []),
      );
      check();
    }
  }
  expect(it.told.filter(({ point }) => point === "right/arrived").length).toBeGreaterThan(10);
});

test("the last read comes with antenna, signal and URI, and only when it is another", () => {
  const it = watch(pair);
  it.pass(3_000, read("A1", { antenna: 1, rssiDbm: -51, seenAt: wall - 5 }));
  expect(it.last.get("left/last")).toMatchObject({ value: "A1", sampledAt: wall - 5 });
  expect(it.value("left/last-uri")).toBe("urn:A1");
  expect(it.value("left/last-antenna")).toBe(1);
  expect(it.value("left/last-rssi")).toBe(-51);
  expect(it.told.filter(({ point }) => point === "left/last")).toHaveLength(1);
  expect(it.last.has("right/last")).toBe(false);
});

const at = (ms: number) => new Date(wall + ms).toISOString();

test("the last read says when its tag came and was seen, and how often; once more when it is gone", () => {
  const it = watch();
  it.hear(read("A1"));
  expect(it.value("gate/last-first-seen")).toBe(at(0));
  expect(it.value("gate/last-reads")).toBe(1);
  it.pass(2_000, read("A1", { count: 3 }));
  expect(it.told.filter(({ point }) => point === "gate/last-reads")).toHaveLength(1);
  it.pass(8_000, alive);
  expect(it.told.filter(({ point }) => point === "gate/last-reads")).toHaveLength(2);
  expect(it.value("gate/last")).toBe("A1");
  expect(it.value("gate/last-first-seen")).toBe(at(0));
  expect(it.value("gate/last-seen")).toBe(at(1_900));
  expect(it.value("gate/last-reads")).toBe(61);
});

test("a tag that comes again begins another stay", () => {
  const it = watch();
  it.pass(2_000, read("A1"));
  it.pass(8_000, alive);
  it.pass(3_000, read("A1"), read("B2"));
  it.pass(2_000, read("A1"));
  expect(it.value("gate/last")).toBe("A1");
  expect(it.value("gate/last-first-seen")).toBe(at(10_000));
});

test("the reader's own time of a sighting is the time that is told", () => {
  const it = watch();
  it.hear(read("A1", { seenAt: wall - 7, count: 5 }));
  expect(it.value("gate/last-first-seen")).toBe(at(-7));
  expect(it.value("gate/last-seen")).toBe(at(-7));
  expect(it.value("gate/last-reads")).toBe(5);
});

test("what is told of the last read is never told oftener than every", () => {
  const it = watch();
  for (let round = 0; round < 100; round += 1)
    it.pass(100, read(`A${round % 7}`), read(`B${round % 5}`));
  const seen = it.told.filter(({ point }) => point === "gate/last-seen");
  expect(seen.length).toBeGreaterThan(5);
  expect(seen.length).toBeLessThanOrEqual(11);
});

test("what is not believed is counted with its reason", () => {
  const it = watch();
  it.hear({ is: "ghost", reason: "tag-crc" }, { is: "ghost", reason: "pc-length" }, read("A1"));
  it.hear({ is: "ghost", reason: "tag-crc", epc: "FF" });
  it.pass(20_000, alive);
  expect(it.value("gate/ghosts")).toBe(4);
  expect(it.value("gate/ghost-reason")).toBe("single-read=1 pc-length=1 tag-crc=2");
  expect(it.value("gate/reads")).toBe(1);
});

test("health is told when it is known", () => {
  const it = watch();
  it.hear({ is: "health", temperatureCel: 41, returnLossDb: 17 });
  expect(it.value("gate/temperature")).toBe(41);
  expect(it.value("gate/return-loss")).toBe(17);
  expect(it.last.has("gate/antenna")).toBe(false);
});

test("without a change the state is told again each minute, so that it does not grow old", () => {
  const it = watch();
  it.pass(10_000, alive);
  it.told.length = 0;
  it.pass(180_000, alive);
  const counts = it.told.filter(({ point }) => point === "gate/count");
  expect(counts).toHaveLength(3);
  expect(it.told.filter(({ point }) => point === "gate/reader")).toHaveLength(3);
});

test("more tags than one text holds are uncertain, with those that fit; the count is right", () => {
  const many = watch();
  const names = Array.from({ length: 700 }, (_, index) => `30${String(index).padStart(22, "0")}`);
  many.pass(6_000, ...names.map((epc) => read(epc)));
  expect(many.last.get("gate/count")).toMatchObject({ quality: "good", value: 700 });
  expect(many.last.get("gate/tags")).toMatchObject({
    quality: "uncertain",
    reason: "first 600 tags",
    value: names.slice(0, 600).join(" "),
  });
  const long = watch();
  const longNames = names.slice(0, 300).map((epc) => epc.padEnd(62, "F"));
  long.pass(6_000, ...longNames.map((epc) => read(epc)));
  const tags = long.last.get("gate/tags");
  expect(tags).toMatchObject({ quality: "uncertain" });
  expect(String(long.value("gate/tags")).length).toBeLessThanOrEqual(tagsCharsMax);
  expect(long.value("gate/count")).toBe(300);
});

test("arrivals that nobody takes are dropped oldest first beyond the limit, and counted", () => {
  const it = watch();
  for (let round = 0; round < 3; round += 1) {
    const events = Array.from({ length: 1_500 }, (_, tag) =>
      read(`R${round}T${tag}`, { count: 2 }),
    );
    it.elapse(120_000);
    it.field.absorb(events, { monotonicMs: 120_000 * (round + 1), now: wall });
    it.field.absorb([alive], { monotonicMs: 120_000 * (round + 1) + 100_000, now: wall });
  }
  expect(it.field.dropped).toBe(9_000 - changesMax);
  const changes = it.take().filter(({ point }) => /arrived|left/.test(point));
  expect(changes).toHaveLength(changesMax);
  expect(changes.at(-1)).toMatchObject({ value: "R2T1499", point: "gate/left" });
});
