import { isMap, isPair, isScalar, isSeq, type Node, type Pair } from "yaml";

/** The text cannot be changed without touching what stands there. */
export class NoPlaceError extends Error {
  override readonly name = "NoPlaceError";
}

/** The beginning of the line behind an entry and the comments below it that are indented by at least `column`. */
export function behindEntry(text: string, pair: Pair, column: number): number {
  const end = endOf(pair);
  let at = text.charAt(end - 1) === "\n" ? end : nextLine(text, end);
  for (let next = at; next < text.length; next = nextLine(text, next)) {
    const line = text.slice(next, nextLine(text, next));
    const comment = /^([ \t]*)#/.exec(line);
    if (comment === null && line.trim() !== "") break;
    if (comment !== null && (comment[1] ?? "").length < column) break;
    if (comment !== null) at = nextLine(text, next);
  }
  return at;
}

/** Of a collection without brackets the last entry counts: its own end lies behind the comments below it. */
export function endOf({ key, value }: Pair): number {
  if (isEmpty(value)) return rangeOf(key)[1];
  return endOfNode(value ?? key);
}

export function endOfNode(node: unknown): number {
  if ((isMap(node) || isSeq(node)) && node.flow !== true) {
    const last: unknown = node.items.at(-1);
    if (isPair(last)) return endOf(last);
    if (last !== undefined) return endOfNode(last);
  }
  return rangeOf(node)[1];
}

/** `key:` with nothing behind it: where its value would be is anybody's guess. */
export function isEmpty(node: unknown): boolean {
  return isScalar(node) && node.value === null && node.source === "" && node.tag === undefined;
}

/** How far a key stands from the beginning of its line. */
export function columnOf(text: string, { key }: Pair): number {
  const [start] = rangeOf(key);
  return text.slice(lineStart(text, start), start).replace("\uFEFF", "").length;
}

/** Start of a node, end of its value, end with what trails it. @throws NoPlaceError */
export function rangeOf(node: unknown): readonly [start: number, end: number, nodeEnd: number] {
  if (!isNode(node) || node.range === undefined || node.range === null)
    throw new NoPlaceError("an entry without a place");
  return node.range;
}

export function lineStart(text: string, at: number): number {
  return at === 0 ? 0 : text.lastIndexOf("\n", at - 1) + 1;
}

export function nextLine(text: string, from: number): number {
  const at = text.indexOf("\n", from);
  return at === -1 ? text.length : at + 1;
}

export function newlineOf(text: string): "\r\n" | "\n" {
  return text.includes("\r\n") ? "\r\n" : "\n";
}

function isNode(value: unknown): value is Node {
  return typeof value === "object" && value !== null && "range" in value;
}

/** A key as it is written: an article number may begin with 0. */
export function nameOf(key: unknown): string | undefined {
  if (!isScalar(key) || key.value === null) return undefined;
  const text = typeof key.value === "string" ? key.value : (key.source ?? String(key.value));
  return text === "__proto__" ? undefined : text;
}

export function isFirstOfLine(text: string, at: number): boolean {
  return text.slice(lineStart(text, at), at).replace("\uFEFF", "").trim() === "";
}
