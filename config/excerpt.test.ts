import { expect, test } from "vitest";
import { excerptOf, frameText } from "./excerpt.ts";
import { positionOf, type Source } from "./source.ts";

function frame(text: string, word: string, role: Source["role"] = "config"): string {
  const start = text.indexOf(word);
  const place = { source: { file: "gateway.yaml", text, role }, start, end: start + word.length };
  return frameText(excerptOf(place), positionOf(place));
}

test("the caret stands below the word, also behind wide characters and tabs", () => {
  expect(frame("a: 1\nname: 二号冷库 # ，x\nb: 2", "x")).toBe(
    "  1 | a: 1\n> 2 | name: 二号冷库 # ，x\n    |                    ^\n  3 | b: 2",
  );
  expect(frame("a:\tx", "x")).toBe("> 1 | a:\tx\n    |   \t^");
});

test("the first and the last line have one neighbour", () => {
  expect(frame("a: 1\nb: 2", "a").split("\n")).toHaveLength(3);
  expect(frame("a: 1\r\nb: 2\r\n", "b")).toBe("  1 | a: 1\n> 2 | b: 2\n    | ^\n  3 |");
});

test("a long line is cut", () => {
  expect(frame(`a: ${"x".repeat(1_000)}`, "a").split("\n")[0]?.length).toBeLessThan(180);
  expect(frame(`a: ${"x".repeat(1_000)}y`, "y")).not.toContain("^");
});

const literals = [
  "password: swordfish",
  'password: "sword fish, {x}"',
  "  - apiToken: swordfish",
  "users: { a: { password: swordfish, publish: [] }, b: { password: 'swordfish' } }",
  "credentials: |\n  swordfish\n  swordfish",
  "credentials: >-\n\n  swordfish",
  "client-secret:\n  swordfish",
  "routingKey: swordfish",
  "pagerduty: { server: https://events.example.com, routingKey: swordfish }",
  "webhook: https://oapi.example.com/robot/send?access_token=swordfish",
  "dingtalk: { webhook: https://oapi.example.com/robot?key=swordfish, mobiles: [] }",
  "dingtalk: { mobiles: [], 'webhook': \"https://example.com/{a}, swordfish\" }",
  "  webhook:\n    https://example.com/swordfish",
];

test.each(literals)("a secret is masked wherever it is shown: %s", (literal) => {
  const text = `a: 1\n${literal}\nlast: 3`;
  for (const word of ["a: 1", "last", ...text.split("\n").slice(1, -1)]) {
    expect(frame(text, word), word).not.toMatch(/swordfish|fish/);
  }
});

test.each([
  "pin: 4711",
  'sms: { port: "serial:/dev/x", pin: "4711" }',
  "  pin: '4711' # SIM",
  "pin:\n  4711",
])("the PIN of a SIM is masked: %s", (literal) => {
  expect(frame(`a: 1\n${literal}\nb: 2`, literal)).not.toContain("4711");
});

test.each([
  "pin: 17",
  "pin: GPIO4711",
  "pin: !secret sms-pin",
  "webhook: { url: https://example.com/hook, secret: !secret hook }",
  "webhook: !secret wecom-cold",
  "spin: 4711",
])("what only has such a name stays readable: %s", (line) => {
  expect(frame(line, line)).toContain(line);
});

test("keys beside a secret stay readable, and so does the name of a secret", () => {
  expect(frame("u: { password: abc, publish: [x] }", "u")).toContain("publish: [x]");
  expect(frame("password: !secret wall", "password")).toContain("!secret wall");
});

test("nothing of a secrets file is shown", () => {
  expect(frame("wall: swordfish", "wall", "secrets")).toBe("");
});
