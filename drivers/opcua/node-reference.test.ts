import fc from "fast-check";
import { expect, test } from "vitest";
import {
  baseNamespace,
  formatPath,
  parseNodeReference,
  parseQualifiedText,
  placeOf,
} from "./node-reference.ts";

const vendor = "http://vendor/ns";
const aliases = { v: vendor };

test("node ids carry their namespace as URI, as a short name, or are OPC UA's own", () => {
  const tank = { kind: "id", namespace: vendor, id: "s=Tank.Level" };
  expect(parseNodeReference(`nsu=${vendor};s=Tank.Level`, aliases)).toEqual(tank);
  expect(parseNodeReference("ns=v;s=Tank.Level", aliases)).toEqual(tank);
  const state = { kind: "id", namespace: baseNamespace, id: "i=2259" };
  expect(parseNodeReference("i=2259", aliases)).toEqual(state);
  expect(parseNodeReference("ns=0;i=2259", aliases)).toEqual(state);
  expect(parseNodeReference("ns=v;b=M/RbKBsRVkePCePcx24oRA==", aliases)).toMatchObject({
    id: "b=M/RbKBsRVkePCePcx24oRA==",
  });
  expect(parseNodeReference("ns=v;g=09087e75-8e5e-499b-954f-f2a9603db28a")).toMatchObject({
    kind: "id",
  });
});

test("an index in place of a namespace is refused, as it changes with a restart", () => {
  expect(parseNodeReference("ns=4;s=Tank.Level", aliases)).toBe("opcua/namespace-index");
  expect(parseNodeReference("/Objects/4:Line", aliases)).toBe("opcua/namespace-index");
});

test("a short name that nobody explained is refused, a companion's is known", () => {
  expect(parseNodeReference("ns=w;s=Tank", aliases)).toBe("opcua/namespace");
  expect(parseNodeReference("/Objects/w:Line", aliases)).toBe("opcua/namespace");
  expect(parseNodeReference("DI:DeviceSet", aliases)).toMatchObject({
    steps: [{ namespace: "http://opcfoundation.org/UA/DI/", name: "DeviceSet" }],
  });
});

test.each(["", "/", "i=-1", "i=4294967296", "g=1", "b=***", "/Objects//Line", "/a/", "{x"])(
  "%j is no node",
  (text) => {
    expect(parseNodeReference(text, aliases)).toBe("opcua/node");
  },
);

test("a path under the device's root starts there, an absolute one does not", () => {
  const read = (text: string) => {
    const parsed = parseNodeReference(text, aliases);
    if (typeof parsed === "string") throw new Error(parsed);
    return parsed;
  };
  const root = read("/Objects/v:Line");
  const line = [
    { namespace: baseNamespace, name: "Objects" },
    { namespace: vendor, name: "Line" },
  ];
  expect(placeOf(read("v:Level"), root)).toEqual({
    start: { namespace: baseNamespace, id: "i=84" },
    steps: [...line, { namespace: vendor, name: "Level" }],
  });
  expect(placeOf(read("."), root).steps).toEqual(line);
  expect(placeOf(read("/Objects"), root).steps).toHaveLength(1);
  expect(placeOf(read("ns=v;s=X"), root)).toMatchObject({ start: { id: "s=X" }, steps: [] });
  expect(placeOf(read("v:Level"), undefined)).toMatchObject({ start: { id: "i=85" } });
});

test("a path as it is written is read back, whatever its names hold", () => {
  const uri = fc.webUrl().filter((text) => !/[{}]/.test(text));
  const step = fc.record({
    namespace: fc.oneof(fc.constant(baseNamespace), uri),
    name: fc.string({ minLength: 1, maxLength: 12, unit: "grapheme" }).filter((it) => it !== "."),
  });
  fc.assert(
    fc.property(fc.array(step, { minLength: 1, maxLength: 5 }), (steps) => {
      const text = formatPath(steps);
      expect(parseNodeReference(text)).toEqual({ kind: "path", isAbsolute: true, steps });
    }),
  );
});

test("no text makes the parser throw", () => {
  fc.assert(
    fc.property(fc.string({ maxLength: 60 }), (text) => {
      parseNodeReference(text, aliases);
      parseQualifiedText(text, aliases);
    }),
  );
});
