import type { Driver, EpochMs } from "../drivers/contract.ts";
import { checkChannel } from "./channels.ts";
import { checkWhole } from "./checks/all.ts";
import type { Subject } from "./checks/subject.ts";
import { withoutEchoes } from "./echoes.ts";
import { issueFindings, type KeysAt, kindOf, typeFinding } from "./issue.ts";
import { gatewayJsonSchema, type JsonSchema, keysAt } from "./json-schema.ts";
import { parseYaml, type ResolveSecret } from "./parse.ts";
import { completed, isAboutConditions } from "./partial.ts";
import { describePoints, pointSettingsOf } from "./points.ts";
import { type Finding, finding } from "./problem.ts";
import { type ProfileFolder, usedProfiles } from "./profile.ts";
import { rulesOf } from "./rules-of.ts";
import { salvage } from "./salvage.ts";
import { type ChannelConfig, type Config, configSchema, isId } from "./schema/config.ts";
import { lineFinder, type Source } from "./source.ts";
import type { TemplateFolder } from "./template.ts";
import {
  child,
  mapOf,
  placeOf,
  plain,
  type Tree,
  type TreeEntry,
  type TreeMap,
  withEntries,
} from "./tree.ts";

/** What a configuration needs from outside of its own text. */
export interface Surroundings {
  readonly drivers: readonly Driver[];
  readonly templates: TemplateFolder;
  readonly profiles: ProfileFolder;
  /** Against which calibration dates are checked. */
  readonly now: EpochMs;
  readonly resolveSecret: ResolveSecret;
  /** Whether one unit can be turned into the other; absent: not checked. */
  readonly canConvert?: ((from: string, to: string) => boolean) | undefined;
  /** A file without channels is a part of a configuration: the points that its rules name are believed. */
  readonly partial?: boolean | undefined;
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
    const found = typeFinding([], ["mapping"], kindOf(parsed.tree), "");
    return { config: undefined, findings: [...parsed.findings, placed(found, parsed.tree)] };
  }
  const whole = compileMap(dropEmpty(root), surroundings);
  const findings = withoutEchoes([...parsed.findings, ...whole.findings]);
  const isBroken = findings.some(({ severity }) => severity === "error");
  return { config: isBroken ? undefined : whole.config, findings };
}

function compileMap(root: TreeMap, surroundings: Surroundings): Compiled {
  const keys = keysOf(surroundings.drivers);
  const channels = compileChannels(root, surroundings);
  const rest = withEntries(root, [["channels", undefined]]);
  const isPart = surroundings.partial === true && child(root, "channels") === undefined;
  const given = plain(rest);
  const checked = configSchema.safeParse(isPart ? completed(given) : given);
  const issues = checked.success ? [] : checked.error.issues;
  const valid = checked.success ? checked.data : salvage(rest, issues);
  const findings = [...issueFindings(issues, root, [], keys), ...channels.findings];
  if (valid !== undefined) {
    const used = usedProfiles(valid.locations, surroundings.profiles);
    findings.push(...used.findings);
    const config = { ...valid, channels: channels.configs, profiles: used.profiles };
    const found = checkWhole(subjectOf(config, channels.tree, surroundings));
    findings.push(...(isPart ? found.filter(isAboutConditions) : found));
    return { config, findings: findings.map((found) => placed(found, channels.tree)) };
  }
  return { config: undefined, findings: findings.map((found) => placed(found, channels.tree)) };
}

/** The schema is built only when there is an unknown key: it costs as much as all the rest. */
function keysOf(drivers: readonly Driver[]): KeysAt {
  let schema: JsonSchema | undefined;
  return (path) => {
    schema ??= gatewayJsonSchema(drivers);
    return keysAt(schema, path);
  };
}

function placed(found: Finding, tree: Tree): Finding {
  return { ...found, place: found.place ?? placeOf(tree, found.path, found.at) };
}

/** `rules:` with every rule commented out is a section that was left out, not a mistake. */
function dropEmpty(root: TreeMap): TreeMap {
  const empty = [...root.entries].filter(
    ([key, { value }]) => sections.has(key) && plain(value) === null,
  );
  return withEntries(
    root,
    empty.map(([key]) => [key, undefined]),
  );
}

const sections = new Set([
  "channels",
  "rules",
  "locations",
  "items",
  "stock",
  "schedules",
  "annunciators",
  "alarms",
  "notify",
  "escalation",
  "mail",
  "sms",
  "buttons",
  "panel",
  "broker",
  "store",
  "sync",
]);

function compileChannels(root: TreeMap, surroundings: Surroundings) {
  const findings: Finding[] = [];
  const configs: Record<string, ChannelConfig> = {};
  const section = child(root, "channels");
  const map = mapOf(section?.value);
  if (section !== undefined && map === undefined) {
    findings.push(typeFinding(["channels"], ["mapping"], kindOf(section.value), ""));
  }
  if (section === undefined || map === undefined) return { tree: root, configs, findings };
  const changes: [string, TreeEntry][] = [];
  for (const [id, entry] of map.entries) {
    const path = ["channels", id];
    const tree = mapOf(entry.value);
    if (!isId(id)) findings.push(finding("schema/id", path, { got: id }, { at: "key" }));
    if (tree === undefined) {
      findings.push(typeFinding(path, ["mapping"], kindOf(entry.value), ""));
      continue;
    }
    const checked = checkChannel(tree, path, surroundings, keysOf);
    findings.push(...checked.findings);
    if (checked.config !== undefined) configs[id] = checked.config;
    changes.push([id, { ...entry, value: checked.tree }]);
  }
  const value = withEntries(map, changes);
  return { tree: withEntries(root, [["channels", { ...section, value }]]), configs, findings };
}

function subjectOf(config: Config, tree: TreeMap, surroundings: Surroundings): Subject {
  const { drivers, canConvert, now } = surroundings;
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
  const lineAt = lineFinder(tree.place.source.text);
  const namesIn = (section: string) => [
    ...(mapOf(child(tree, section)?.value)?.entries.keys() ?? []),
  ];
  return {
    config,
    rules: rulesOf(config),
    now,
    points: new Map(describePoints(config, drivers).map((point) => [point.key, point])),
    settings: pointSettingsOf(config),
    claims,
    devices,
    channels: [...(channels?.entries.keys() ?? [])],
    locations: namesIn("locations"),
    sections: [...tree.entries.keys()],
    lineOf: (path) => lineAt(placeOf(tree, path, "key").start),
    names: {
      schedule: namesIn("schedules"),
      receiver: namesIn("notify"),
      ladder: namesIn("escalation"),
      annunciator: namesIn("annunciators"),
      rule: namesIn("rules"),
    },
    canConvert,
  };
}
