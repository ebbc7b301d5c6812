import type { z } from "zod";
import { suggestDuration, suggestMass } from "../drivers/quantity.ts";
import { Secret } from "../drivers/secret.ts";
import { type Kind, type TypeFix, topLevel } from "./language/check-value.ts";
import { type Finding, finding, type Path, type PathPart, pathText } from "./problem.ts";
import { suggest } from "./suggest.ts";
import { descend, type Tree } from "./tree.ts";

type Issue = z.core.$ZodIssue;
/** The keys that a schema knows at a path. */
export type KeysAt = (path: Path) => readonly string[];

/** What a schema found wrong with the tree, in our codes. `prefix` is where the checked part stands in it. */
export function issueFindings(
  issues: readonly Issue[],
  tree: Tree,
  prefix: Path,
  keysAt: KeysAt,
): readonly Finding[] {
  return issues.flatMap((issue) => {
    const path = [...prefix, ...issue.path.filter(isPathPart)];
    return issue.code === "unrecognized_keys"
      ? unknownKeys(issue.keys, path, keysAt)
      : valueFindings(issue, path, tree, keysAt);
  });
}

function unknownKeys(keys: readonly string[], path: Path, keysAt: KeysAt): readonly Finding[] {
  const known = keysAt(path);
  const above = path.map((_, depth) => keysAt(path.slice(0, depth)));
  return keys.map((key) => {
    const suggestion = suggest(key, known);
    const depth = suggestion === "" ? above.findLastIndex((them) => them.includes(key)) : -1;
    const belongsTo = depth < 0 ? "" : pathText(path.slice(0, depth)) || topLevel;
    const params = { key, suggestion, known, belongsTo };
    return finding("schema/unknown-key", [...path, key], params, { at: "key" });
  });
}

function valueFindings(issue: Issue, path: Path, tree: Tree, keysAt: KeysAt): readonly Finding[] {
  const node = descend(tree, path);
  const isOurs = issue.code === "custom" && issue.message !== "secret/literal";
  if (node === undefined && !isOurs) {
    const key = String(path.at(-1) ?? "");
    const kind = expectedKinds(issue)[0] ?? "";
    return [finding("schema/missing", path.slice(0, -1), { key, kind }, { at: "key" })];
  }
  const value = node?.kind === "scalar" ? node.value : undefined;
  if (value instanceof Secret) return [finding("secret/misplaced", path, {})];
  const written = node?.kind === "scalar" && value !== null ? String(value) : "";
  const spoken = ownSentence(issue, path, written, kindOf(node));
  if (spoken !== undefined) return [spoken];
  if (issue.code === "invalid_union") return unionFindings(issue, path, tree, keysAt);
  if (issue.code === "invalid_type") {
    return [typeFinding(path, expectedKinds(issue), kindOf(node), written)];
  }
  return [boundFinding(issue, path, written)];
}

/** Messages that our own schemas carry in place of zod's text. */
function ownSentence(issue: Issue, path: Path, got: string, kind: Kind): Finding | undefined {
  switch (issue.message) {
    case "quantity/duration":
      if (kind === "mapping" || kind === "list" || kind === "empty")
        return typeFinding(path, ["text"], kind, got);
      return finding(issue.message, path, { got, suggestions: suggestDuration(got) });
    case "quantity/mass":
      return finding(issue.message, path, { got, suggestions: suggestMass(got) });
    case "quantity/duration-range": {
      const { min, max } = (issue.code === "custom" ? issue.params : undefined) ?? {};
      return finding(issue.message, path, { min: String(min), max: String(max) });
    }
    case "secret/literal":
      return finding(issue.message, path, {});
    case "item/lot":
    case "item/date":
    case "item/gtin":
      return finding(issue.message, path, { got });
    case "item/zero-weight":
      return finding(path[0] === "locations" ? "location/zero-weight" : issue.message, path, {});
    case "sync/nowhere":
      return finding(issue.message, path, {});
    case "id":
      return finding("schema/id", path, { got });
    case "listen":
      return finding("schema/listen", path, {});
    case "phone":
      return finding("schema/phone", path, {});
    case "time-of-day":
      return finding("schema/time-of-day", path, { got });
    default:
      return undefined;
  }
}

