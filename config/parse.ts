import {
  type Document,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  type Node,
  parseDocument,
  type Scalar,
  type YAMLError,
} from "yaml";
import { Secret } from "../drivers/secret.ts";
import { type Finding, finding, type Path } from "./problem.ts";
import { type Place, positionOf, type Source } from "./source.ts";
import type { Tree, TreeEntry } from "./tree.ts";

/** Deepest nesting: a rule inside a rule needs some ten levels, and every later step walks the tree by recursion. */
const levelsMax = 40;

export interface Parsed {
  /** Absent when the text is no YAML. */
  readonly tree?: Tree;
  readonly findings: readonly Finding[];
}

/** Finds a secret's value; what is wrong with it is a finding at `place`. */
export type ResolveSecret = (name: string, path: Path, place: Place) => Secret | Finding;

/** YAML 1.2 -> a tree with places. Neither aliases nor tags other than `!secret` exist here. */
export function parseYaml(source: Source, resolveSecret: ResolveSecret): Parsed {
  const document = parseDocument(source.text, {
    version: "1.2",
    // Its search for duplicate keys compares each with each: 32,000 keys took 16 s. `Reader` keeps a map.
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "error",
    customTags: [{ tag: "!secret", resolve: (name: string) => name }],
  });
  const wrong = [...document.errors, ...document.warnings];
  if (document.directives?.yaml.version === "1.1") {
    return { findings: [finding("yaml/version", [], {}, { place: { source, start: 0, end: 1 } })] };
  }
  if (wrong.length > 0) return { findings: firstOfEachLine(source, wrong) };
  return new Reader(source, resolveSecret).read(document);
}

class Reader {
  readonly #source: Source;
  readonly #resolveSecret: ResolveSecret;
  readonly #findings: Finding[] = [];

  constructor(source: Source, resolveSecret: ResolveSecret) {
    this.#source = source;
    this.#resolveSecret = resolveSecret;
  }

  read(document: Document.Parsed): Parsed {
    if (document.contents === null) {
      const place = { source: this.#source, start: 0, end: 0 };
      return { findings: [finding("file/empty", [], {}, { place })] };
    }
    return { tree: this.#tree(document.contents, []), findings: this.#findings };
  }

  #tree(node: Node | null, path: Path): Tree {
    const place = this.#place(node);
    const tag = node !== null && "tag" in node ? node.tag : undefined;
    if (tag !== undefined && tag !== "!secret") {
      this.#report(finding("yaml/tag", path, { tag }, { place }));
    }
    if (path.length > levelsMax) {
      this.#report(finding("yaml/too-deep", path, {}, { place }));
      return { kind: "scalar", place, value: null };
    }
    if (isMap(node)) return { kind: "map", place, entries: this.#entries(node.items, path) };
    if (isSeq(node)) {
      const items = node.items.map((item, index) => this.#tree(asNode(item), [...path, index]));
      return { kind: "list", place, items };
    }
    if (isScalar(node)) return { kind: "scalar", place, value: this.#value(node, path, place) };
    if (isAlias(node)) this.#report(finding("yaml/alias", path, {}, { place }));
    return { kind: "scalar", place, value: null };
  }

  #entries(
    items: readonly { readonly key: unknown; readonly value: unknown }[],
    path: Path,
  ): ReadonlyMap<string, TreeEntry> {
    const entries = new Map<string, TreeEntry>();
    for (const item of items) {
      const keyNode = asNode(item.key);
      const place = this.#place(keyNode);
      const key = keyText(keyNode);
      if (key === undefined) {
        this.#report(finding("yaml/key", path, {}, { place }));
        continue;
      }
      const first = entries.get(key);
      if (first !== undefined) {
        const line = positionOf(first.key).line;
        this.#report(finding("yaml/duplicate-key", path, { key, line }, { place }));
        continue;
      }
      entries.set(key, { key: place, value: this.#tree(asNode(item.value), [...path, key]) });
    }
    return entries;
  }

  #value(node: Scalar, path: Path, place: Place): unknown {
    if (node.tag === "!secret") {
      const found = this.#resolveSecret(String(node.value), path, place);
      if (found instanceof Secret) return found;
      this.#report(found);
      return new Secret("");
    }
    if (typeof node.value === "number" && /^[-+]?0\d/.test(node.source ?? "")) {
      const params = { written: node.source ?? "", read: String(node.value) };
      this.#report(finding("yaml/octal", path, params, { place, severity: "warning" }));
    }
    return node.value;
  }

  #report(found: Finding): void {
    this.#findings.push(found);
  }

  #place(node: Node | null): Place {
    const [start = 0, end = start] = node?.range ?? [];
    return { source: this.#source, start, end };
  }
}

function asNode(node: unknown): Node | null {
  return isMap(node) || isSeq(node) || isScalar(node) || isAlias(node) ? node : null;
}

/** Numbers are taken as written: an article number may begin with 0. */
function keyText(node: Node | null): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  const text = typeof node.value === "string" ? node.value : (node.source ?? String(node.value));
  // Assigning it would change an object's prototype instead of adding an entry.
  return text === "__proto__" ? undefined : text;
}

/** One mistake makes the parser stumble several times in a line; the first time says most. */
function firstOfEachLine(source: Source, errors: readonly YAMLError[]): readonly Finding[] {
  const sorted = errors.toSorted((a, b) => a.pos[0] - b.pos[0]);
  let shownUntil = -1;
  return sorted.flatMap((error) => {
    if (error.pos[0] < shownUntil) return [];
    const lineEnd = source.text.indexOf("\n", error.pos[0]);
    shownUntil = lineEnd === -1 ? source.text.length + 1 : lineEnd + 1;
    return [syntaxFinding(source, error)];
  });
}

function syntaxFinding(source: Source, error: YAMLError): Finding {
  const where = { place: { source, start: error.pos[0], end: error.pos[1] } };
  switch (error.code) {
    case "TAB_AS_INDENT":
      return finding("yaml/tab", [], {}, where);
    case "BAD_INDENT":
      return finding("yaml/indent", [], {}, where);
    case "BLOCK_AS_IMPLICIT_KEY":
    case "BLOCK_IN_FLOW":
      return finding("yaml/nested-mapping", [], {}, where);
    case "MISSING_CHAR":
      return finding("yaml/missing-character", [], {}, where);
    case "BAD_DQ_ESCAPE":
      return finding("yaml/escape", [], {}, where);
    case "UNEXPECTED_TOKEN":
    case "BAD_SCALAR_START":
      return finding("yaml/unexpected", [], {}, where);
    case "MULTILINE_IMPLICIT_KEY":
      return finding("yaml/multiline-key", [], {}, where);
    case "MULTIPLE_DOCS":
      return finding("yaml/documents", [], {}, where);
    case "TAG_RESOLVE_FAILED":
      return finding("yaml/tag", [], { tag: source.text.slice(...error.pos) }, where);
    case "RESOURCE_EXHAUSTION":
      return finding("yaml/too-deep", [], {}, where);
    case "BAD_ALIAS":
    case "ALIAS_PROPS":
    case "MULTIPLE_ANCHORS":
      return finding("yaml/alias", [], {}, where);
    default:
      return finding("yaml/syntax", [], { detail: error.message }, where);
  }
}
