import { isMap, isScalar, isSeq, type Pair, type Scalar, type YAMLMap, type YAMLSeq } from "yaml";
import { isJsonObject, type Json, type JsonObject, sameJson } from "./json.ts";
import {
  behindEntry,
  columnOf,
  endOf,
  endOfNode,
  isEmpty,
  isFirstOfLine,
  lineStart,
  NoPlaceError,
  nameOf,
  newlineOf,
  nextLine,
  rangeOf,
} from "./yaml-place.ts";
import { blockLines, flowText, pairText, scalarText, secretNameOf } from "./yaml-text.ts";

/** One stretch of a text, and what stands there afterwards. */
export interface Splice {
  readonly start: number;
  readonly end: number;
  readonly put: string;
}

/** Undefined: not without replacing what is around it. */
type Splices = readonly Splice[] | undefined;

/** How the entry `key` of the mapping `root` becomes `wanted`. @throws NoPlaceError when it has no such entry to change. */
export function changesOf(
  text: string,
  root: YAMLMap,
  key: string,
  before: Json | undefined,
  wanted: Json,
): readonly Splice[] {
  const pair = root.items.find((item) => nameOf(item.key) === key);
  if (pair === undefined) return [];
  return pairChanges(text, pair, { key, before: before ?? null, wanted, isFlow: isFlow(root) });
}

/** The text with one more section at the end of its mapping. @throws NoPlaceError */
export function sectionAdded(text: string, root: YAMLMap, key: string, value: JsonObject): string {
  const [splice, more] = added(text, root, { [key]: value }, root.items.length) ?? [];
  if (splice === undefined || more !== undefined) throw new NoPlaceError("no place for a section");
  return text.slice(0, splice.start) + splice.put + text.slice(splice.end);
}

interface Change {
  readonly key: string;
  readonly before: Json;
  readonly wanted: Json;
  readonly isFlow: boolean;
}

function pairChanges(text: string, pair: Pair, change: Change): readonly Splice[] {
  const { value } = pair;
  if (isEmpty(value)) return [pairReplaced(text, pair, change)];
  const isEmptied = isJsonObject(change.wanted) && Object.keys(change.wanted).length === 0;
  const inside =
    isEmptied && isMap(value) && !isFlow(value)
      ? emptied(text, pair, value)
      : valueChanges(text, value, change);
  return inside ?? [pairReplaced(text, pair, change)];
}

/** Comments that stood between its entries stay below it. */
function emptied(text: string, pair: Pair, map: YAMLMap): Splices {
  const at = behindColon(text, pair);
  const splices: Splice[] = [{ start: at, end: at, put: " {}" }];
  for (const entry of map.items) {
    const gone = cutLines(text, entry);
    if (gone === undefined) return undefined;
    splices.push(...gone);
  }
  return splices;
}

function valueChanges(text: string, node: unknown, { before, wanted }: Change): Splices {
  if (sameJson(before, wanted)) return [];
  const isSecret = secretNameOf(wanted) !== undefined;
  if (isScalar(node) && (isSecret || typeof wanted !== "object" || wanted === null)) {
    return [scalarReplaced(text, node, wanted)];
  }
  if (isMap(node) && isJsonObject(before) && isJsonObject(wanted) && !isSecret) {
    return mapChanges(text, node, before, wanted);
  }
  if (isSeq(node) && Array.isArray(before) && Array.isArray(wanted)) {
    return listChanges(text, node, before, wanted);
  }
  return undefined;
}

function scalarReplaced(text: string, node: Scalar, wanted: Json): Splice {
  const [from, end] = rangeOf(node);
  // The place of a tagged value begins behind its tag.
  const tag = node.tag === undefined ? undefined : /\S+\s+$/.exec(text.slice(0, from));
  const start = tag?.index ?? from;
  const wasQuoted = node.type === "QUOTE_DOUBLE" || node.type === "QUOTE_SINGLE";
  const newline = text.charAt(end - 1) === "\n" ? newlineOf(text) : "";
  return { start, end, put: scalarText(wanted, wasQuoted) + newline };
}

