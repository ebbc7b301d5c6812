import { expect, test } from "vitest";
import { faultWords, parseFaults } from "./fault-word.ts";

test.each([
  ["silent", { silent: true }],
  ["half-frames,garbage", { halfFrames: true, garbage: true }],
  ["corrupt", { corruptEvery: 1 }],
  ["corrupt=5", { corruptEvery: 5 }],
  ["delay=500ms", { delayMs: 500 }],
  ["none", {}],
])("%s is %j", (text, faults) => {
  expect(parseFaults(text)).toEqual(faults);
});

test("every word that is listed is known", () => {
  for (const word of faultWords) expect(() => parseFaults(word), word).not.toThrow();
});

test.each(["", "loud", "corrupt=0", "corrupt=x", "delay=fast"])("%j is no fault", (text) => {
  expect(() => parseFaults(text)).toThrow(/no fault/);
});
