import { expect, test } from "vitest";
import { parseDocument } from "yaml";
import { Secret } from "../drivers/secret.ts";
import { parseYaml } from "./parse.ts";
import { finding } from "./problem.ts";
import type { Source } from "./source.ts";
import { plain } from "./tree.ts";

function parse(text: string) {
  const source: Source = { file: "gateway.yaml", text, role: "config" };
  const { tree, findings } = parseYaml(source, (name, path, place) =>
    name === "known"
      ? new Secret("hush")
      : finding("secret/unknown", path, { name, looked: [] }, { place }),
  );
  return { value: tree && plain(tree), codes: findings.map(({ code }) => code) };
}

test("yes, no, on and off stay text, numbers and switches are what they look like", () => {
  expect(
    parse("{ a: yes, b: no, c: on, d: 1.5, e: true, f: 12:30, g: 0x10, h: null }").value,
  ).toEqual({ a: "yes", b: "no", c: "on", d: 1.5, e: true, f: "12:30", g: 16, h: null });
});

test("keys are taken as written: an article number keeps its leading zero", () => {
  expect(parse("06901234567892: insulin\ntrue: a\n1.0: b").value).toEqual({
    "06901234567892": "insulin",
    true: "a",
    "1.0": "b",
  });
});

test("the parser's own search for duplicate keys compares each with each, so it is not used", () => {
  let comparisons = 0;
  const text = Array.from({ length: 300 }, (_, index) => `key-${index}: 1`).join("\n");
  const uniqueKeys = () => {
    comparisons += 1;
    return false;
  };
  parseDocument(text, { uniqueKeys });
  expect(comparisons).toBe((300 * 299) / 2);
  expect(parse("a: 1\nb: 2\na: 3").codes).toEqual(["yaml/duplicate-key"]);
});

test("a YAML 1.1 directive would turn on into true, so it is refused", () => {
  const text = "%YAML 1.1\n---\nswitch: on\n";
  expect(parseDocument(text).toJS()).toEqual({ switch: true });
  expect(parse(text).codes).toEqual(["yaml/version"]);
});

test("a key cannot reach the prototype of an object", () => {
  expect(parse("__proto__: { polluted: true }")).toEqual({ value: {}, codes: ["yaml/key"] });
});

test("keys that are no text are refused where they stand", () => {
  expect(parse("? [a, b]\n: 1").codes).toEqual(["yaml/key"]);
  expect(parse("~: 1").codes).toEqual(["yaml/key"]);
});

test("an alias is refused, however often it would multiply", () => {
  expect(parse("a: &a [1]\nb: [*a, *a]").codes).toEqual(["yaml/alias", "yaml/alias"]);
});

test("nesting has a limit of 40 levels, and the parser's own far above it does not throw", () => {
  const nested = (levels: number) => `a: ${"[".repeat(levels)}${"]".repeat(levels)}`;
  expect(parse(nested(40)).codes).toEqual([]);
  expect(parse(nested(41)).codes).toEqual(["yaml/too-deep"]);
  expect(parse(nested(20_000)).codes).toEqual(["yaml/too-deep"]);
  expect(parse("- ".repeat(20_000)).codes).toEqual(["yaml/too-deep"]);
});

test("only !secret is a tag", () => {
  expect(parse("{ a: !secret known }").value).toEqual({ a: expect.any(Secret) });
  expect(parse("a: !secret unknown").codes).toEqual(["secret/unknown"]);
  for (const text of ["a: !!binary aGk=", "a: !include x.yaml", "a: !secret { b: 1 }", "a: !<x> 1"])
    expect(parse(text).codes, text).toEqual(["yaml/tag"]);
});

test("numbers with a leading zero are read in tens, with a warning", () => {
  expect(parse("a: 0123")).toEqual({ value: { a: 123 }, codes: ["yaml/octal"] });
  expect(parse("{ a: 0, b: 0.5, c: 0o17, d: '0123', e: 0x0F }").codes).toEqual([]);
});
