import fc from "fast-check";
import { expect, test } from "vitest";
import { parse } from "yaml";
import { NoPlaceError } from "../../config/yaml-place.ts";
import { insertEntry, keysAt } from "./insert.ts";

const device = { template: "xy-md02", unitId: 3 };

test("a channel goes behind the last one, and its comments stay with it", () => {
  const text = [
    "# top",
    "channels: # all of them",
    "  a: # the first",
    "    driver: modbus",
    "    devices:",
    "      x: { unitId: 1 } # tail",
    "      # of x",
    "",
    "# rules of the house",
    "rules: {}",
    "",
  ].join("\n");
  expect(insertEntry(text, ["channels"], "b", { driver: "scale" })).toBe(
    text.replace("      # of x\n", "      # of x\n  b:\n    driver: scale\n"),
  );
  expect(insertEntry(text, ["channels", "a", "devices"], "y", device)).toBe(
    text.replace(
      "      # of x\n",
      "      # of x\n      y:\n        template: xy-md02\n        unitId: 3\n",
    ),
  );
});

test("a mapping in braces grows within its line", () => {
  const text = "channels: { a: { devices: { x: { unitId: 1 } } } } # tail\n";
  expect(insertEntry(text, ["channels", "a", "devices"], "y", { unitId: 2 })).toBe(
    'channels: { a: { devices: { x: { unitId: 1 }, "y":{"unitId":2} } } } # tail\n',
  );
  expect(insertEntry("channels: {}\n", ["channels"], "a", {})).toBe('channels: { "a":{} }\n');
});

test("keys that are missing are made, also in an empty file and behind a key without a value", () => {
  for (const text of ["", "version: 1", "version: 1\nchannels:\n", "# only\n", "version: 1\r\n"]) {
    const grown = insertEntry(text, ["channels"], "a", { driver: "scale" });
    expect(parse(grown)).toMatchObject({ channels: { a: { driver: "scale" } } });
    expect(grown.startsWith(text)).toBe(true);
  }
});

test("what is no mapping is refused, not overwritten", () => {
  for (const text of ["channels: 5\n", "channels: [a]\n", "- a\n", "channels: ~\n", "a: [\n"])
    expect(() => insertEntry(text, ["channels"], "a", {})).toThrow(NoPlaceError);
});

const word = fc.stringMatching(/^[a-z][a-z0-9-]{0,6}$/).map((text) => `k${text}`);
const scalar = fc.constantFrom("1", '"two"', "'three'", "four # tail", "{ a: 1 }", "[1, 2]");
const comment = fc.constantFrom("", "# c", "  # indented", "      # deep", "", "   ");

/** Block YAML with comments, blank lines and odd indentation, as people write it. */
const files = fc
  .record({
    head: fc.array(comment, { maxLength: 3 }),
    channels: fc.uniqueArray(
      fc.record({
        id: word,
        settings: fc.uniqueArray(fc.tuple(word, scalar), {
          selector: ([key]) => key,
          minLength: 1,
          maxLength: 3,
        }),
        after: comment,
      }),
      { selector: ({ id }) => id, minLength: 1, maxLength: 4 },
    ),
    indent: fc.constantFrom(1, 2, 4),
    tail: fc.array(comment, { maxLength: 3 }),
    newline: fc.constantFrom("\n", "\r\n"),
    hasEnd: fc.boolean(),
    more: fc.boolean(),
  })
  .map(({ head, channels, indent, tail, newline, hasEnd, more }) => {
    const pad = " ".repeat(indent);
    const lines = [
      ...head,
      "channels:",
      ...channels.flatMap(({ id, settings, after }) => [
        `${pad}${id}:`,
        ...settings.map(([key, value]) => `${pad}${pad}${key}: ${value}`),
        after,
      ]),
      ...tail,
      ...(more ? ["rules: {}", "# end"] : []),
    ];
    return lines.join(newline) + (hasEnd ? newline : "");
  });

test("every line that was there stays, byte for byte and in its order; only the entry is new", () => {
  fc.assert(
    fc.property(files, (text) => {
      const grown = insertEntry(text, ["channels"], "new", {
        driver: "modbus",
        devices: { d: device },
      });
      const before = parse(text);
      expect(parse(grown)).toEqual({
        ...before,
        channels: { ...before.channels, new: { driver: "modbus", devices: { d: device } } },
      });
      const at = [...grown].findIndex((letter, index) => letter !== [...text][index]);
      const length = grown.length - text.length;
      const cuts = Array.from({ length: grown.length }, (_, start) => start).filter(
        (start) => grown.slice(0, start) + grown.slice(start + length) === text,
      );
      expect(at === -1 || cuts.length > 0).toBe(true);
      expect(keysAt(grown, ["channels"]).at(-1)).toBe("new");
    }),
    { numRuns: 300 },
  );
});
