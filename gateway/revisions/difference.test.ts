import fc from "fast-check";
import { expect, test } from "vitest";
import { difference, differenceLinesMax } from "./difference.ts";

test("lines that went and came, in their order", () => {
  expect(difference("a\nb\nc\nd\n", "a\nc\nx\nd\ne\n")).toEqual(["- b", "+ x", "+ e"]);
  expect(difference("a\n", "a\n")).toEqual([]);
  expect(difference("", "a")).toEqual(["- ", "+ a"]);
});

test("whoever follows the difference gets from one text to the other", () => {
  const lines = fc.array(fc.constantFrom("a", "b", "c", "d"), { maxLength: 12 });
  fc.assert(
    fc.property(lines, lines, (old, fresh) => {
      const shown = difference(old.join("\n"), fresh.join("\n"));
      const gone = shown.filter((line) => line.startsWith("- ")).length;
      const came = shown.filter((line) => line.startsWith("+ ")).length;
      const [before, after] = [Math.max(1, old.length), Math.max(1, fresh.length)];
      expect(before - gone).toBe(after - came);
    }),
  );
});

test("of a long one only the first lines are kept, and how many there were", () => {
  const long = Array.from({ length: 5_000 }, (_, at) => `line ${at}`).join("\n");
  const shown = difference(long, long.replaceAll("line", "zeile"));
  expect(shown).toHaveLength(differenceLinesMax + 1);
  expect(shown.at(-1)).toBe("... 10000");
});
