import fc from "fast-check";
import { expect, test } from "vitest";
import { chooseZone, type Score, Signals, type Zone, zoneOf } from "./zones.ts";

const zones: readonly Zone[] = [
  { device: "left", antennas: [1, 2] },
  { device: "right", antennas: [3] },
];
const hysteresis = { margin: 4, reads: 2 };
const score = (device: string, strength: number | undefined, reads = 5): Score => ({
  device,
  strength,
  reads,
});

test("an antenna belongs to the device that names it, and to none where none does", () => {
  expect(zoneOf(zones, 2)?.device).toBe("left");
  expect(zoneOf(zones, 3)?.device).toBe("right");
  expect(zoneOf(zones, 4)).toBeUndefined();
  expect(zoneOf(zones, undefined)).toBeUndefined();
});

test("a single device without antennas has them all, and readers that do not say which", () => {
  const all = [{ device: "gate", antennas: undefined }];
  expect(zoneOf(all, 7)?.device).toBe("gate");
  expect(zoneOf(all, undefined)?.device).toBe("gate");
  const one = [{ device: "gate", antennas: [1] }];
  expect(zoneOf(one, undefined)?.device).toBe("gate");
  expect(zoneOf(one, 2)).toBeUndefined();
});

test("the strongest zone takes a tag that is nowhere yet", () => {
  expect(chooseZone(undefined, [score("left", -60), score("right", -55)], hysteresis)).toBe(
    "right",
  );
  expect(chooseZone(undefined, [], hysteresis)).toBeUndefined();
});

test("a tag moves only when another zone is stronger by the margin, and has seen it often enough", () => {
  const held = score("left", -60);
  expect(chooseZone("left", [held, score("right", -57)], hysteresis)).toBe("left");
  expect(chooseZone("left", [held, score("right", -56)], hysteresis)).toBe("right");
  expect(chooseZone("left", [held, score("right", -30, 1)], hysteresis)).toBe("left");
});

test("a zone that has not seen the tag for a while gives it to any other, but to none it never gives it", () => {
  expect(chooseZone("left", [score("right", -80)], hysteresis)).toBe("right");
  expect(chooseZone("left", [], hysteresis)).toBe("left");
});

test("without signal strength twice the reads move a tag", () => {
  const held = score("left", undefined, 3);
  expect(chooseZone("left", [held, score("right", undefined, 5)], hysteresis)).toBe("left");
  expect(chooseZone("left", [held, score("right", undefined, 6)], hysteresis)).toBe("right");
});

test("the median of the best antenna counts: one reflection moves nothing", () => {
  const signals = new Signals();
  for (const [at, dbm] of [-60, -61, -20, -59, -60].entries()) signals.note(1, dbm, at);
  for (const at of [0, 1, 2]) signals.note(2, -70, at);
  for (const at of [3, 4]) signals.note(3, -50, at);
  signals.note(9, -10, 4);
  expect(signals.scores(zones, 0)).toEqual([score("left", -60, 8), score("right", -50, 2)]);
  expect(signals.scores(zones, 3)).toEqual([score("left", -60, 2), score("right", -50, 2)]);
});

test("only the last signals of a limited number of antennas are kept", () => {
  const signals = new Signals();
  for (let at = 0; at < 1_000; at += 1) signals.note(1, at, at);
  expect(signals.scores(zones, 0)).toEqual([score("left", 995, 8)]);
  const many = new Signals();
  const everywhere = [{ device: "all", antennas: undefined }];
  for (let antenna = 1; antenna <= 200; antenna += 1) many.note(antenna, -50, 0);
  expect(many.scores(everywhere, 0)[0]?.reads).toBe(32);
});

test("noise smaller than the margin never moves a tag", () => {
  const noise = fc.array(fc.tuple(fc.double({ min: -1.9, max: 1.9, noNaN: true }), fc.boolean()));
  const property = fc.property(noise, (seen) => {
    const signals = new Signals();
    let device: string | undefined = "left";
    for (const [at, [off, isLeft]] of seen.entries()) {
      signals.note(1, -60, at);
      signals.note(isLeft ? 2 : 3, -60 + off, at);
      device = chooseZone(device, signals.scores(zones, at - 10), hysteresis);
      expect(device).toBe("left");
    }
  });
  fc.assert(property);
});
