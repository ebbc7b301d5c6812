import type { Config } from "../config/schema/config.ts";
import { canonicalJson } from "./store/chain.ts";
import type { GatewayEvent } from "./store/store.ts";

/** What the last run was configured with stands under this prefix, part by part: `config/rules/cold-2-warm`. */
export const configKeyPrefix = "config/";

/** Parts of one change that go on record one by one; of more than that only their names do. */
export const changesMax = 200;

/** Characters of a part's text in an event: old and new together fit into one. */
const partCharsMax = 3_000;

/** Sections that hold one thing a name: each is a part of its own. */
const named = [
  "channels",
  "locations",
  "profiles",
  "schedules",
  "rules",
  "annunciators",
  "notify",
  "escalation",
] as const;

export interface ConfigChange extends Pick<GatewayEvent, "kind" | "body"> {
  readonly state: ReadonlyMap<string, unknown>;
}

/**
 * What is configured otherwise than in the last run, with the old and the new text of each part. Secrets are
 * not in it. Nothing at the first start: then everything is new.
 * @param saved what the store kept under `configKeyPrefix`.
 */
export function configChanges(
  config: Config,
  saved: ReadonlyMap<string, unknown>,
): readonly ConfigChange[] {
  const now = partsOf(config);
  const keys = [...new Set([...saved.keys(), ...now.keys()])];
  const changed = keys.filter((key) => saved.get(key) !== now.get(key));
  if (changed.length === 0) return [];
  const state = new Map(changed.map((key) => [key, now.get(key)]));
  if (saved.size === 0) return [{ kind: "config", body: { part: "all" }, state }];
  const told = changed
    .slice(0, changesMax)
    .map((key) => changeOf(key, saved.get(key), now.get(key)));
  const rest = changed.slice(changesMax).map((key) => key.slice(configKeyPrefix.length));
  const more = {
    action: "changed",
    parts: rest.join(" ").slice(0, partCharsMax),
    count: rest.length,
  };
  const all = rest.length === 0 ? told : [...told, { kind: "config" as const, body: more }];
  // The state goes with the last event: a start that is cut off tells everything again.
  return all.map((change, index) => ({
    ...change,
    state: index === all.length - 1 ? state : new Map(),
  }));
}

function changeOf(key: string, before: unknown, after: string | undefined) {
  const action = before === undefined ? "added" : after === undefined ? "removed" : "changed";
  const body = {
    action,
    part: key.slice(configKeyPrefix.length),
    ...(typeof before === "string" ? { before: before.slice(0, partCharsMax) } : {}),
    ...(after === undefined ? {} : { after: after.slice(0, partCharsMax) }),
  };
  return { kind: "config" as const, body };
}

/** The same configuration gives the same texts, whatever the order of its keys. */
function partsOf(config: Config): ReadonlyMap<string, string> {
  const plain: Readonly<Record<string, unknown>> = JSON.parse(JSON.stringify(config));
  const names = new Set<string>(named);
  return new Map(
    Object.entries(plain).flatMap(([section, value]): [string, string][] => {
      if (!names.has(section)) return [[configKeyPrefix + section, canonicalJson(value)]];
      return Object.entries(Object(value)).map(([id, part]) => [
        `${configKeyPrefix}${section}/${id}`,
        canonicalJson(part),
      ]);
    }),
  );
}