function boundFinding(issue: Issue, path: Path, got: string): Finding {
  switch (issue.code) {
    case "invalid_value": {
      return valueFinding(path, got, issue.values);
    }
    case "too_small": {
      const bound = { of: boundOf(issue.origin), limit: Number(issue.minimum) };
      return finding("schema/too-small", path, { ...bound, inclusive: issue.inclusive ?? true });
    }
    case "too_big": {
      const bound = { of: boundOf(issue.origin), limit: Number(issue.maximum) };
      return finding("schema/too-big", path, { ...bound, inclusive: issue.inclusive ?? true });
    }
    case "not_multiple_of":
      return finding("schema/step", path, { step: Number(issue.divisor) });
    case "invalid_format":
      if (issue.format === "url") return finding("schema/url", path, {});
      if (issue.format === "email") return finding("schema/email", path, {});
      if (issue.format === "date") return finding("schema/date", path, { got });
      return finding("schema/format", path, { pattern: issue.pattern ?? "" });
    case "invalid_key":
    case "invalid_element":
      return finding("schema/id", path, { got: String(path.at(-1)) }, { at: "key" });
    default:
      return finding("schema/custom", path, { text: issue.message });
  }
}

function valueFinding(path: Path, got: string, values: readonly unknown[]): Finding {
  const allowed = values.map(String);
  if (allowed.includes(got)) return typeFinding(path, ["number"], "text", got);
  const words = values.filter((value) => typeof value === "string");
  return finding("schema/value", path, { got, allowed, suggestion: suggest(got, words) });
}

/** Where one form alone got past the type, its complaints are the useful ones; else the types that would do. */
function unionFindings(
  issue: Extract<Issue, { readonly code: "invalid_union" }>,
  path: Path,
  tree: Tree,
  keysAt: KeysAt,
): readonly Finding[] {
  const entered = issue.errors.filter((form) =>
    form.every((it) => it.path.length > 0 || !["invalid_type", "invalid_value"].includes(it.code)),
  );
  const [only] = entered;
  if (only !== undefined && entered.length === 1) return issueFindings(only, tree, path, keysAt);
  const node = descend(tree, path);
  const written = node?.kind === "scalar" && node.value !== null ? String(node.value) : "";
  const inner = issue.errors.flat();
  const values = inner.flatMap((it) => (it.code === "invalid_value" ? it.values : []));
  if (values.length > 0 && node?.kind === "scalar") return [valueFinding(path, written, values)];
  const expected = [...new Set(inner.flatMap(expectedKinds))];
  if (expected.length === 0) return [finding("schema/format", path, { pattern: "" })];
  return [typeFinding(path, expected, kindOf(node), written)];
}

/** "Expected this, found that", with the mistake that was most likely made. */
export function typeFinding(
  path: Path,
  expected: readonly Kind[],
  got: Kind,
  written: string,
): Finding {
  const fix = typeFix(expected, got, written);
  return finding("schema/type", path, { expected, got, written, fix });
}

function typeFix(expected: readonly Kind[], got: Kind, written: string): TypeFix {
  const wants = (kind: Kind) => expected.includes(kind);
  if (got === "empty") return "empty";
  if (wants("switch") && got === "text") return "truth";
  if ((wants("number") || wants("integer")) && got === "text" && written.trim() !== "")
    return Number.isFinite(Number(written)) ? "unquote" : "none";
  if (wants("text") && (got === "number" || got === "switch")) return "quote";
  if (wants("list") && !["list", "mapping"].includes(got)) return "list";
  return "none";
}

function expectedKinds(issue: Issue): readonly Kind[] {
  if (issue.code !== "invalid_type") return [];
  const kinds: Readonly<Record<string, Kind>> = {
    ...{ string: "text", number: "number", int: "integer", boolean: "switch" },
    ...{ object: "mapping", record: "mapping", map: "mapping", array: "list", tuple: "list" },
  };
  const kind = kinds[issue.expected];
  return kind === undefined ? [] : [kind];
}

/** What stands in YAML, as a person would call it. */
export function kindOf(node: Tree | undefined): Kind {
  if (node?.kind === "map") return "mapping";
  if (node?.kind === "list") return "list";
  if (typeof node?.value === "number") return "number";
  if (typeof node?.value === "boolean") return "switch";
  return typeof node?.value === "string" ? "text" : "empty";
}

function boundOf(origin: string): "value" | "text" | "list" | "mapping" {
  if (origin === "string") return "text";
  if (origin === "array" || origin === "set") return "list";
  return origin === "object" || origin === "map" ? "mapping" : "value";
}

function isPathPart(part: PropertyKey): part is PathPart {
  return typeof part !== "symbol";
}
