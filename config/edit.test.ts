import fc from "fast-check";
import { expect, test } from "vitest";
import { digestOf, editSections, type Sections, sectionsOf } from "./edit.ts";
import type { JsonObject } from "./json.ts";
import { NoPlaceError } from "./yaml-place.ts";

const written = `# Cold room 2, wired by Li on 3 March
version: 1   # of the format
gateway: { id: wh1-cold-2, timezone: Asia/Shanghai }

# What must not happen
rules:
  # the room itself
  cold-2-warm:
    point: cold-2/temperature   # wall sensor
    above: 8.0
    deadband: 0.5     # noise of the sensor
    # quality wants five minutes
    onDelay: 5min
    outputs: [stack/red, stack/buzzer]
    advise: >-
      Close the door,
      look at the compressor

  # the shelf
  "low":
    point: shelf/weight
    below: 20

items:
  06901234567892: { min: 20, max: 120 } # insulin
notify:
  night: { dingtalk: { webhook: !secret dingtalk-cold }, sms: ["+8613800138000"] }
# the end
`;

function edited(change: (sections: Record<string, Record<string, unknown>>) => void): string {
  const sections = JSON.parse(JSON.stringify(sectionsOf(written)));
  change(sections);
  const text = editSections(written, sections);
  expect(sectionsOf(text)).toEqual(sections);
  return text;
}

test("a limit that is changed from afar changes one number, and nothing around it", () => {
  const text = edited(({ rules }) => Object.assign(Object(rules?.["cold-2-warm"]), { above: 7.5 }));
  expect(text).toBe(written.replace("above: 8.0", "above: 7.5"));
});

test("what is the same stays byte for byte, whatever the order of its keys", () => {
  const { rules = {}, ...rest } = sectionsOf(written);
  const turned = Object.fromEntries(Object.entries(rules).reverse());
  expect(editSections(written, { ...rest, rules: turned })).toBe(written);
  expect(digestOf({ ...rest, rules: turned })).toBe(digestOf(sectionsOf(written)));
});

test("a rule goes with its own comments, those of others stay; a rule comes behind the others", () => {
  const text = edited((sections) => {
    const { rules = {} } = sections;
    delete rules["cold-2-warm"];
    rules["hot"] = { point: "a/b", above: 30, message: "太热: 开门" };
  });
  expect(text).not.toContain("noise of the sensor");
  for (const comment of ["# the room itself", "# the shelf", "# the end", "# What must not"]) {
    expect(text).toContain(comment);
  }
  expect(text).toContain("    below: 20\n  hot:\n    point: a/b\n");
});

test("secrets are named in both directions, and never a text that was none", () => {
  expect(sectionsOf(written).notify).toEqual({
    night: { dingtalk: { webhook: { "!secret": "dingtalk-cold" } }, sms: ["+8613800138000"] },
  });
  const text = edited(({ notify }) => {
    Object.assign(Object(notify), { night: { dingtalk: { webhook: { "!secret": "other" } } } });
    Object.assign(Object(notify), { day: { ntfy: { topic: "x", token: { "!secret": "day" } } } });
  });
  expect(text).toContain("webhook: !secret other");
  expect(text).toContain("token: !secret day");
});

test("the last entry of a section may go, and the section may be missing", () => {
  const { items: _, ...rest } = sectionsOf(written);
  expect(editSections(written, rest)).toBe(written);
  expect(editSections(written, { rules: {} })).toContain("rules: {}");
  expect(editSections("version: 1\n", { rules: { a: { above: 1 } } })).toBe(
    "version: 1\nrules:\n  a:\n    above: 1\n",
  );
  expect(editSections("version: 1\nrules:\n# end", { rules: { a: { above: 1 } } })).toBe(
    "version: 1\nrules:\n  a:\n    above: 1\n# end",
  );
});

test.each([
  ["version: 1\r\nrules:\r\n  a: { above: 1 } # x\r\n", "\r\n"],
  ["\uFEFFversion: 1\nrules:\n  a: { above: 1 } # x\n", "\uFEFF"],
  ['{"version": 1, "rules": {"a": {"above": 1}}}', "{"],
  ["version: 1\nrules:\n  a:\n    all:\n      - above: 1 # x\n        point: a/b\n", "# x"],
  ["version: 1\nrules: # x\n  a:\n    above: 1", "# x"],
])("other ways to write it are kept: %j", (text, mark) => {
  const sections: Sections = { rules: { a: { above: 2 }, b: { message: "two\nlines", below: 3 } } };
  const after = editSections(text, sections);
  expect(sectionsOf(after)).toEqual(sections);
  expect(after.startsWith("\uFEFF")).toBe(text.startsWith("\uFEFF"));
  if (mark !== "# x" || !text.includes("all:")) expect(after).toContain(mark);
  if (mark === "\r\n") expect(after.replaceAll("\r\n", "")).not.toContain("\n");
});

