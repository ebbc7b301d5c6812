import fc from "fast-check";
import { expect, test } from "vitest";
import { covers, matches, topicProblem } from "./topic.ts";

test.each([
  ["a/b", "a/b", true],
  ["a/b", "a/c", false],
  ["a/+", "a/b", true],
  ["a/+", "a", false],
  ["a/+", "a/b/c", false],
  ["a/#", "a", true],
  ["a/#", "a/b/c", true],
  ["#", "a/b", true],
  ["#", "$SYS/x", false],
  ["+/x", "$SYS/x", false],
  ["$SYS/#", "$SYS/x", true],
  ["+", "", true],
  ["a//b", "a/+/b", false],
  ["a/+/b", "a//b", true],
])("pattern %j and topic %j match: %j", (pattern, topic, expected) => {
  expect(matches(pattern, topic)).toBe(expected);
});

test.each([
  ["a/#", "a/+/b", true],
  ["a/#", "a/#", true],
  ["a/+", "a/#", false],
  ["a/b", "a/+", false],
  ["a/#", "#", false],
  ["+/b", "+/b", true],
  ["+/b", "+/+", false],
  ["rackwatch/#", "rackwatch/wh1/points/#", true],
  ["rackwatch/wh1/#", "rackwatch/+/points/#", false],
])("a grant for %j covers a subscription to %j: %j", (pattern, filter, expected) => {
  expect(covers(pattern, filter)).toBe(expected);
});

const level = fc.constantFrom("a", "b", "", "$x");
const topic = fc.array(level, { minLength: 1, maxLength: 4 }).map((parts) => parts.join("/"));
const filter = fc
  .tuple(fc.array(fc.oneof(level, fc.constant("+")), { minLength: 1, maxLength: 4 }), fc.boolean())
  .map(([parts, open]) => [...parts, ...(open ? ["#"] : [])].join("/"));

test("whoever may subscribe to a filter gets no topic that the grant does not match", () => {
  fc.assert(
    fc.property(filter, filter, topic, (grant, asked, heard) => {
      fc.pre(covers(grant, asked) && matches(asked, heard));
      expect(matches(grant, heard)).toBe(true);
    }),
    { numRuns: 300 },
  );
});

test.each([
  ["", "malformed"],
  ["a\u0000b", "malformed"],
  ["a/#/b", "malformed"],
  ["a+/b", "malformed"],
  ["a/b#", "malformed"],
  ["a".repeat(257), "too-long"],
  ["室".repeat(86), "too-long"],
  [Array(17).fill("a").join("/"), "too-deep"],
  ["a".repeat(256), undefined],
  [Array(16).fill("a").join("/"), undefined],
  ["a/+/#", undefined],
])("topic %j: %j", (text, problem) => {
  expect(topicProblem(text)).toBe(problem);
});
