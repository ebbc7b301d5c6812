import { expect, test } from "vitest";
import { hears } from "./receiver-hears.ts";
import { receiverSchema } from "./schema/notify.ts";

test.each([
  ["an address", { email: ["a@example.com"] }, true],
  ["a robot", { ntfy: { topic: "cold" } }, true],
  ["nothing", {}, false],
  ["a name only", { name: "night" }, false],
  ["an empty list", { sms: [] }, false],
  ["no priority", { email: ["a@example.com"], priorities: [] }, false],
  ["one priority", { email: ["a@example.com"], priorities: ["critical"] }, true],
])("a receiver with %s, as it came and as it was read", (_, receiver, expected) => {
  expect([hears(receiver), hears(receiverSchema.parse(receiver))]).toEqual([expected, expected]);
});

test("what is no receiver hears nothing", () => {
  expect([null, "night", 7, undefined].map(hears)).toEqual([false, false, false, false]);
});
