import { createHash } from "node:crypto";
import fc from "fast-check";
import { expect, test } from "vitest";
import { canonicalJson, chainEvent, chainEvents, genesis } from "./chain.ts";
import type { GatewayEvent } from "./store.ts";

const event: GatewayEvent = {
  kind: "alarm",
  at: 5,
  mono: 7,
  body: { b: 1, a: { d: null, c: [2] } },
};

test("the chain is SHA-256 over the hash before and JSON with sorted keys, as anybody can compute it", () => {
  const text = '{"at":5,"body":{"a":{"c":[2],"d":null},"b":1},"kind":"alarm","mono":7,"seq":3}';
  expect(chainEvent(genesis, 3, event)).toBe(
    createHash("sha256").update("0".repeat(64)).update(text).digest("hex"),
  );
});

test("the same content gives the same text in whatever order its keys came, and after JSON", () => {
  fc.assert(
    fc.property(fc.jsonValue(), (value) => {
      const text = canonicalJson(value);
      expect(canonicalJson(JSON.parse(text))).toBe(text);
      expect(canonicalJson(JSON.parse(JSON.stringify(value)))).toBe(text);
    }),
  );
  expect(canonicalJson({ b: 1, a: undefined })).toBe(canonicalJson(JSON.parse('{"b":1}')));
});

test("an event that is changed, dropped or moved changes the hash at the end", () => {
  const events = [1, 2, 3, 4].map((at): GatewayEvent => ({ ...event, at }));
  const end = chainEvents(genesis, 1, events);
  const [first, second, third, fourth] = events;
  if (!first || !second || !third || !fourth) throw new Error("four events");
  expect(chainEvents(genesis, 1, [first, { ...second, body: {} }, third, fourth])).not.toBe(end);
  expect(chainEvents(genesis, 1, [first, third, fourth])).not.toBe(end);
  expect(chainEvents(genesis, 1, [second, first, third, fourth])).not.toBe(end);
  expect(chainEvents(chainEvents(genesis, 1, [first, second]), 3, [third, fourth])).toBe(end);
});
