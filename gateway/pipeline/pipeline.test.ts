import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PointKey, Sample, Value } from "../../drivers/contract.ts";
import { Pipeline } from "./pipeline.ts";
import type { PipelineSettings } from "./stale.ts";

const point: PointKey = "cold-2/temperature";

function pipeline(settings: PipelineSettings): Pipeline {
  return new Pipeline(new Map([[point, settings]]));
}

function good(value: Value, sampledAt = 0): Sample {
  return { point, sampledAt, quality: "good", value };
}

/** Feeds one value after another, `everyMs` apart, and tells what became of each. */
function feed(settings: PipelineSettings, values: readonly Value[], everyMs = 1_000) {
  const line = pipeline(settings);
  return values.flatMap((value, index) => {
    const at = index * everyMs;
    return line.process([good(value, at)], { at, mono: at });
  });
}

describe("range", () => {
  test("a value outside the range is a bad sample that keeps what the device said", () => {
    expect(feed({ range: [-40, 60] }, [-40, 60, 60.1, -41])).toEqual([
      good(-40, 0),
      good(60, 1_000),
      { point, sampledAt: 2_000, quality: "bad", reason: "out of range", raw: 60.1 },
      { point, sampledAt: 3_000, quality: "bad", reason: "out of range", raw: -41 },
    ]);
  });

  test("a raw value that the driver kept is what the bad sample keeps", () => {
    const [sample] = pipeline({ range: [0, 60] }).process([{ ...good(70), raw: 700 }], {
      at: 0,
      mono: 0,
    });
    expect(sample).toMatchObject({ quality: "bad", raw: 700 });
  });

  test("NaN and Infinity are bad, also at a point without settings", () => {
    const line = new Pipeline(new Map());
    for (const value of [Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY]) {
      const [sample] = line.process([good(value)], { at: 0, mono: 0 });
      expect(sample).toEqual({ point, sampledAt: 0, quality: "bad", reason: "not a number" });
    }
  });

  test("text and switches pass every numeric check unchanged", () => {
    const settings = {
      range: [0, 1],
      calibration: { gain: 2, offset: 1 },
    } satisfies PipelineSettings;
    expect(feed(settings, ["open", true])).toEqual([good("open", 0), good(true, 1_000)]);
  });
});

describe("spike", () => {
  const spike = { step: 2, within: 60_000 };

  test("a lone jump is uncertain and what follows it is good", () => {
    const seen = feed({ spike }, [5, 20, 5.2, 5.1]);
    expect(seen.map((sample) => sample.quality)).toEqual(["good", "uncertain", "good", "good"]);
    expect(seen[1]).toMatchObject({ value: 20, reason: "spike" });
  });

  test("a jump that the next value confirms is believed from there on", () => {
    const qualities = feed({ spike }, [5, 20, 20.5, 20.4, 5]).map((sample) => sample.quality);
    expect(qualities).toEqual(["good", "uncertain", "good", "good", "uncertain"]);
  });

  test("two different jumps in a row do not confirm each other", () => {
    const qualities = feed({ spike }, [5, 20, 40, 41]).map((sample) => sample.quality);
    expect(qualities).toEqual(["good", "uncertain", "uncertain", "good"]);
  });

  test("a jump that went back is doubted again when it comes again", () => {
    const qualities = feed({ spike }, [5, 20, 5, 20]).map((sample) => sample.quality);
    expect(qualities).toEqual(["good", "uncertain", "good", "uncertain"]);
  });

  test("a change is no spike when more than the time has passed", () => {
    const qualities = feed({ spike }, [5, 20], 60_001).map((sample) => sample.quality);
    expect(qualities).toEqual(["good", "good"]);
  });
});

describe("rate", () => {
  const rate = { max: 1, per: 60_000 };

  test("a change that is too fast is uncertain until enough time has passed for it", () => {
    const seen = feed({ rate }, [5, 5.5, 7, 7, 7], 30_000);
    expect(seen.map((sample) => sample.quality)).toEqual([
      "good",
      "good",
      "uncertain",
      "uncertain",
      "good",
    ]);
    expect(seen[2]).toMatchObject({ reason: "rate of change" });
  });

  test("values of one batch are told apart by their own times", () => {
    const line = pipeline({ rate });
    const batch = [good(5, 0), good(5.9, 60_000), good(9, 90_000)];
    const qualities = line.process(batch, { at: 1, mono: 1 }).map((sample) => sample.quality);
    expect(qualities).toEqual(["good", "good", "uncertain"]);
  });

  test("a wall clock that steps makes no value too fast", () => {
    const line = pipeline({ rate });
    line.process([good(5, 1_000_000)], { at: 1_000_000, mono: 0 });
    const [sample] = line.process([good(5.9, 0)], { at: 0, mono: 60_000 });
    expect(sample?.quality).toBe("good");
  });
});

