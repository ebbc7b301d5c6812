import { zstdCompressSync } from "node:zlib";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import type { PointKey, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import {
  columnRowsMax,
  decodeEvents,
  decodeSamples,
  encodeEvents,
  encodeSamples,
} from "./columns.ts";
import { packedMagnitudeMax, packIntegers, unpackIntegers } from "./packed.ts";
import { textCharsMax } from "./storable.ts";
import type { GatewayEvent } from "./store.ts";

const finite = fc.oneof(
  fc.double({ noNaN: true, noDefaultInfinity: true }),
  fc.integer({ min: -10_000, max: 10_000 }).map((hundredths) => hundredths / 100),
  fc.constantFrom(0, -0, 1e308, -1e308, 5e-324, 0.1 + 0.2, 2 ** 53, 1e21, -1e-7),
);
const point: fc.Arbitrary<PointKey> = fc
  .tuple(fc.string({ maxLength: 4 }), fc.constantFrom("t", "湿度", "__proto__", "\ud800"))
  .map(([device, name]): PointKey => `${device}/${name}`);
const head = fc.record({
  point,
  sampledAt: fc.oneof(
    fc.integer({ min: 0, max: 4e12 }),
    finite.map((time) => time + 0),
  ),
});
const raw = fc.option(finite).map((number) => (number === null ? {} : { raw: number }));
const value = fc.oneof(finite, finite, fc.string(), fc.boolean());
const sample: fc.Arbitrary<Sample> = fc.oneof(
  fc
    .tuple(head, value, raw)
    .map(([at, it, device]): Sample => ({ ...at, quality: "good", value: it, ...device })),
  fc.tuple(head, value, raw, fc.option(fc.string())).map(
    ([at, it, device, reason]): Sample => ({
      ...at,
      quality: "uncertain",
      value: it,
      ...device,
      ...(reason !== null && { reason }),
    }),
  ),
  fc
    .tuple(head, fc.string(), raw)
    .map(([at, reason, device]): Sample => ({ ...at, quality: "bad", reason, ...device })),
);

/** Through JSON, as it goes to disk and over the wire. */
function throughJson(samples: readonly Sample[]): Sample[] {
  return decodeSamples(JSON.parse(JSON.stringify(encodeSamples(samples))));
}

/** Slow sensors: two decimals, a random walk, jitter of 20 ms. */
function slowSensors(points: number, rows: number): Sample[] {
  let seed = 12_345;
  const random = () => {
    seed ^= seed << 13;
    seed ^= seed >>> 17;
    seed ^= seed << 5;
    return (seed >>> 0) / 2 ** 32;
  };
  const last = Array.from({ length: points }, (_, index): number => (index % 2 === 0 ? 5 : 60));
  return Array.from({ length: rows }, (_, row) => {
    const index = row % points;
    const walked = Math.round(((last[index] ?? 0) + (random() - 0.5) * 0.4) * 100) / 100;
    last[index] = walked;
    return {
      point: `room-${(index >> 1) + 1}/${index % 2 === 0 ? "temperature" : "humidity"}`,
      sampledAt: 1.8e12 + Math.floor(row / points) * 10_000 + Math.floor(random() * 41) - 20,
      quality: "good",
      value: walked,
    };
  });
}

function bytesPerRow(points: number, rows: number): number {
  return zstdCompressSync(JSON.stringify(encodeSamples(slowSensors(points, rows)))).length / rows;
}

describe("columns of samples", () => {
  test("every sample comes back as it was, also -0, 1e308, text, switches, reasons and raw values", () => {
    fc.assert(
      fc.property(fc.array(sample, { maxLength: 60 }), (samples) => {
        expect(throughJson(samples)).toStrictEqual(samples);
      }),
      { numRuns: 400 },
    );
  });

  test("times come back to the millisecond although the wall clock stepped by decades", () => {
    const times = [1.8e12, 0, 4e15, 1.8e12 + 0.5, -1];
    for (const sampledAt of times) {
      const samples: Sample[] = [1.8e12, sampledAt].map((at) => ({
        point: "a/b",
        sampledAt: at,
        quality: "good",
        value: 1,
      }));
      expect(throughJson(samples)).toStrictEqual(samples);
    }
  });

  test("no number that is none gets in: it becomes a bad sample with its reason", () => {
    for (const broken of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(
        throughJson([
          { point: "a/b", sampledAt: 1, quality: "good", value: broken },
          { point: "a/b", sampledAt: 2, quality: "good", value: 4, raw: broken },
        ]),
      ).toStrictEqual([
        { point: "a/b", sampledAt: 1, quality: "bad", reason: "not a finite number" },
        { point: "a/b", sampledAt: 2, quality: "good", value: 4 },
      ]);
    }
  });

  test("a text over the limit becomes a bad sample, a reason over it is cut", () => {
    const long = "x".repeat(textCharsMax + 1);
    const [text, reason] = throughJson([
      { point: "a/b", sampledAt: 1, quality: "good", value: long },
      { point: "a/b", sampledAt: 2, quality: "bad", reason: long },
    ]);
    expect(text).toMatchObject({
      quality: "bad",
      reason: "text of 16385 characters, more than 16384",
    });
    expect(reason).toMatchObject({ reason: long.slice(1) });
  });

  test("slow sensors take at most 3.5 bytes a sample from 1,000 rows on, and under 9 in a small flush", () => {
    expect(bytesPerRow(200, 1_000)).toBeLessThan(3.5);
    expect(bytesPerRow(500, 1_000)).toBeLessThan(3.5);
    expect(bytesPerRow(200, 5_000)).toBeLessThan(2);
    expect(bytesPerRow(200, 60)).toBeLessThan(9);
  });

  test("more rows than the limit are refused on both ways", () => {
    const rows = slowSensors(2, columnRowsMax + 1);
    expect(() => encodeSamples(rows)).toThrow("more than 10000 rows");
    const columns = encodeSamples(rows.slice(1));
    expect(decodeSamples(columns)).toHaveLength(columnRowsMax);
    expect(() => decodeSamples({ ...columns, rows: columnRowsMax + 1 })).toThrow(RackwatchError);
  });

  test("whatever is changed in the columns is refused as corrupt or gives as many whole samples", () => {
    const sound = JSON.stringify(
      encodeSamples([
        ...slowSensors(3, 9),
        { point: "a/b", sampledAt: 1.8e12, quality: "bad", reason: "timeout", raw: 0.25 },
        { point: "a/b", sampledAt: 1.8e12, quality: "uncertain", value: "open" },
      ]),
    );
    fc.assert(
      fc.property(
        fc.nat({ max: sound.length - 1 }),
        fc.stringMatching(/^[ -~]$/),
        (at, character) => {
          const changed = sound.slice(0, at) + character + sound.slice(at + 1);
          let json: unknown;
          try {
            json = JSON.parse(changed);
          } catch {
            return;
          }
          try {
            for (const read of decodeSamples(json)) {
              expect(Number.isFinite(read.sampledAt)).toBe(true);
              if (read.quality !== "bad") expect(read.value).not.toBeNaN();
            }
          } catch (error) {
            expect(error).toMatchObject({ code: "store/corrupt" });
          }
        },
      ),
      { numRuns: 3_000 },
    );
  });

  const sound = encodeSamples(slowSensors(1, 2));
  const garbage: Readonly<Record<string, unknown>> = {
    "a list": [],
    nothing: null,
    "another version": { ...sound, v: 2 },
    "an unknown key": { ...sound, extra: 1 },
    "rows without a point": { ...sound, order: "" },
    "a point that is not there": { ...sound, order: "~~~~~~~~~~~~~~~~~~~~#" },
    "no points": { ...sound, points: [] },
    "a point without a device": { ...sound, points: ["no-slash"] },
    "too few times": { ...sound, times: [1] },
    "a time that never ends": { ...sound, from: Number.POSITIVE_INFINITY },
    "a value that no row has": { ...sound, values: { scales: "#", deltas: "##", rest: [1] } },
    "a scale that there is not": { ...sound, values: { scales: "Z", deltas: "##", rest: [] } },
    "NaN as a value": { ...sound, values: { scales: "1", deltas: "", rest: [Number.NaN, 1] } },
  };
  test.for(Object.entries(garbage))("%s is refused as corrupt", ([, columns]) => {
    expect(() => decodeSamples(columns)).toThrow(
      expect.objectContaining({ code: "store/corrupt" }),
    );
  });
});

describe("packed numbers", () => {
  test("every whole number comes back", () => {
    const whole = fc.oneof(
      fc.integer({ min: -200, max: 200 }),
      fc.maxSafeInteger().filter((number) => Math.abs(number) <= packedMagnitudeMax),
      fc.constantFrom(packedMagnitudeMax, -packedMagnitudeMax),
    );
    fc.assert(
      fc.property(fc.array(whole), (numbers) => {
        const text = packIntegers(numbers);
        expect(JSON.stringify(text)).toHaveLength(text.length + 2);
        expect([...unpackIntegers(text, numbers.length)].map((it) => it + 0)).toEqual(
          numbers.map((it) => it + 0),
        );
      }),
    );
  });

  test("a number too many, one too few or one too large is refused", () => {
    const text = packIntegers([1, 2, 3]);
    expect(() => unpackIntegers(text, 2)).toThrow(RackwatchError);
    expect(() => unpackIntegers(text, 4)).toThrow(RackwatchError);
    expect(() => unpackIntegers(`${"~".repeat(400)}#`, 1)).toThrow(RackwatchError);
  });
});

describe("rows of events", () => {
  const event: GatewayEvent = { kind: "alarm", at: 1.8e12, mono: 5, body: { rule: "warm" } };

  test("events come back as they were", () => {
    expect(decodeEvents(JSON.parse(JSON.stringify(encodeEvents([event]))))).toEqual([event]);
  });

  const garbage: Readonly<Record<string, unknown>> = {
    nothing: null,
    "no events": { v: 1 },
    "an unknown kind": { v: 1, events: [{ ...event, kind: "rumour" }] },
  };
  test.for(Object.entries(garbage))("%s is refused as corrupt", ([, rows]) => {
    expect(() => decodeEvents(rows)).toThrow(expect.objectContaining({ code: "store/corrupt" }));
  });
});