function pairReplaced(text: string, pair: Pair, { key, wanted, isFlow }: Change): Splice {
  const [start] = rangeOf(pair.key);
  const end = isEmpty(pair.value) ? behindColon(text, pair) : endOf(pair);
  if (isFlow) return { start, end, put: pairText(key, wanted) };
  const column = columnOf(text, pair);
  const newline = text.charAt(end - 1) === "\n" ? newlineOf(text) : "";
  return { start, end, put: indented(text, blockLines({ [key]: wanted }), column) + newline };
}

function mapChanges(text: string, map: YAMLMap, before: JsonObject, wanted: JsonObject): Splices {
  const splices: Splice[] = [];
  let lastKept = 0;
  let kept = 0;
  for (const [index, pair] of map.items.entries()) {
    const key = nameOf(pair.key);
    if (key === undefined) return undefined;
    const value = wanted[key];
    if (!Object.hasOwn(wanted, key) || value === undefined) {
      const gone = isFlow(map) ? cutFlow(text, pair) : cutLines(text, pair);
      if (gone === undefined) return undefined;
      splices.push(...gone);
      continue;
    }
    kept += 1;
    lastKept = index + 1;
    const change = { key, before: before[key] ?? null, wanted: value, isFlow: isFlow(map) };
    if (!sameJson(before[key], value)) splices.push(...pairChanges(text, pair, change));
  }
  const fresh = Object.entries(wanted).filter(([key]) => !Object.hasOwn(before, key));
  // Without any entry its lines would be no mapping.
  if (kept + fresh.length === 0 && !isFlow(map)) return undefined;
  const more = added(
    text,
    map,
    Object.fromEntries(fresh),
    isFlow(map) ? lastKept : map.items.length,
  );
  return more === undefined ? undefined : [...splices, ...more];
}

/** Whole lines from the key's on, with the comments that stand deeper than it. */
function cutLines(text: string, pair: Pair): Splices {
  const [at] = rangeOf(pair.key);
  if (!isFirstOfLine(text, at)) return undefined;
  const from = lineStart(text, at);
  // A mark at the beginning of the file is nobody's.
  const start = text.charAt(from) === "\uFEFF" ? from + 1 : from;
  return [{ start, end: behindOwn(text, pair), put: "" }];
}

/** In brackets: the entry and its comma. A comma that is left at the end is none too many. */
function cutFlow(text: string, pair: Pair): Splices {
  const [start] = rangeOf(pair.key);
  const end = isEmpty(pair.value) ? behindColon(text, pair) : endOf(pair);
  return cutItem(text, start, end);
}

function cutItem(text: string, start: number, end: number): Splices {
  const comma = commaBehind(text, end);
  if (comma === undefined) return [{ start, end, put: "" }];
  if (text.slice(end, comma).trim() !== "") {
    return [
      { start, end, put: "" },
      { start: comma, end: comma + 1, put: "" },
    ];
  }
  const space = text.charAt(comma + 1) === " " ? 1 : 0;
  return [{ start, end: comma + 1 + space, put: "" }];
}

function commaBehind(text: string, from: number): number | undefined {
  for (let at = from; at < text.length; at += 1) {
    const sign = text.charAt(at);
    if (sign === ",") return at;
    if (sign === "#") at = nextLine(text, at) - 1;
    else if (sign.trim() !== "") return undefined;
  }
  return undefined;
}

/** Entries behind the first `kept` ones of those that stand there. */
function added(text: string, map: YAMLMap, entries: JsonObject, kept: number): Splices {
  const pairs = Object.entries(entries);
  if (pairs.length === 0) return [];
  const last = map.items[kept - 1];
  if (isFlow(map)) {
    const put = pairs.map(([key, value]) => pairText(key, value)).join(", ");
    return [behindFlow(map, last === undefined ? undefined : endOfPair(text, last), put)];
  }
  if (last === undefined) return undefined;
  const column = columnOf(text, last);
  const at = behindOwn(text, last);
  return [linesPut(text, at, blockLines(entries), column)];
}

