import { Document, isScalar, Scalar, stringify, visit } from "yaml";
import { isJsonObject, type Json } from "./json.ts";

/** Names that `!secret` may have, see `isId`. */
const secretName = /^[a-z0-9][a-z0-9._-]{0,62}$/i;

/** In JSON a secret is named by `{ "!secret": "name" }`, in YAML by a tag. Undefined: it is none. */
export function secretNameOf(value: Json): string | undefined {
  if (!isJsonObject(value)) return undefined;
  const { "!secret": named, ...more } = value;
  const isOne = typeof named === "string" && secretName.test(named);
  return isOne && Object.keys(more).length === 0 ? named : undefined;
}

/** Words that stand in YAML without quotes, in braces too. */
const plainWords = /^[\p{L}\d](?:[\p{L}\d_./%-]| (?! ))*$/u;

/** Characters that YAML does not print, and ends of lines that JSON lets stand. */
const unprintable = /[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]/g;

/** A value that is no collection, within a line. */
export function scalarText(value: Json, isQuoted = false): string {
  const secret = secretNameOf(value);
  if (secret !== undefined) return `!secret ${secret}`;
  if (typeof value !== "string") return JSON.stringify(value);
  const isPlain = !isQuoted && plainWords.test(value) && !value.endsWith(" ");
  if (isPlain && stringify(value, { lineWidth: 0 }) === `${value}\n`) return value;
  return quoted(value);
}

/** Keys are texts, whatever they look like. */
export function keyText(key: string): string {
  return scalarText(key);
}

/** A value within a line, collections in brackets. */
export function flowText(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(flowText).join(", ")}]`;
  if (!isJsonObject(value) || secretNameOf(value) !== undefined) return scalarText(value);
  const pairs = Object.entries(value).map(([key, member]) => pairText(key, member));
  return pairs.length === 0 ? "{}" : `{ ${pairs.join(", ")} }`;
}

export function pairText(key: string, value: Json): string {
  return `${keyText(key)}: ${flowText(value)}`;
}

/** An entry, or an item of a list, as lines without indentation. */
export function blockLines(value: Json): readonly string[] {
  const document = new Document(value, { aliasDuplicateObjects: false });
  visit(document, {
    Map(_, node) {
      const secret = secretNameOf(node.toJSON());
      if (secret === undefined) return undefined;
      const named = new Scalar(secret);
      named.tag = "!secret";
      return named;
    },
    Scalar(_, node) {
      // Only between these an escape is one.
      if (String(node.value).search(unprintable) >= 0) node.type = "QUOTE_DOUBLE";
    },
  });
  if (isScalar(document.contents)) return [scalarText(value)];
  // A block of text would swallow a comment that stands behind what it replaces.
  const text = document.toString({ lineWidth: 0, blockQuote: false, flowCollectionPadding: true });
  return text.replace(unprintable, escaped).replace(/\n+$/, "").split("\n");
}

function quoted(text: string): string {
  return JSON.stringify(text).replace(unprintable, escaped);
}

function escaped(sign: string): string {
  return `\\u${sign.charCodeAt(0).toString(16).padStart(4, "0")}`;
}
