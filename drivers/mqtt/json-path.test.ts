import fc from "fast-check";
import { expect, test } from "vitest";
import { parsePath, readPath } from "./json-path.ts";

test.each([
  ["temperature", ["temperature"]],
  ["StatusSNS.AM2301.Temperature", ["StatusSNS", "AM2301", "Temperature"]],
  ["params['temperature:0'].tC", ["params", "temperature:0", "tC"]],
  ["temperature:0.tC", ["temperature:0", "tC"]],
  ['rows[0]["a.b"][12]', ["rows", 0, "a.b", 12]],
  ["[0]", [0]],
  [String.raw`['it\'s'].x`, ["it's", "x"]],
  ["温度.值", ["温度", "值"]],
])("%s is read step by step", (text, steps) => {
  expect(parsePath(text)).toEqual(steps);
});

test.each([
  ["", "mqtt/path-name"],
  [".a", "mqtt/path-name"],
  ["a.", "mqtt/path-name"],
  ["a..b", "mqtt/path-name"],
  ["a[", "mqtt/path-bracket"],
  ["a[x]", "mqtt/path-bracket"],
  ["a['b]", "mqtt/path-bracket"],
  ["a]b", "mqtt/path-bracket"],
  ["a[0]b", "mqtt/path-name"],
  ["a.'b'", "mqtt/path-bracket"],
  [Array.from({ length: 17 }, () => "a").join("."), "mqtt/path-depth"],
])("%s is refused as %s", (text, fault) => {
  expect(parsePath(text)).toBe(fault);
});

test("a step that does not fit says what was expected, a name that is not there is no fault", () => {
  const json = JSON.parse('{"a": {"b": [1, {"c": null}]}, "n": 5}');
  const read = (text: string) => {
    const steps = parsePath(text);
    return typeof steps === "string" ? steps : readPath(json, steps);
  };
  expect(read("a.b[0]")).toEqual({ is: "value", value: 1 });
  expect(read("a.x.y")).toEqual({ is: "missing" });
  expect(read("a.b[7]")).toEqual({ is: "missing" });
  expect(read("a.b.c")).toEqual({ is: "misfit", reason: "not an object" });
  expect(read("n.c")).toEqual({ is: "misfit", reason: "not an object" });
  expect(read("a[0]")).toEqual({ is: "misfit", reason: "not an array" });
  expect(read("a.b[1].c.d")).toEqual({ is: "misfit", reason: "null" });
  expect(read("a.constructor")).toEqual({ is: "missing" });
});

test("any value is found again by the path that was written for it", () => {
  const name = fc.string({ minLength: 1, maxLength: 12 });
  const step = fc.oneof(name, fc.nat({ max: 30 }));
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 8 }), (steps) => {
      const quote = (text: string) => `['${text.replaceAll(/[\\']/g, String.raw`\$&`)}']`;
      const text = steps.map((it) => (typeof it === "number" ? `[${it}]` : quote(it))).join("");
      const parsed = parsePath(text);
      expect(parsed).toEqual(steps);
      const json = steps.reduceRight<unknown>((below, it) => {
        if (typeof it !== "number") return Object.fromEntries([[it, below]]);
        return [...Array.from({ length: it }, () => 0), below];
      }, 42);
      expect(readPath(json, steps)).toEqual({ is: "value", value: 42 });
    }),
  );
});

test("whatever is written, reading a path neither throws nor hangs", () => {
  const text = fc.string({ unit: fc.constantFrom("a", ".", "[", "]", "'", '"', "\\", "0") });
  fc.assert(
    fc.property(text, (path) => {
      const steps = parsePath(path);
      if (typeof steps !== "string") readPath({ a: [{ a: 1 }] }, steps);
    }),
    { numRuns: 2_000 },
  );
});
