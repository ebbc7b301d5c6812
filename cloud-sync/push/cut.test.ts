import fc from "fast-check";
import { expect, test } from "vitest";
import { aPush } from "../../tests/support/push-world.ts";
import { cutBytes, cutChars } from "./cut.ts";
import { words } from "./words.ts";

const texts = fc.string({
  unit: fc.constantFrom("a", "é", "冷", "🧊", "👨‍👩‍👧", "\ud83e", "\n", "e\u0301"),
});
const decoder = new TextDecoder("utf-8", { fatal: true });

test("a cut text is never longer than its bytes, is whole UTF-8, and begins as the text does", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 0, max: 80 }), (text, bytesMax) => {
      const result = cutBytes(text, bytesMax);
      const bytes = Buffer.from(result);
      expect(bytes.length).toBeLessThanOrEqual(bytesMax);
      expect(decoder.decode(bytes)).toBe(result);
      expect(result.isWellFormed()).toBe(true);
      const whole = text.toWellFormed();
      if (Buffer.byteLength(whole) <= bytesMax) expect(result).toBe(whole);
      else if (result !== "") {
        expect(result.endsWith("…")).toBe(true);
        expect(whole.startsWith(result.slice(0, -1))).toBe(true);
      }
    }),
  );
});

test("counted in code units, a pair is never split and the room is used", () => {
  fc.assert(
    fc.property(texts, fc.integer({ min: 0, max: 40 }), (text, charsMax) => {
      const result = cutChars(text, charsMax);
      expect(result.length).toBeLessThanOrEqual(charsMax);
      expect(result.isWellFormed()).toBe(true);
    }),
  );
  expect(cutChars("🧊🧊🧊", 5)).toBe("🧊🧊…");
  expect(cutChars("🧊🧊🧊", 4)).toBe("🧊…");
});

test("Chinese is cut between its characters of three bytes", () => {
  expect(cutBytes("冷库超温", 12)).toBe("冷库超温");
  expect(cutBytes("冷库超温", 11)).toBe("冷库…");
  expect(cutBytes("冷库超温", 9)).toBe("冷库…");
  expect(cutBytes("冷库超温", 8)).toBe("冷…");
});

test("a family of several code points is one character to who reads it", () => {
  expect(cutBytes("a👨‍👩‍👧b", 20)).toBe("a👨‍👩‍👧b");
  expect(cutBytes("a👨‍👩‍👧bcd", 20)).toBe("a…");
});

test("a text that is cut keeps its whole link", () => {
  const link = "https://site.example/ack?t=abc";
  const push = aPush({ text: "温".repeat(2_000), link });
  const said = words(push, 2_048);
  expect(Buffer.byteLength(said)).toBeLessThanOrEqual(2_048);
  expect(said.endsWith(`\n${link}`)).toBe(true);
  const inside = words(aPush({ text: `${link}\n${"温".repeat(2_000)}`, link }), 2_048);
  expect(inside.endsWith(`\n${link}`)).toBe(true);
});
