import type { Driver } from "../drivers/contract.ts";
import { checkChannel } from "./channels.ts";
import { checkWhole } from "./checks/all.ts";
import type { Subject } from "./checks/subject.ts";
import { issueFindings, type KeysAt } from "./issue.ts";
import { gatewayJsonSchema, type JsonSchema, keysAt } from "./json-schema.ts";
import { parseYaml, type ResolveSecret } from "./parse.ts";
import { describePoints, pointSettingsOf } from "./points.ts";
import { type Finding, finding } from "./problem.ts";
import { salvage } from "./salvage.ts";
import { type ChannelConfig, type Config, configSchema, isId } from "./schema/config.ts";
import type { Source } from "./source.ts";
import type { TemplateFolder } from "./template.ts";
import { child, mapOf, placeOf, plain, type TreeEntry, type TreeMap, withEntries } from "./tree.ts";

/** What a configuration needs from outside of its own text. */
export interface Surroundings {
  readonly drivers: readonly Driver[];
  readonly templates: TemplateFolder;
  readonly resolveSecret: ResolveSecret;
  /** Whether one unit can be turned into the other; absent: not checked. */
  readonly canConvert?: ((from: string, to: string) => boolean) | undefined;
}

export interface Compiled {
  /** Undefined when there is an error among the findings. */
  readonly config: Config | undefined;
  /** All of them have a place. */
  readonly findings: readonly Finding[];
}

/** Text -> configuration, or everything that is wrong with it at once. Pure but for what `surroundings` does. */
export function compile(source: Source, surroundings: Surroundings): Compiled {
  const parsed = parseYaml(source, surroundings.resolveSecret);
  if (parsed.tree === undefined) return { config: undefined, findings: parsed.findings };
  const root = mapOf(parsed.tree);
  if (root === undefined) {
    const params = { expected: ["mapping"], got: "text", written: "", fix: "none" } as const;
    const found = finding("schema/type", [], params, { place: placeOf(parsed.tree, [], "value") });
    return { config: undefined, findings: [...parsed.findings, found] };
  }
  const whole = compileMap(dropEmpty(root), surroundings);
  const findings = [...parsed.findings, ...whole.findings];
  const isBroken = findings.some(({ severity }) => severity === "error");
  return { config: isBroken ? undefined : whole.config, findings };
}

function compileMap(root: TreeMap, surroundings: Surroundings): Compiled {
  const schema = lazySchema(surroundings.drivers);
  const keys: KeysAt = (path) => keysAt(schema(), path);
  const channels = compileChannels(root, surroundings, keys);
  const rest = withEntries(root, [["channels", undefined]]);
  const checked = configSchema.safeParse(plain(rest));
  const issues = checked.success ? [] : checked.error.issues;
  const valid = checked.success ? checked.data : salvage(rest, issues);
  const findings = [...issueFindings(issues, root, [], keys), ...channels.findings];
  if (valid !== undefined) {
    const config = { ...valid, channels: channels.configs };
    findings.push(...checkWhole(subjectOf(config, channels.tree, surroundings)));
    return { config, findings: findings.map((found) => placed(found, channels.tree)) };
  }
  return { config: undefined, findings: findings.map((found) => placed(found, channels.tree)) };
}

function lazySchema(drivers: readonly Driver[]): () => JsonSchema {
  let schema: JsonSchema | undefined;
  return () => {
    schema ??= gatewayJsonSchema(drivers);
    return schema;
  };
}

function placed(found: Finding, tree: TreeMap): Finding {
  return { ...found, place: found.place ?? placeOf(tree, found.path, found.at) };
}

/** `rules:` with every rule commented out is a section that was left out, not a mistake. */
function dropEmpty(root: TreeMap): TreeMap {
  const empty = [...root.entries].filter(
    ([key, { value }]) => Object.hasOwn(sections, key) && plain(value) === null,
  );
  return withEntries(
    root,
    empty.map(([key]) => [key, undefined]),
  );
}

/** Sections, and whether an invalid entry can be taken out without the rest. */
const sections = {
  channels: "entries",
  rules: "entries",
  locations: "entries",
  panel: "whole",
  broker: "whole",
  store: "whole",
  sync: "whole",
} as const;

function compileChannels(root: TreeMap, surroundings: Surroundings, keys: KeysAt) {
  const findings: Finding[] = [];
  const configs: Record<string, ChannelConfig> = {};
  const section = child(root, "channels");
  const map = mapOf(section?.value);
  if (section !== undefined && map === undefined) {
    const params = { expected: ["mapping"], got: "text", written: "", fix: "none" } as const;
    findings.push(finding("schema/type", ["channels"], params, { at: "key" }));
  }
  if (section === undefined || map === undefined) return { tree: root, configs, findings };
  const changes: [string, TreeEntry][] = [];
  for (const [id, entry] of map.entries) {
    const path = ["channels", id];
    const tree = mapOf(entry.value);
    if (!isId(id)) findings.push(finding("schema/id", path, { got: id }, { at: "key" }));
    if (tree === undefined) {
      const params = { expected: ["mapping"], got: "empty", written: "", fix: "none" } as const;
      findings.push(finding("schema/type", path, params, { at: "key" }));
      continue;
    }
    const checked = checkChannel(tree, path, surroundings, keys);
    findings.push(...checked.findings);
    if (checked.config !== undefined) configs[id] = checked.config;
    changes.push([id, { ...entry, value: checked.tree }]);
  }
  const value = withEntries(map, changes);
  return { tree: withEntries(root, [["channels", { ...section, value }]]), configs, findings };
}

function subjectOf(config: Config, tree: TreeMap, surroundings: Surroundings): Subject {
  const { drivers, canConvert } = surroundings;
  const channels = mapOf(child(tree, "channels")?.value);
  const claims = Object.entries(config.channels).flatMap(([channel, settings]) => {
    const driver = drivers.find(({ name }) => name === settings.driver);
    return (driver?.claims(settings) ?? []).map((claim) => ({ channel, claim }));
  });
  const devices = [...(channels?.entries ?? [])].flatMap(([channel, { value }]) =>
    [...(mapOf(child(value, "devices")?.value)?.entries.keys() ?? [])].map((id) => ({
      id,
      path: ["channels", channel, "devices", id],
    })),
  );
  return {
    config,
    points: new Map(describePoints(config, drivers).map((point) => [point.key, point])),
    settings: pointSettingsOf(config),
    claims,
    devices,
    locations: [...(mapOf(child(tree, "locations")?.value)?.entries.keys() ?? [])],
    canConvert,
  };
}
