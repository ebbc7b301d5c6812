import type { z } from "zod";
import type { Driver } from "../drivers/contract.ts";
import { issueFindings, type KeysAt } from "./issue.ts";
import { type Finding, finding, type Path } from "./problem.ts";
import { withoutUnknown } from "./salvage.ts";
import { type ChannelConfig, isId } from "./schema/config.ts";
import { suggest } from "./suggest.ts";
import { expandTemplate, type TemplateFolder } from "./template.ts";
import {
  child,
  mapOf,
  plain,
  type Tree,
  type TreeEntry,
  type TreeMap,
  withEntries,
  without,
} from "./tree.ts";

/** One channel with its templates merged in, and what its driver said about it. */
export interface CheckedChannel {
  readonly tree: TreeMap;
  /** Without the devices that have errors; undefined when the channel itself has some. */
  readonly config: ChannelConfig | undefined;
  readonly findings: readonly Finding[];
}

/** Unknown keys, then single values, then keys against each other: a schema says all that it has to say in three. */
const roundsMax = 4;

/** Merges templates, then lets the channel's driver check the whole. */
export function checkChannel(
  tree: TreeMap,
  path: Path,
  surroundings: { readonly drivers: readonly Driver[]; readonly templates: TemplateFolder },
  keysOf: (drivers: readonly Driver[]) => KeysAt,
): CheckedChannel {
  const { drivers, templates } = surroundings;
  const named = child(tree, "driver")?.value;
  const got = named === undefined ? "" : String(plain(named) ?? "");
  const driver = drivers.find(({ name }) => name === got);
  if (driver === undefined) {
    const known = drivers.map(({ name }) => name);
    const params = { got, suggestion: suggest(got, known), known };
    const at = named === undefined ? path : [...path, "driver"];
    const found = finding("driver/unknown", at, params, { at: got === "" ? "key" : "value" });
    return { tree, config: undefined, findings: [found] };
  }
  const expanded = expandDevices(tree, driver, path, templates);
  const checked = checkByDriver(expanded.usable, driver, path, keysOf([driver]));
  return {
    tree: expanded.tree,
    config: checked.config,
    findings: [...expanded.findings, ...checked.findings],
  };
}

function expandDevices(tree: TreeMap, driver: Driver, path: Path, templates: TemplateFolder) {
  const findings: Finding[] = [];
  const broken: string[] = [];
  const devices = child(tree, "devices");
  const map = mapOf(devices?.value);
  if (devices === undefined || map === undefined) return { tree, usable: tree, findings };
  const changes: [string, TreeEntry][] = [];
  for (const [id, entry] of map.entries) {
    findings.push(...nameFindings([...path, "devices", id]));
    const device = mapOf(entry.value) ?? emptyDevice(entry.value);
    if (device === undefined) continue;
    const expansion = expandTemplate(device, driver, [...path, "devices", id], templates);
    findings.push(...expansion.findings);
    const points = mapOf(expansion.device?.entries.get("points")?.value);
    for (const point of points?.entries.keys() ?? []) {
      findings.push(...nameFindings([...path, "devices", id, "points", point]));
    }
    if (expansion.device === undefined) broken.push(id);
    else changes.push([id, { ...entry, value: expansion.device }]);
  }
  const whole = withEntries(map, changes);
  const usable = withEntries(
    whole,
    broken.map((id) => [id, undefined]),
  );
  return {
    tree: withEntries(tree, [["devices", { ...devices, value: whole }]]),
    usable: withEntries(tree, [["devices", { ...devices, value: usable }]]),
    findings,
  };
}

/** Names become parts of topics, addresses and keys, whatever the driver thinks of them. */
function nameFindings(path: Path): readonly Finding[] {
  const got = String(path.at(-1));
  return isId(got) ? [] : [finding("schema/id", path, { got }, { at: "key" })];
}

/** `gate-1:` with nothing behind it is a device that leaves everything to its driver. */
function emptyDevice(tree: Tree): TreeMap | undefined {
  if (tree.kind !== "scalar" || tree.value !== null) return undefined;
  return { kind: "map", place: tree.place, entries: new Map() };
}

/** Checks that look at several keys run only when all keys are right: what has errors is taken out, then once more. */
function checkByDriver(tree: TreeMap, driver: Driver, path: Path, keysAt: KeysAt) {
  const whole = treeAt(path, tree);
  const findings: Finding[] = [];
  let usable = tree;
  for (let round = 0; round < roundsMax; round += 1) {
    const checked = driver.schema.safeParse(plain(usable));
    if (checked.success) return { config: channelOf(checked.data), findings };
    const { issues } = checked.error;
    findings.push(...issueFindings(issues, whole, path, keysAt));
    const next = without(withoutUnknown(usable, issues), ["devices"], issues.flatMap(wrongDevice));
    usable = next;
  }
  return { config: undefined, findings };
}

function wrongDevice(issue: z.core.$ZodIssue): readonly string[] {
  const [section, id] = issue.path.map(String);
  const isOfDevice = issue.code !== "unrecognized_keys" && section === "devices";
  return isOfDevice && id !== undefined ? [id] : [];
}

/** The tree as it stands in the whole file, so that paths fit. */
function treeAt(path: Path, tree: Tree): Tree {
  return path.reduceRight<Tree>(
    (below, part) => ({
      kind: "map",
      place: below.place,
      entries: new Map([[String(part), { key: below.place, value: below }]]),
    }),
    tree,
  );
}

function channelOf(data: unknown): ChannelConfig {
  // `Config` promises only what every driver's schema requires: `driver` and `devices`.
  return data as ChannelConfig;
}
