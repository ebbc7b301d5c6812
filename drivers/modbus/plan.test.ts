import fc from "fast-check";
import { expect, test } from "vitest";
import { plan, type ReadRequest, withoutGaps } from "./plan.ts";
import { channelSchema, orders, registerTypes } from "./schema.ts";

type Points = Readonly<Record<string, Readonly<Record<string, unknown>>>>;

function planOf(points: Points, settings: object = {}) {
  const channel = channelSchema.parse({
    driver: "modbus",
    port: "tcp://127.0.0.1:502",
    devices: { d: { unitId: 1, points, ...settings } },
  });
  return plan(channel);
}

const span = ({ address, count }: ReadRequest) => [address, count];
const input = (address: number, type = "uint16") => ({ table: "input", address, type });

test("neighbours are read at once, across a gap that is small enough", () => {
  const points = { a: input(0), b: input(1), c: input(10), d: input(20) };
  expect(planOf(points).map(({ request }) => span(request))).toEqual([
    [0, 11],
    [20, 1],
  ]);
  expect(planOf(points, { gap: 0 }).map(({ request }) => span(request))).toEqual([
    [0, 2],
    [10, 1],
    [20, 1],
  ]);
  expect(planOf(points, { gap: 9 })).toHaveLength(1);
});

test("tables and periods are never mixed, and each group has its own period", () => {
  const points = {
    a: input(0),
    b: { ...input(1), every: "1s" },
    c: { table: "holding", address: 0, type: "uint16" },
    d: { table: "coil", address: 0 },
    e: { table: "discrete", address: 0 },
  };
  const groups = planOf(points, { every: "5s" });
  expect(groups.map(({ request, everyMs }) => [request.table, everyMs])).toEqual([
    ["input", 5_000],
    ["input", 1_000],
    ["holding", 5_000],
    ["coil", 5_000],
    ["discrete", 5_000],
  ]);
});

test("a device that answers few registers at once is asked for few", () => {
  const points = { a: input(0, "int32"), b: input(2, "int32"), c: input(4, "int32") };
  expect(planOf(points, { registersMax: 5 }).map(({ request }) => span(request))).toEqual([
    [0, 4],
    [4, 2],
  ]);
});

test("addresses of a manual that counts from 1 are one less on the wire", () => {
  expect(planOf({ a: input(1) }, { addressBase: 1 })[0]?.request.address).toBe(0);
});

test("points that are only written are not read", () => {
  expect(planOf({ a: { table: "coil", address: 1, access: "write" } })).toEqual([]);
});

test("bits merge over sixteen times the gap and up to 2000 in one request", () => {
  const coil = (address: number) => ({ table: "coil", address });
  const points = { a: coil(0), b: coil(100), c: coil(230), d: coil(1_999), e: coil(2_000) };
  expect(planOf(points).map(({ request }) => span(request))).toEqual([
    [0, 101],
    [230, 1],
    [1_999, 2],
  ]);
  expect(planOf({ a: coil(0), b: coil(1_999) }, { gap: 125 })).toHaveLength(1);
  expect(planOf({ a: coil(0), b: coil(2_000) }, { gap: 125 })).toHaveLength(2);
});

test("a refused request falls apart at its gaps", () => {
  const [group] = planOf({ a: input(0, "int32"), b: input(2), c: input(5) });
  if (group === undefined) throw new Error("no group");
  const parts = withoutGaps(group.request) ?? [];
  expect(parts.map(span)).toEqual([
    [0, 3],
    [5, 1],
  ]);
  for (const part of parts) expect(withoutGaps(part)).toBeUndefined();
});

const pointArbitrary = fc.record({
  table: fc.constantFrom("input", "holding"),
  address: fc.integer({ min: 0, max: 400 }),
  type: fc.constantFrom(...registerTypes),
  every: fc.constantFrom("1s", "10s"),
  order: fc.constantFrom(...orders),
});

test("every point is covered exactly once, whole, and no request is over its maximum", () => {
  const points = fc.dictionary(fc.stringMatching(/^[a-z]{1,6}$/), pointArbitrary, { maxKeys: 40 });
  fc.assert(
    fc.property(
      points,
      fc.integer({ min: 0, max: 30 }),
      fc.integer({ min: 4, max: 125 }),
      (dictionary, gap, registersMax) => {
        const groups = planOf(dictionary, { gap, registersMax });
        const covered = groups.flatMap(({ request, everyMs }) =>
          request.places.map((place) => ({ place, request, everyMs })),
        );
        expect(covered.map(({ place }) => place.key).sort()).toEqual(
          Object.keys(dictionary)
            .map((name) => `d/${name}`)
            .sort(),
        );
        for (const { place, request, everyMs } of covered) {
          const wanted = dictionary[place.key.slice(2)];
          expect([request.table, `${everyMs / 1_000}s`]).toEqual([wanted?.table, wanted?.every]);
          expect(place.address).toBe(wanted?.address);
          expect(place.address).toBeGreaterThanOrEqual(request.address);
          expect(place.address + place.width).toBeLessThanOrEqual(request.address + request.count);
        }
        for (const { request } of groups) expect(request.count).toBeLessThanOrEqual(registersMax);
      },
    ),
  );
});

test("no cut needs fewer requests", () => {
  const addresses = fc.uniqueArray(fc.integer({ min: 0, max: 12 }), { minLength: 1, maxLength: 7 });
  const limits = [fc.integer({ min: 0, max: 3 }), fc.integer({ min: 1, max: 6 })] as const;
  fc.assert(
    fc.property(addresses, ...limits, (unsorted, gap, registersMax) => {
      const sorted = unsorted.toSorted((a, b) => a - b);
      const points = Object.fromEntries(sorted.map((address) => [`p${address}`, input(address)]));
      const fits = (part: readonly number[]) =>
        (part.at(-1) ?? 0) - (part[0] ?? 0) < registersMax &&
        part.every((address, index) => address - (part[index - 1] ?? address) <= gap + 1);
      const fewest = (rest: readonly number[]): number =>
        rest.length === 0
          ? 0
          : 1 +
            Math.min(
              ...rest.flatMap((_, index) =>
                fits(rest.slice(0, index + 1)) ? [fewest(rest.slice(index + 1))] : [],
              ),
            );
      expect(planOf(points, { gap, registersMax })).toHaveLength(fewest(sorted));
    }),
  );
});
