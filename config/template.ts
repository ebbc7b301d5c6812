import type { Driver } from "../drivers/contract.ts";
import { issueFindings } from "./issue.ts";
import { keysAt, templateJsonSchema } from "./json-schema.ts";
import { type Finding, finding, type Path } from "./problem.ts";
import { isId } from "./schema/config.ts";
import type { Place, Source } from "./source.ts";
import { suggest } from "./suggest.ts";
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

/** A template as it was read; undefined tree: its text is no YAML, `findings` say why. */
export interface TemplateFile {
  readonly source: Source;
  readonly tree: Tree | undefined;
  readonly findings: readonly Finding[];
}

export interface TemplateFolder {
  /** Undefined: there is no such template. */
  find(id: string): TemplateFile | undefined;
  known(): readonly string[];
}

/** What became of a device's `template:`. */
export interface Expansion {
  /** The device with the template merged in; undefined when that was not possible. */
  readonly device: TreeMap | undefined;
  readonly findings: readonly Finding[];
}

/** Merges the template that a device names, if any: what the device says itself comes first, point by point. */
export function expandTemplate(
  device: TreeMap,
  driver: Driver,
  path: Path,
  folder: TemplateFolder,
): Expansion {
  const named = device.entries.get("template");
  if (named === undefined) return { device, findings: [] };
  const at = [...path, "template"];
  const id = plain(named.value);
  if (typeof id !== "string" || !isId(id)) {
    return refused(finding("template/name", at, {}));
  }
  if (driver.templateSchema === undefined) {
    return refused(finding("template/no-driver", at, { driver: driver.name }, { at: "key" }));
  }
  const file = folder.find(id);
  if (file === undefined) {
    const known = folder.known().filter((name) => isFor(driver, folder.find(name)));
    return refused(finding("template/unknown", at, { id, suggestion: suggest(id, known), known }));
  }
  const template = mapOf(file.tree);
  const has = template && child(template, "driver");
  if (has !== undefined && plain(has.value) !== driver.name) {
    const params = { id, has: String(plain(has.value)), wants: driver.name };
    return refused(finding("template/driver", at, params));
  }
  const findings = [...file.findings, ...templateFindings(file, driver)];
  const isBroken = findings.some(({ severity }) => severity === "error");
  if (template === undefined || isBroken) return { device: undefined, findings };
  return { device: merge(template, withEntries(device, [["template", undefined]])), findings };
}

/** A file that cannot be read may be for any driver. */
function isFor(driver: Driver, file: TemplateFile | undefined): boolean {
  const named = mapOf(file?.tree)?.entries.get("driver");
  return named === undefined || plain(named.value) === driver.name;
}

function refused(found: Finding): Expansion {
  return { device: undefined, findings: [found] };
}

function templateFindings(file: TemplateFile, driver: Driver): readonly Finding[] {
  const { tree } = file;
  if (tree === undefined || driver.templateSchema === undefined) return [];
  const checked = driver.templateSchema.safeParse(plain(tree));
  if (checked.success) return [];
  const schema = templateJsonSchema([driver]);
  return issueFindings(checked.error.issues, tree, [], (path) => keysAt(schema, path)).map(
    (found) => ({ ...found, place: found.place ?? placeOf(tree, found.path, found.at) }),
  );
}

function merge(template: TreeMap, device: TreeMap): TreeMap {
  const defaults = mapOf(child(template, "device")?.value);
  const points = mergePoints(child(template, "points"), device.entries.get("points"), device.place);
  const entries = new Map([...(defaults?.entries ?? []), ...device.entries, ["points", points]]);
  return { ...device, entries };
}

function mergePoints(
  given: TreeEntry | undefined,
  own: TreeEntry | undefined,
  place: Place,
): TreeEntry {
  const base = given ?? own ?? { key: place, value: { kind: "map", place, entries: new Map() } };
  const theirs = mapOf(given?.value);
  const mine = mapOf(own?.value);
  // A device's `points:` that is no mapping stays as it is, for the schema to complain about.
  if (own !== undefined && mine === undefined) return own;
  if (theirs === undefined || mine === undefined || own === undefined) return base;
  const merged = [...mine.entries].map(([name, entry]): [string, TreeEntry] => {
    const under = mapOf(theirs.entries.get(name)?.value);
    const over = mapOf(entry.value);
    if (under === undefined || over === undefined) return [name, entry];
    const entries = new Map([...under.entries, ...over.entries]);
    return [name, { ...entry, value: { ...over, entries } }];
  });
  return { key: own.key, value: withEntries(theirs, merged) };
}
