import { expect, test } from "vitest";
import { sectionText } from "../../down/section-text.ts";
import { changedSections, mistakesIn, readSections } from "./section-source.ts";

const words = { notManaged: "not managed", notSections: "not sections" };

const sections = {
  rules: { warm: { point: "cold/temperature", above: 8, outputs: ["stack/red", "stack/buzzer"] } },
  items: { "06901234567892": { name: "Insulin", min: 20 } },
  notify: { night: { dingtalk: { "!secret": "dingtalk-cold" } } },
};

test("what central shows as text is read back as what it was, secrets by their names", () => {
  expect(readSections(sectionText(sections), words)).toEqual({ sections });
});

test("numbers as keys stay the texts that they are", () => {
  expect(readSections("items:\n  06901234567892: { min: 1 }\n", words)).toEqual({
    sections: { items: { "06901234567892": { min: 1 } } },
  });
});

test("only sections that differ are sent, one that was taken out as empty", () => {
  const { items, notify } = sections;
  const reordered = {
    warm: { outputs: ["stack/red", "stack/buzzer"], above: 8, point: "cold/temperature" },
  };
  const after = { rules: reordered, items: { ...items, nut: { min: 1 } } };
  expect(changedSections(sections, after)).toEqual({
    items: { ...items, nut: { min: 1 } },
    notify: {},
  });
  expect(changedSections({ notify }, { notify })).toEqual({});
});

test("broken YAML, a foreign section and a section of the wrong form are said with their lines", () => {
  expect(readSections("rules:\n  a: [1\n", words)).toMatchObject({ mistakes: [{ path: "" }] });
  expect(readSections("rules: {}\nchannels:\n  a: {}\n", words)).toEqual({
    mistakes: [{ path: "channels", message: "not managed", line: 2 }],
  });
  expect(readSections("items:\n\nrules: [1]\n", words)).toEqual({
    mistakes: [{ path: "rules", message: "not sections", line: 3 }],
  });
  expect(readSections("- a\n", words)).toMatchObject({ mistakes: [{ message: "not sections" }] });
});

test("a mistake that central found stands at the line of its path, or of what is nearest to it", () => {
  const text = "rules:\n  warm:\n    above: 8\n    outputs:\n      - stack/red\n      - nothing\n";
  const message =
    "rules.warm.outputs[1]: no such output\nrules.warm: priority is missing\nrules.cold: gone";
  expect(mistakesIn(message, text)).toEqual([
    { path: "rules.warm.outputs[1]", message: "no such output", line: 6 },
    { path: "rules.warm", message: "priority is missing", line: 2 },
    { path: "rules.cold", message: "gone", line: 1 },
  ]);
  expect(mistakesIn("rules.warm.outputs.1: no such output", text)).toMatchObject([{ line: 6 }]);
  expect(mistakesIn("there is no gateway gw-7", text)).toBeUndefined();
});
