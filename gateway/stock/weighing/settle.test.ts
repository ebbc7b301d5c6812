import { expect, test } from "vitest";
import { SettleDetector, windowReadingsMax } from "./settle.ts";

const settings = { divisionKg: 0.001, settleMs: 1_500 };
const at = (mono: number, kg: number, stable?: boolean) => ({
  ...{ kg, at: mono, mono },
  ...(stable === undefined ? {} : { stable }),
});

test("readings that agree for long enough are a rest", () => {
  const detector = new SettleDetector(settings);
  const seen = [0, 500, 1_000, 1_500].map((mono) => detector.next(at(mono, 1)));
  expect(seen).toEqual([undefined, undefined, undefined, 1]);
  expect(detector.next(at(2_000, 1.1))).toBeUndefined();
});

test("where the device says that it moves, it moves", () => {
  const detector = new SettleDetector(settings);
  for (let mono = 0; mono < 5_000; mono += 500)
    expect(detector.next(at(mono, 1, false))).toBeUndefined();
});

test("a pan that still creeps towards its weight does not rest, though its readings lie close", () => {
  const detector = new SettleDetector(settings);
  const creeping = Array.from({ length: 30 }, (_, step) =>
    detector.next(at(step * 100, 1 + step * 0.00012)),
  );
  expect(creeping.every((it) => it === undefined)).toBe(true);
});

test("a scale that tells every ten minutes rests too, and one that tells 100 times a second stays small", () => {
  const slow = new SettleDetector(settings);
  slow.next(at(0, 1));
  expect(slow.next(at(600_000, 1))).toBe(1);
  const fast = new SettleDetector({ ...settings, settleMs: 60_000 });
  for (let mono = 0; mono < 120_000; mono += 10) fast.next(at(mono, 1));
  expect(fast.next(at(120_000, 1))).toBe(1);
  expect(windowReadingsMax).toBe(64);
});
