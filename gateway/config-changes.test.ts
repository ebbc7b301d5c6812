import { expect, test } from "vitest";
import { loadText } from "../config/load.ts";
import { auditOf } from "./audit/audit-of.ts";
import { type ConfigChange, changesMax, configChanges } from "./config-changes.ts";

function configOf(rules: string) {
  const text = `version: 1
gateway: { id: wh1 }
channels:
  lights: { driver: gpio, devices: { stack: { points: { red: { line: 17 } } } } }
rules: ${rules}
`;
  const loaded = loadText(text, "gateway.yaml", { env: {} });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.problems));
  return loaded.config;
}

function keep(saved: ReadonlyMap<string, unknown>, changes: readonly ConfigChange[]) {
  const state = new Map(saved);
  for (const [key, value] of changes.flatMap((change) => [...change.state])) {
    if (value === undefined) state.delete(key);
    else state.set(key, value);
  }
  return state;
}

const lit = "{ lit: { point: stack/red, equal: true } }";

test("a first start keeps what is configured and tells no change", () => {
  const first = configChanges(configOf(lit), new Map());
  expect(first).toHaveLength(1);
  expect(first.flatMap(({ kind, body }) => auditOf({ kind, at: 0, mono: 0, body }) ?? [])).toEqual(
    [],
  );
  expect(configChanges(configOf(lit), keep(new Map(), first))).toEqual([]);
});

test("a changed, an added and a removed rule are on record with old and new text", () => {
  const saved = keep(new Map(), configChanges(configOf(lit), new Map()));
  const other = configOf(
    "{ lit: { point: stack/red, equal: true, onDelay: 5min }, dark: { point: stack/red, equal: false } }",
  );
  const changes = configChanges(other, saved);
  expect(changes.map(({ body }) => [body["action"], body["part"]])).toEqual([
    ["changed", "rules/lit"],
    ["added", "rules/dark"],
  ]);
  expect(changes[0]?.body["before"]).toContain('"onDelay":0');
  expect(changes[0]?.body["after"]).toContain('"onDelay":300000');
  const audited = changes.map(({ kind, body }) => auditOf({ kind, at: 0, mono: 0, body })?.action);
  expect(audited).toEqual(["config.changed", "config.added"]);
  const back = configChanges(configOf(lit), keep(saved, changes));
  expect(back.map(({ body }) => body["action"])).toEqual(["changed", "removed"]);
});

test("more changes than go on record one by one are counted and named", () => {
  const many = Array.from(
    { length: changesMax + 40 },
    (_, n) => `r${n}: { point: stack/red, equal: true }`,
  );
  const saved = keep(new Map(), configChanges(configOf(lit), new Map()));
  const changes = configChanges(configOf(`{ ${many.join(", ")} }`), saved);
  expect(changes).toHaveLength(changesMax + 1);
  expect(changes.at(-1)?.body).toMatchObject({ count: 41 });
});
