import { createHash } from "node:crypto";
import { isAlias, isMap, isScalar, isSeq, parseDocument } from "yaml";
import { canonicalText, isJsonObject, type Json, type JsonObject, sameJson } from "./json.ts";
import { type ManagedSection, managedSections } from "./managed-sections.ts";
import { changesOf, type Splice, sectionAdded } from "./yaml-edit.ts";
import { NoPlaceError, nameOf } from "./yaml-place.ts";
import { secretNameOf } from "./yaml-text.ts";

/** What these sections say, as JSON: `!secret name` is `{ "!secret": "name" }`. An empty section is not among them. */
export type Sections = Readonly<Partial<Record<ManagedSection, JsonObject>>>;

/** Hexadecimal digits of a digest: half of SHA-256. */
const digestChars = 32;

/** Deeper than a configuration that passes its check. */
const levelsMax = 64;

/** The managed sections of a configuration's text. @throws NoPlaceError when it is no YAML mapping. */
export function sectionsOf(text: string): Sections {
  const all = jsonOf(mappingOf(text));
  const found: Partial<Record<ManagedSection, JsonObject>> = {};
  for (const section of managedSections) {
    const value = all.get(section);
    if (isJsonObject(value) && Object.keys(value).length > 0) found[section] = value;
  }
  return found;
}

/** Tells whether two have the same content, whatever the order of keys: what `base` of a revision means. */
export function digestOf(sections: Sections): string {
  const filled = Object.entries(sections).filter(([, value]) => Object.keys(value).length > 0);
  const text = canonicalText(Object.fromEntries(filled));
  return createHash("sha256").update(text).digest("hex").slice(0, digestChars);
}

/**
 * The text with these sections as given, each whole; what is not given stays. Only entries that differ are touched: order,
 * style and comments of all others stay byte for byte.
 * @throws NoPlaceError where the text is of a form that cannot be changed without loss; nothing else than `sections` ever
 * differs in what is returned.
 */
export function editSections(text: string, sections: Sections): string {
  const document = mappingOf(text);
  const before = jsonOf(document);
  const wanted = new Map(before);
  let edited = text;
  const splices: Splice[] = [];
  for (const section of managedSections) {
    const value = sections[section];
    if (value === undefined || sameJson(value, before.get(section) ?? {})) continue;
    wanted.set(section, value);
    splices.push(...changesOf(text, document.contents, section, before.get(section), value));
  }
  edited = spliced(text, splices);
  for (const section of managedSections) {
    const value = sections[section];
    if (value === undefined || before.has(section) || !wanted.has(section)) continue;
    edited = sectionAdded(edited, mappingOf(edited).contents, section, value);
  }
  const after = jsonOf(mappingOf(edited));
  if (!sameJson(Object.fromEntries(after), Object.fromEntries(wanted))) {
    throw new NoPlaceError("the file is written in a form that cannot be changed in place");
  }
  return edited;
}

/** Names of the secrets that a text uses, in the managed sections and elsewhere. @throws NoPlaceError */
export function secretsIn(text: string) {
  const managed = new Set<string>();
  const others = new Set<string>();
  const own = new Set<string>(managedSections);
  for (const [section, value] of jsonOf(mappingOf(text))) {
    for (const name of secretNames(value)) (own.has(section) ? managed : others).add(name);
  }
  return { managed, others };
}

/** Names of the secrets in sections. */
export function secretNames(value: Json): readonly string[] {
  const named = secretNameOf(value);
  if (named !== undefined) return [named];
  return typeof value === "object" && value !== null
    ? Object.values(value).flatMap(secretNames)
    : [];
}

function mappingOf(text: string) {
  const document = parseDocument(text, {
    version: "1.2",
    uniqueKeys: false,
    logLevel: "error",
    customTags: [{ tag: "!secret", resolve: (name: string) => name }],
  });
  const { contents } = document;
  if (document.errors.length > 0) throw new NoPlaceError("the file is no YAML");
  if (!isMap(contents)) throw new NoPlaceError("the file is no mapping");
  return { contents };
}

function jsonOf({ contents }: ReturnType<typeof mappingOf>): ReadonlyMap<string, Json> {
  return entriesOf(contents.items, 0);
}

function entriesOf(items: readonly { key: unknown; value: unknown }[], level: number) {
  const entries = new Map<string, Json>();
  for (const { key, value } of items) {
    const name = nameOf(key);
    if (name === undefined || entries.has(name)) {
      throw new NoPlaceError("the file has keys that are no names, or one of them twice");
    }
    entries.set(name, toJson(value, level + 1));
  }
  return entries;
}

function toJson(node: unknown, level: number): Json {
  if (level > levelsMax) throw new NoPlaceError("the file is nested too deeply");
  if (isMap(node)) return Object.fromEntries(entriesOf(node.items, level));
  if (isSeq(node)) return node.items.map((item) => toJson(item, level + 1));
  if (isAlias(node)) throw new NoPlaceError("the file has an alias");
  if (!isScalar(node)) return null;
  const { value, tag } = node;
  if (tag === "!secret") return { "!secret": String(value) };
  if (typeof value === "number") return Number.isFinite(value) ? value : null;
  return typeof value === "string" || typeof value === "boolean" ? value : null;
}

/** Splices do not overlap. At one place what is put in comes before what is cut out, and in the order given. */
function spliced(text: string, splices: readonly Splice[]): string {
  const sorted = splices.toReversed().sort((a, b) => b.start - a.start || b.end - a.end);
  let rest = text.length;
  const parts: string[] = [];
  for (const { start, end, put } of sorted) {
    if (end > rest) throw new NoPlaceError("two changes of one place");
    parts.push(text.slice(end, rest), put);
    rest = start;
  }
  parts.push(text.slice(0, rest));
  return parts.reverse().join("");
}
