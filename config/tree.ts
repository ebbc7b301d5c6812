import type { Path, PathPart } from "./problem.ts";
import type { Place } from "./source.ts";

/** A value of YAML that knows where it stands, also after a template was merged into it. */
export type Tree = TreeMap | TreeList | TreeScalar;

export interface TreeEntry {
  readonly key: Place;
  readonly value: Tree;
}

export interface TreeMap {
  readonly kind: "map";
  readonly place: Place;
  readonly entries: ReadonlyMap<string, TreeEntry>;
}

export interface TreeList {
  readonly kind: "list";
  readonly place: Place;
  readonly items: readonly Tree[];
}

export interface TreeScalar {
  readonly kind: "scalar";
  readonly place: Place;
  readonly value: unknown;
}

/** The bare value, for a schema. */
export function plain(tree: Tree): unknown {
  if (tree.kind === "scalar") return tree.value;
  if (tree.kind === "list") return tree.items.map(plain);
  return Object.fromEntries([...tree.entries].map(([key, entry]) => [key, plain(entry.value)]));
}

export function child(tree: Tree | undefined, part: PathPart): TreeEntry | undefined {
  if (tree?.kind === "map") return tree.entries.get(String(part));
  if (tree?.kind !== "list" || typeof part !== "number") return undefined;
  const item = tree.items[part];
  return item === undefined ? undefined : { key: item.place, value: item };
}

export function descend(tree: Tree, path: Path): Tree | undefined {
  let here: Tree | undefined = tree;
  for (const part of path) here = child(here, part)?.value;
  return here;
}

/** Where the entry at `path` stands; where it is missing, the nearest entry above it. */
export function placeOf(tree: Tree, path: Path, at: "key" | "value"): Place {
  let entry: TreeEntry = { key: startOf(tree.place), value: tree };
  for (const part of path) {
    const next = child(entry.value, part);
    if (next === undefined) return entry.key;
    entry = next;
  }
  if (
    at === "value" &&
    entry.value.kind === "scalar" &&
    entry.value.place.end > entry.value.place.start
  ) {
    return entry.value.place;
  }
  return at === "value" && entry.value.kind !== "scalar" ? startOf(entry.value.place) : entry.key;
}

function startOf(place: Place): Place {
  return { ...place, end: place.start + 1 };
}

export function mapOf(tree: Tree | undefined): TreeMap | undefined {
  return tree?.kind === "map" ? tree : undefined;
}

/** `tree` with some entries replaced (or removed: undefined). */
export function withEntries(
  tree: TreeMap,
  changes: Iterable<readonly [string, TreeEntry | undefined]>,
): TreeMap {
  const entries = new Map(tree.entries);
  for (const [key, entry] of changes) {
    if (entry === undefined) entries.delete(key);
    else entries.set(key, entry);
  }
  return { ...tree, entries };
}

/** `tree` without some entries of the mapping at `path`. Costs one pass over the mappings on the way. */
export function without(tree: TreeMap, path: Path, keys: readonly string[]): TreeMap {
  const [part, ...rest] = path;
  if (part === undefined) {
    return withEntries(
      tree,
      keys.map((key) => [key, undefined]),
    );
  }
  const entry = child(tree, part);
  const below = mapOf(entry?.value);
  if (entry === undefined || below === undefined) return tree;
  return withEntries(tree, [[String(part), { ...entry, value: without(below, rest, keys) }]]);
}
