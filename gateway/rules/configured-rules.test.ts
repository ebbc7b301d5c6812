import { expect, test } from "vitest";
import { loadText } from "../../config/load.ts";
import { alarmIn } from "../../tests/support/alarms.ts";
import { concerns, slotsOf } from "../alarms/annunciator-slots.ts";
import { pointBook } from "../point-book.ts";
import { configuredRules } from "./configured-rules.ts";

const yaml = (alarms: string) => `version: 1
gateway: { id: g }
channels:
  stack:
    driver: gpio
    devices:
      stack: { points: { red: { line: 17 }, siren: { line: 18 }, desk: { line: 19 } } }
annunciators:
  tower: { red: stack/red, siren: stack/siren }
  guard: { place: second, lamp: stack/desk }
notify: { it: { email: [it@example.com] } }
mail: { host: mail.example.com, from: g@example.com }
rules: {}
${alarms}
`;

function load(alarms: string) {
  return loadText(yaml(alarms), "gateway.yaml");
}

function ownRules(alarms = "") {
  const loaded = load(alarms);
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  const { config } = loaded;
  return { config, rules: configuredRules(config, pointBook(config)) };
}

test("the gateway's own alarms light the annunciators that are here, and tell who is named", () => {
  const { rules } = ownRules();
  expect(rules.length).toBeGreaterThan(5);
  for (const { id, annunciate, notify } of rules) {
    expect(id).toMatch(/^gateway:/);
    expect({ annunciate, notify }).toEqual({ annunciate: ["tower"], notify: [] });
  }
  const named = ownRules("alarms: { annunciate: [guard], notify: [it] }");
  expect(named.rules[0]).toMatchObject({ annunciate: ["guard"], notify: ["it"] });
  expect(ownRules("alarms: { annunciate: [] }").rules[0]).toMatchObject({ annunciate: [] });
});

test("none of them sounds a siren, all of them light a lamp", () => {
  const { config, rules } = ownRules();
  const slots = slotsOf(config.annunciators).filter(({ annunciator }) => annunciator === "tower");
  for (const { priority } of rules) {
    const alarm = alarmIn("unacknowledged", { priority });
    const shown = slots.filter((slot) => concerns(slot, alarm)).map(({ is }) => is);
    expect(shown).toEqual(["red"]);
  }
});

test("names that are not there are refused where they stand", () => {
  const loaded = load("alarms: { annunciate: [towr], notify: [its] }");
  const problems = loaded.ok ? [] : loaded.problems;
  expect(problems).toMatchObject([
    { code: "reference/name", params: { kind: "annunciator", suggestion: "tower" } },
    { code: "reference/name", params: { kind: "receiver", suggestion: "it" } },
  ]);
});
