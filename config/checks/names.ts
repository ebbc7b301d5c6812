import type { NamedKind } from "../language/check-alarm.ts";
import { type Finding, finding, type Path, pathText } from "../problem.ts";
import { keyPath, type PlacedRule } from "../rules-of.ts";
import { suggest } from "../suggest.ts";
import { conditionsOf, keyAt } from "./conditions.ts";
import { gatewayDevice, healthPoints, type Subject } from "./subject.ts";

/** Every schedule, receiver, ladder, annunciator and rule that something names exists, and no two rules have one id. */
export function checkNames(subject: Subject): readonly Finding[] {
  const { config, rules } = subject;
  const { alarms, notify, escalation, locations, stock } = config;
  const known = knownNames(subject);
  const check = (kind: NamedKind, got: string | undefined, path: Path): readonly Finding[] =>
    got === undefined || known[kind].includes(got) ? [] : [unknown(kind, got, path, known[kind])];
  const each = (kind: NamedKind, names: readonly string[], path: Path) =>
    names.flatMap((name, index) => check(kind, name, [...path, index]));
  const told = (of: Told, path: (key: string) => Path) => [
    ...each("annunciator", of.annunciate, path("annunciate")),
    ...each("receiver", of.notify, path("notify")),
    ...check("ladder", of.escalate, path("escalate")),
  ];
  return [
    ...conditionsOf(subject).flatMap((placed) =>
      check("schedule", placed.condition.during, keyAt(placed, "during")),
    ),
    ...rules.flatMap((rule) =>
      rule.profile === undefined ? told(rule.config, (key) => keyPath(rule, key)) : [],
    ),
    ...Object.entries(config.rules).flatMap(([id, { inhibitedBy }]) =>
      each("rule", inhibitedBy, ["rules", id, "inhibitedBy"]),
    ),
    ...Object.entries(locations).flatMap(([id, location]) =>
      told(location, (key) => ["locations", id, key]),
    ),
    ...Object.entries(notify).flatMap(([id, { quiet }]) =>
      check("schedule", quiet?.during, ["notify", id, "quiet", "during"]),
    ),
    ...Object.entries(escalation).flatMap(([id, { steps }]) =>
      steps.flatMap((step, index) =>
        each("receiver", step.notify, ["escalation", id, "steps", index, "notify"]),
      ),
    ),
    ...told({ ...alarms, annunciate: alarms.annunciate ?? [] }, (key) => ["alarms", key]),
    ...told(stock, (key) => ["stock", key]),
    ...Object.entries(stock.warnings).flatMap(
      ([kind, { annunciate = [], notify = [], escalate }]) =>
        told({ annunciate, notify, escalate }, (key) => ["stock", "warnings", kind, key]),
    ),
    ...twice(rules, subject),
    ...circles(rules),
  ];
}

interface Told {
  readonly annunciate: readonly string[];
  readonly notify: readonly string[];
  readonly escalate?: string | undefined;
}

function knownNames({ names, rules, channels }: Subject): Subject["names"] {
  const own = healthPoints({ channels }).map((part) => `${gatewayDevice}:${part}`);
  const ids = rules.map(({ id }) => id);
  // A limit that watches several points is named with them or without.
  const limits = rules.flatMap(({ profile, location }) =>
    profile === undefined ? [] : `${location}:${profile.limit}`,
  );
  return { ...names, rule: [...new Set([...names.rule, ...ids, ...limits, ...own])] };
}

function unknown(kind: NamedKind, got: string, path: Path, known: readonly string[]): Finding {
  return finding("reference/name", path, { kind, got, suggestion: suggest(got, known), known });
}

function twice(rules: readonly PlacedRule[], { channels }: Subject): readonly Finding[] {
  const first = new Map(
    healthPoints({ channels }).map((part) => [`${gatewayDevice}:${part}`, gatewayDevice]),
  );
  return rules.flatMap(({ id, path }) => {
    const other = first.get(id);
    if (other !== undefined) return [finding("rule/id-twice", path, { id, other }, { at: "key" })];
    first.set(id, pathText(path));
    return [];
  });
}

/** A rule that is inhibited by itself, also by way of others, would never tell anybody. */
function circles(rules: readonly PlacedRule[]): readonly Finding[] {
  const byId = new Map(rules.map((rule) => [rule.id, rule]));
  const settled = new Set<string>();
  const found: Finding[] = [];
  const visit = (id: string, chain: readonly string[]): void => {
    if (chain.includes(id)) {
      const circle = [...chain.slice(chain.indexOf(id)), id];
      const rule = byId.get(id);
      if (rule === undefined) return;
      const path = keyPath(rule, "inhibitedBy");
      found.push(finding("rule/circle", path, { chain: circle }, { at: "key" }));
      return;
    }
    if (settled.has(id)) return;
    for (const parent of byId.get(id)?.config.inhibitedBy ?? []) visit(parent, [...chain, id]);
    settled.add(id);
  };
  for (const id of byId.keys()) visit(id, []);
  return found;
}