describe("calibration and units", () => {
  test("calibration keeps the raw value, and checks look at the raw one", () => {
    const settings: PipelineSettings = { range: [0, 20], calibration: { gain: 2, offset: 0.1 } };
    expect(feed(settings, [15])).toEqual([{ ...good(30.1, 0), raw: 15 }]);
  });

  test("a raw value that the driver kept stays the raw value", () => {
    const line = pipeline({ calibration: { gain: 1, offset: -0.2 } });
    const [sample] = line.process([{ ...good(20.3), raw: 203 }], { at: 0, mono: 0 });
    expect(sample).toEqual({ ...good(20.1), raw: 203 });
  });

  test("calibration comes before the conversion of the unit", () => {
    const settings: PipelineSettings = {
      unit: "[degF]",
      convertTo: "Cel",
      calibration: { gain: 1, offset: 2 },
    };
    expect(feed(settings, [210])).toEqual([{ ...good(100, 0), raw: 210 }]);
  });

  test("a computation that runs over is bad and keeps the raw value", () => {
    const settings: PipelineSettings = { calibration: { gain: 1e300, offset: 0 } };
    expect(feed(settings, [1e300])).toEqual([
      { point, sampledAt: 0, quality: "bad", reason: "not a number", raw: 1e300 },
    ]);
  });

  test("units that do not belong together are refused at the start", () => {
    expect(() => pipeline({ unit: "Cel", convertTo: "kg" })).toThrow(
      "no conversion from Cel to kg",
    );
  });
});

describe("staleness", () => {
  test("a point is stale three periods after its last value, but never before 10 seconds", () => {
    for (const { everyMs, limit } of [
      { everyMs: 1_000, limit: 10_000 },
      { everyMs: 60_000, limit: 180_000 },
    ]) {
      const line = pipeline({ everyMs });
      line.process([good(5)], { at: 0, mono: 500 });
      expect(line.isStale(point, 500 + limit - 1)).toBe(false);
      expect(line.isStale(point, 500 + limit)).toBe(true);
    }
  });

  test("bad samples do not keep a value fresh, nor do values out of range", () => {
    const line = pipeline({ everyMs: 1_000, staleAfter: 2_000, range: [0, 60] });
    const later = { at: 1, mono: 1_999 };
    line.process([good(5)], { at: 0, mono: 0 });
    line.process([{ point, sampledAt: 1, quality: "bad", reason: "timeout" }], later);
    line.process([good(70), good(Number.NaN)], later);
    expect(line.isStale(point, 2_000)).toBe(true);
  });

  test("a step of the wall clock makes nothing stale", () => {
    const line = pipeline({ everyMs: 1_000 });
    line.process([good(5)], { at: 0, mono: 0 });
    line.process([good(5)], { at: 86_400_000, mono: 1_000 });
    expect(line.staleAt(point)).toBe(11_000);
  });

  test("a point that speaks when it likes never becomes stale by silence", () => {
    const line = pipeline({});
    line.process([good(5)], { at: 0, mono: 0 });
    expect(line.isStale(point, 1e12)).toBe(false);
  });
});

describe("whatever comes", () => {
  const anyNumber = fc.oneof(fc.double(), fc.double({ min: -100, max: 100, noNaN: true }));
  const anySample: fc.Arbitrary<Sample> = fc
    .record({
      point: fc.constantFrom<PointKey>("a/configured", "a/plain"),
      sampledAt: fc.integer({ min: -10_000, max: 10_000 }),
      quality: fc.constantFrom("good", "uncertain", "bad"),
      value: fc.oneof(anyNumber, fc.string(), fc.boolean()),
    })
    .map(({ quality, value, ...rest }) =>
      quality === "bad"
        ? { ...rest, quality, reason: "timeout" }
        : { ...rest, quality: quality === "good" ? "good" : "uncertain", value },
    );
  const anySettings: fc.Arbitrary<PipelineSettings> = fc.record(
    {
      range: fc.constant<[number, number]>([-50, 50]),
      spike: fc.constant({ step: 3, within: 5_000 }),
      rate: fc.constant({ max: 10, per: 1_000 }),
      calibration: fc.constantFrom({ gain: 1.5, offset: -1 }, { gain: 1e308, offset: 0 }),
      unit: fc.constant("Cel"),
      convertTo: fc.constantFrom("[degF]", "K", "Cel"),
    },
    { requiredKeys: ["unit"] },
  );
  const rank = { good: 2, uncertain: 1, bad: 0 };

  test("order stays, no quality rises, no number is not finite, raw is what came", () => {
    const property = fc.property(
      anySettings,
      fc.array(fc.array(anySample, { maxLength: 5 }), { maxLength: 20 }),
      (settings, batches) => {
        const line = new Pipeline(new Map([["a/configured", settings]]));
        batches.forEach((batch, index) => {
          const seen = line.process(batch, { at: 0, mono: index * 1_000 });
          expect(seen.length).toBe(batch.length);
          seen.forEach((sample, at) => {
            const before = batch[at];
            if (before === undefined) throw new Error("a sample more than came in");
            expect([sample.point, sample.sampledAt]).toEqual([before.point, before.sampledAt]);
            expect(rank[sample.quality]).toBeLessThanOrEqual(rank[before.quality]);
            if (before.quality === "bad") expect(sample).toBe(before);
            if (sample.quality === "bad" || before.quality === "bad") return;
            if (typeof sample.value === "number") expect(sample.value).toSatisfy(Number.isFinite);
            if (sample.value !== before.value) expect(sample.raw).toBe(before.value);
          });
        });
      },
    );
    fc.assert(property);
  });

  test("cutting a batch in two changes nothing", () => {
    const property = fc.property(
      anySettings,
      fc.array(anySample, { maxLength: 12 }),
      fc.nat(12),
      (settings, batch, cut) => {
        const start = () => new Pipeline(new Map([["a/configured" as const, settings]]));
        const whole = start().process(batch, { at: 0, mono: 0 });
        const two = start();
        const parts = [batch.slice(0, cut), batch.slice(cut)].flatMap((part) =>
          two.process(part, { at: 0, mono: 0 }),
        );
        expect(parts).toEqual(whole);
      },
    );
    fc.assert(property);
  });
});