test.each([
  ["no YAML", "rules: [\n"],
  ["an alias", "rules: { a: &x { above: 1 }, b: *x }\n"],
  ["a merge key", "x: &x { above: 1 }\nrules:\n  a:\n    <<: *x\n"],
  ["a list", "- rules\n"],
  ["a key twice", "rules: { a: {}, a: {} }\n"],
  ["two documents", "rules: {}\n---\nrules: {}\n"],
])("%s cannot be changed in place, and it is said", (_, text) => {
  expect(() => editSections(text, { rules: { z: { above: 1 } } })).toThrow(NoPlaceError);
});

const name = fc.oneof(
  fc.stringMatching(/^[a-z][a-z0-9._-]{0,6}$/),
  fc.stringMatching(/^[0-9]{1,14}$/),
  fc.constantFrom("true", "null", "~", "yes", "a b", "- a", "# c", "a: b", "二号", "!x", "0x10"),
);
const leaf = fc.oneof(
  fc.integer(),
  fc.double({ noNaN: true, noDefaultInfinity: true }).map((n) => (Object.is(n, -0) ? 0 : n)),
  fc.boolean(),
  fc.constant(null),
  fc.constant({ "!secret": "a" }),
  fc.string({ unit: "grapheme" }),
  fc.constantFrom(
    "!secret a",
    "a # b",
    "multi\nline\n",
    " x ",
    "5min",
    "1e3",
    "|",
    "- x",
    "\u0085",
  ),
);
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { depthSize: "small" },
    leaf,
    fc.array(tie("any"), { maxLength: 3 }),
    fc.dictionary(name, tie("any"), { maxKeys: 4 }),
  ),
})).any;
const section = fc
  .dictionary(name, value, { maxKeys: 5 })
  .map((it) => JSON.parse(JSON.stringify(it)));
const sections = fc.record(
  { rules: section, items: section, notify: section },
  { requiredKeys: [] },
);

test("whatever is asked for, the file says exactly that afterwards, and its other sections are untouched", () => {
  fc.assert(
    fc.property(sections, sections, fc.boolean(), (first: Sections, second: Sections, flow) => {
      const base = flow
        ? `{ "version": 1, "gateway": { "id": "a" } }`
        : "version: 1\ngateway: { id: a } # x\n";
      const one = editSections(base, first);
      const two = editSections(one, second);
      expect(sectionsOf(two)).toEqual(filled({ ...first, ...second }));
      expect(editSections(two, second)).toBe(two);
      if (!flow) expect(two).toMatch(/^version: 1\ngateway: { id: a } # x\n/);
    }),
    { numRuns: 150 },
  );
});

const commented = fc.array(
  fc.record({
    id: fc.stringMatching(/^[a-z]{1,4}$/),
    above: fc.integer({ min: 0, max: 99 }),
    list: fc.array(fc.constantFrom("a/b", "c/d", "e/f"), { maxLength: 3 }),
    flow: fc.boolean(),
  }),
  { minLength: 1, maxLength: 5 },
);

test("every comment outside of what goes survives a change of limits, lists and entries", () => {
  const wanted = fc.dictionary(
    fc.stringMatching(/^[a-z]{1,4}$/),
    fc.record({
      above: fc.integer(),
      outputs: fc.array(fc.constantFrom("a/b", "x/y"), { maxLength: 4 }),
    }),
    { maxKeys: 5 },
  );
  fc.assert(
    fc.property(commented, wanted, (rules, change: JsonObject) => {
      const unique = [...new Map(rules.map((rule) => [rule.id, rule])).values()];
      const lines = unique.flatMap(({ id, above, list, flow }) => [
        `  # before ${id}.`,
        `  ${id}: # at ${id}.`,
        `    # in ${id}.`,
        `    above: ${above}   # limit ${id}.`,
        ...(flow || list.length === 0
          ? [`    outputs: [${list.join(", ")}] # list ${id}.`]
          : [
              `    outputs: # list ${id}.`,
              ...list.map((it, at) => `      - ${it} # item ${id}.${at}`),
            ]),
        "",
      ]);
      const text = ["version: 1", "rules:", ...lines, "# end", "panel: {}"].join("\n");
      const after = editSections(text, { rules: change });
      expect(sectionsOf(after)).toEqual(filled({ rules: change }));
      for (const { id } of unique) expect(after).toContain(`# before ${id}.`);
      expect(after).toContain("# end\npanel: {}");
      for (const { id, list } of unique) {
        if (!Object.hasOwn(change, id)) continue;
        expect(after).toContain(`# in ${id}.`);
        expect(after).toContain(`# limit ${id}.`);
        const now = Object(change[id]).outputs;
        if (list.length > 0 && now.length > 0) expect(after).toContain(`# list ${id}.`);
      }
    }),
    { numRuns: 150 },
  );
});

function filled(given: Sections): Sections {
  return Object.fromEntries(
    Object.entries(given).filter(([, it]) => it !== undefined && Object.keys(it).length > 0),
  );
}
