import { expect, test } from "vitest";
import { Guards } from "./guards.ts";
import { channelSchema } from "./schema.ts";
import { targetsOf } from "./targets.ts";
import type { Reading } from "./value.ts";

const points = {
  weight: { node: "i=1", unit: "kg", badWhile: ["overload", "underload"] },
  overload: { node: "i=2", kind: "boolean" },
  underload: { node: "i=3", kind: "boolean" },
  other: { node: "i=4" },
};

const channelWith = (given: Record<string, unknown>) => ({
  driver: "opcua",
  endpoint: "opc.tcp://plc:4840",
  devices: { s1: { points: given } },
});

const good = (value: number | boolean): Reading => ({ quality: "good", value });
const lost: Reading = { quality: "bad", reason: "BadNoCommunication" };

function scale() {
  const guards = new Guards(targetsOf(channelSchema.parse(channelWith(points))));
  /** One message of the server. */
  return (at: number, readings: Readonly<Record<string, Reading>>) => {
    const taken = Object.entries(readings).map(([name, reading]) =>
      guards.take(`s1/${name}`, reading, at),
    );
    const samples = [...taken.filter((sample) => sample !== undefined), ...guards.release()];
    return samples
      .filter(({ point }) => point === "s1/weight" || point === "s1/other")
      .map((sample) => [sample.sampledAt, sample.quality === "bad" ? sample.reason : sample.value]);
  };
}

const off = { overload: good(false), underload: good(false) };

test("an overload makes the weight bad, whichever of the two the server sends first", () => {
  const weightFirst = scale();
  expect(
    weightFirst(1, { weight: good(30), overload: good(true), underload: good(false) }),
  ).toEqual([[1, "overload"]]);
  const flagFirst = scale();
  expect(flagFirst(1, { ...off, weight: good(5) })).toEqual([[1, 5]]);
  expect(flagFirst(2, { underload: good(true), weight: good(-1) })).toEqual([[2, "underload"]]);
});

test("a weight that stays as it is becomes bad with the overload, and good again with its end", () => {
  const message = scale();
  expect(message(1, { ...off, weight: good(30) })).toEqual([[1, 30]]);
  expect(message(5, { overload: good(true) })).toEqual([[5, "overload"]]);
  expect(message(6, { overload: good(true) })).toEqual([]);
  expect(message(9, { overload: good(false) })).toEqual([[9, 30]]);
});

test("a weight waits until each of its guards was heard of; other points do not", () => {
  const message = scale();
  expect(message(1, { weight: good(4), other: good(7) })).toEqual([[1, 7]]);
  expect(message(2, { overload: good(false) })).toEqual([]);
  expect(message(3, { weight: good(5) })).toEqual([]);
  expect(message(4, { underload: good(false) })).toEqual([
    [1, 4],
    [3, 5],
  ]);
});

test("of weights that wait for a guard the oldest go beyond a thousand", () => {
  const message = scale();
  for (let at = 1; at <= 1_001; at += 1) message(at, { weight: good(at) });
  const released = message(2_000, off);
  expect(released).toHaveLength(1_000);
  expect(released[0]).toEqual([2, 2]);
});

test("a guard that the server lacks is off; one that is lost while on stays on", () => {
  const message = scale();
  expect(message(1, { ...off, overload: lost, weight: good(4) })).toEqual([[1, 4]]);
  expect(message(2, { overload: good(true) })).toEqual([[2, "overload"]]);
  expect(message(3, { overload: lost, weight: good(31) })).toEqual([[3, "overload"]]);
});

test.each([
  ["an unknown point", { weight: { node: "i=1", badWhile: ["none"] } }],
  ["itself", { weight: { node: "i=1", kind: "boolean", badWhile: ["weight"] } }],
  ["a number", { weight: { node: "i=1", badWhile: ["other"] }, other: { node: "i=2" } }],
  [
    "a switch that is not read",
    {
      weight: { node: "i=1", badWhile: ["lamp"] },
      lamp: { node: "i=2", kind: "boolean", access: "write" },
    },
  ],
])("badWhile cannot name %s", (_what, given) => {
  const { error } = channelSchema.safeParse(channelWith(given));
  expect(error?.issues).toMatchObject([
    { message: "opcua/bad-while", path: ["devices", "s1", "points", "weight", "badWhile", 0] },
  ]);
});

test("events have no badWhile", () => {
  const event = { node: ".", event: "i=2041", field: "Message", badWhile: ["overload"] };
  const { error } = channelSchema.safeParse(channelWith({ event, overload: points.overload }));
  expect(error?.issues.map(({ message }) => message)).toContain("opcua/bad-while");
});