function behindFlow(node: YAMLMap | YAMLSeq, end: number | undefined, put: string): Splice {
  const [start] = rangeOf(node);
  return end === undefined
    ? { start: start + 1, end: start + 1, put: ` ${put} ` }
    : { start: end, end, put: `, ${put}` };
}

function linesPut(text: string, at: number, lines: readonly string[], column: number): Splice {
  const newline = newlineOf(text);
  const gap = at === 0 || text.charAt(at - 1) === "\n" ? "" : newline;
  const put = `${gap}${" ".repeat(column)}${indented(text, lines, column)}${newline}`;
  return { start: at, end: at, put };
}

function listChanges(
  text: string,
  list: YAMLSeq,
  before: readonly Json[],
  wanted: readonly Json[],
): Splices {
  if (wanted.length === 0 && !isFlow(list)) return undefined;
  const splices: Splice[] = [];
  for (const [index, item] of list.items.entries()) {
    const [old = null, value] = [before[index], wanted[index]];
    const change = { key: "", before: old, wanted: value ?? null, isFlow: isFlow(list) };
    const changes =
      index < wanted.length ? itemChanges(text, item, change) : itemCut(text, list, item);
    if (changes === undefined) return undefined;
    splices.push(...changes);
  }
  const fresh = wanted.slice(list.items.length);
  if (fresh.length === 0) return splices;
  const last: unknown = list.items.at(-1);
  if (isFlow(list)) {
    const end = last === undefined ? undefined : endOfNode(last);
    return [...splices, behindFlow(list, end, fresh.map(flowText).join(", "))];
  }
  const dash = dashOf(text, last);
  if (dash === undefined) return undefined;
  const column = dash - lineStart(text, dash);
  const lines = fresh.flatMap((value) => blockLines([value]));
  return [...splices, linesPut(text, behindNode(text, last), lines, column)];
}

function itemChanges(text: string, item: unknown, change: Change): Splices {
  if (isEmpty(item)) return sameJson(change.before, change.wanted) ? [] : undefined;
  return valueChanges(text, item, change);
}

function itemCut(text: string, list: YAMLSeq, item: unknown): Splices {
  if (isEmpty(item)) return undefined;
  if (isFlow(list)) {
    const [from] = rangeOf(item);
    const tag =
      isScalar(item) && item.tag !== undefined ? /\S+\s+$/.exec(text.slice(0, from)) : null;
    return cutItem(text, tag?.index ?? from, endOfNode(item));
  }
  const dash = dashOf(text, item);
  if (dash === undefined) return undefined;
  return [{ start: lineStart(text, dash), end: behindNode(text, item), put: "" }];
}

/** Of an item whose value stands on the line of its dash, and nothing else before it. */
function dashOf(text: string, item: unknown): number | undefined {
  if (item === undefined) return undefined;
  const [at] = rangeOf(item);
  const match = /^([ \t]*)-[ \t]+(?:![\w-]+[ \t]+)?$/.exec(text.slice(lineStart(text, at), at));
  return match === null ? undefined : lineStart(text, at) + (match[1] ?? "").length;
}

/** The beginning of the line behind an item; comments below it stay. */
function behindNode(text: string, item: unknown): number {
  const end = endOfNode(item);
  return text.charAt(end - 1) === "\n" ? end : nextLine(text, end);
}

function behindOwn(text: string, pair: Pair): number {
  if (isEmpty(pair.value)) return nextLine(text, rangeOf(pair.key)[1]);
  return behindEntry(text, pair, columnOf(text, pair) + 1);
}

function endOfPair(text: string, pair: Pair): number {
  return isEmpty(pair.value) ? behindColon(text, pair) : endOf(pair);
}

/** In brackets a key may stand alone. */
function behindColon(text: string, pair: Pair): number {
  const [, end] = rangeOf(pair.key);
  return end + (/^\s*:/.exec(text.slice(end, end + 256))?.[0].length ?? 0);
}

function indented(text: string, lines: readonly string[], column: number): string {
  return lines.join(newlineOf(text) + " ".repeat(column));
}

function isFlow(node: YAMLMap | YAMLSeq): boolean {
  return node.flow === true;
}
