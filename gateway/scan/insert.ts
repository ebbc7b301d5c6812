import { isMap, isScalar, type Pair, parseDocument, stringify, type YAMLMap } from "yaml";
import { behindEntry, columnOf, endOf, NoPlaceError, newlineOf } from "../../config/yaml-place.ts";

/**
 * YAML with one more entry in the mapping at `path`; keys of `path` that are missing are made. Only adds: every line
 * that was there stays byte for byte, except that a mapping in braces grows within its line.
 * @throws NoPlaceError when the text is no YAML, or something else than a mapping stands there.
 */
export function insertEntry(
  text: string,
  path: readonly string[],
  key: string,
  value: unknown,
): string {
  const document = parseDocument(text);
  if (document.errors.length > 0) throw new NoPlaceError("the file is no YAML");
  const root: unknown = document.contents;
  if (root !== null && !isMap(root)) throw new NoPlaceError("the file is no mapping");
  if (root === null) return inserted(text, text.length, 0, nested(path, key, value));
  let map: YAMLMap = root;
  let depth = 0;
  for (const part of path) {
    const pair = map.items.find((item) => isScalar(item.key) && item.key.value === part);
    if (pair === undefined) break;
    const below: unknown = pair.value;
    depth += 1;
    if (isMap(below)) {
      map = below;
      continue;
    }
    if (!isScalar(below) || below.value !== null || below.source !== "")
      throw new NoPlaceError(`${part} is no mapping`);
    if (map.flow === true) throw new NoPlaceError(`${part} is empty`);
    const at = behindEntry(text, pair, columnOf(text, pair) + 1);
    const entry = nested(path.slice(depth), key, value);
    return inserted(text, at, columnOf(text, pair) + 2, entry);
  }
  return intoMap(text, map, nested(path.slice(depth), key, value), map === root);
}

/** Which string keys stand in the mapping at `path`. */
export function keysAt(text: string, path: readonly string[]): readonly string[] {
  const node: unknown = parseDocument(text).getIn(path, true);
  if (!isMap(node)) return [];
  return node.items.map((item) => String(isScalar(item.key) ? item.key.value : item.key));
}

function nested(path: readonly string[], key: string, value: unknown): object {
  return path.reduceRight<object>((below, part) => ({ [part]: below }), { [key]: value });
}

function intoMap(text: string, map: YAMLMap, entry: object, isRoot: boolean): string {
  const last = map.items.at(-1);
  if (map.flow === true) return intoBraces(text, map, last, entry);
  if (last === undefined) throw new NoPlaceError("an empty mapping without braces");
  const column = columnOf(text, last);
  // At the top a comment that follows belongs to what comes next, or to nothing.
  const at = behindEntry(text, last, isRoot ? 1 : column);
  return inserted(text, at, column, entry);
}

function intoBraces(text: string, map: YAMLMap, last: Pair | undefined, entry: object): string {
  const json = JSON.stringify(entry).slice(1, -1);
  const [start = 0] = map.range ?? [];
  const at = last === undefined ? start + 1 : endOf(last);
  const added = last === undefined ? ` ${json} ` : `, ${json}`;
  return text.slice(0, at) + added + text.slice(at);
}

/** Puts the entry as block YAML at `at`, the beginning of a line, or the end of the text. */
function inserted(text: string, at: number, column: number, entry: object): string {
  const newline = newlineOf(text);
  const before = text.slice(0, at);
  const gap = before === "" || /[\n\uFEFF]$/.test(before) ? "" : newline;
  const block = stringify(entry, { lineWidth: 0 })
    .trimEnd()
    .split("\n")
    .map((line) => (line === "" ? "" : " ".repeat(column) + line) + newline)
    .join("");
  return before + gap + block + text.slice(at);
}
