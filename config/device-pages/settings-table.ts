import type { JsonSchema } from "../json-schema.ts";
import { code, table } from "./markdown.ts";

/** Where the settings of a key are explained on a page of their own: page by key. */
export type Elsewhere = Readonly<Record<string, string>>;

/** What stands in a table of settings besides the schema itself. */
export interface TableOptions {
  /** Keys that are left out: they are structure, or explained before. */
  readonly without?: readonly string[];
  readonly elsewhere?: Elsewhere;
  /** Keys that must be given, in place of the schema's own. */
  readonly required?: readonly string[];
}

/** Every key of a mapping, nested ones with dots: meaning, values with their unit, default. Empty when there is none. */
export function settingsTable(schema: JsonSchema, options: TableOptions = {}): string {
  const rows = rowsOf(schema, "", options);
  return rows.length === 0 ? "" : table(["setting", "meaning", "values", "default"], rows);
}

type Row = readonly [setting: string, meaning: string, values: string, fallback: string];

function rowsOf(schema: JsonSchema, prefix: string, options: TableOptions): readonly Row[] {
  const required = options.required ?? listOf(schema["required"]);
  return Object.entries(recordOf(schema["properties"]))
    .filter(([key]) => prefix !== "" || options.without?.includes(key) !== true)
    .flatMap(([key, value]) =>
      rowsOfKey(prefix + key, recordOf(value), required.includes(key), options.elsewhere ?? {}),
    );
}

function rowsOfKey(
  key: string,
  schema: JsonSchema,
  isRequired: boolean,
  elsewhere: Elsewhere,
): readonly Row[] {
  const page = elsewhere[key];
  const meaning = String(schema["description"] ?? "");
  const fallback = isRequired ? mustText(key) : defaultOf(schema["default"]);
  const values = page === undefined ? valuesOf(schema) : `[${page}](${page})`;
  const own: Row = [code(key), meaning, values, fallback];
  if (page !== undefined) return [own];
  const forms = listOf(schema["anyOf"]).map(recordOf);
  const isChoice = forms.filter((form) => form["properties"] !== undefined).length > 1;
  const below = [schema, ...forms].flatMap((form) => rowsOf(form, `${key}.`, { elsewhere }));
  return [own, ...(isChoice ? below.map(asChoice) : below)];
}

/** What is nested is needed only where the setting around it is there. */
function mustText(key: string): string {
  const around = key.slice(0, Math.max(0, key.lastIndexOf(".")));
  return around === "" ? "**must be given**" : `needed in ${code(around)}`;
}

function asChoice([setting, meaning, values, fallback]: Row): Row {
  return [setting, meaning, values, fallback.startsWith("needed") ? "one of them" : fallback];
}

function defaultOf(value: unknown): string {
  const isEmpty = value === undefined || JSON.stringify(value) === "{}";
  if (isEmpty) return "";
  return code(typeof value === "string" ? value : JSON.stringify(value));
}

/** What may be written: `300 to 4000000 Bd`, `on` or `off`, a duration of 50ms to 1h. */
function valuesOf(schema: JsonSchema): string {
  const choices = listOf(schema["anyOf"]);
  if (choices.length > 0)
    return [...new Set(choices.map((choice) => valuesOf(recordOf(choice))))].join(", ");
  if (schema["const"] !== undefined) return code(String(schema["const"]));
  const words = listOf(schema["enum"]);
  if (words.length > 0) return words.map((word) => code(String(word))).join(", ");
  switch (schema["type"]) {
    case "boolean":
      return `${code("true")}, ${code("false")}`;
    case "integer":
    case "number":
      return numbersOf(schema);
    case "string":
      return textsOf(schema);
    case "array":
      return arrayOf(schema["items"]);
    case "object":
      return schema["properties"] === undefined
        ? `names with ${valuesOf(recordOf(schema["additionalProperties"]))}`
        : "";
    default:
      return "secret";
  }
}

function numbersOf(schema: JsonSchema): string {
  const least = bound(schema["minimum"]);
  const most = bound(schema["maximum"]);
  const above = bound(schema["exclusiveMinimum"]);
  const unit = schema["unit"] === undefined ? "" : ` ${String(schema["unit"])}`;
  const word = schema["type"] === "integer" ? "whole number" : "number";
  if (least !== undefined && most !== undefined) return `${least} to ${most}${unit}`;
  if (above !== undefined)
    return `${word} above ${above}${most === undefined ? "" : `, at most ${most}`}${unit}`;
  if (least !== undefined) return `${word}, at least ${least}${unit}`;
  if (most !== undefined) return `${word}, at most ${most}${unit}`;
  return unit === "" ? word : `${word} in${unit}`;
}

/** Bounds of exact integers are the language's, not the setting's. */
function bound(value: unknown): number | undefined {
  return typeof value === "number" && Math.abs(value) < Number.MAX_SAFE_INTEGER ? value : undefined;
}

function textsOf(schema: JsonSchema): string {
  if (String(schema["pattern"] ?? "").includes("(ms|s|min|h|d)")) return durationOf(schema);
  const examples = listOf(schema["examples"]).map((example) => code(String(example)));
  return examples.length === 0 ? "text" : `text, such as ${examples.join(", ")}`;
}

function durationOf({ shortest, longest }: JsonSchema): string {
  if (shortest !== undefined && longest !== undefined)
    return `duration, ${String(shortest)} to ${String(longest)}`;
  if (shortest !== undefined) return `duration, at least ${String(shortest)}`;
  return longest === undefined ? "duration" : `duration, at most ${String(longest)}`;
}

function arrayOf(items: unknown): string {
  if (Array.isArray(items)) return `[${items.map((item) => valuesOf(recordOf(item))).join(", ")}]`;
  return `list of ${valuesOf(recordOf(items))}`;
}

export function recordOf(value: unknown): JsonSchema {
  return typeof value === "object" && value !== null && !Array.isArray(value)
    ? Object.fromEntries(Object.entries(value))
    : {};
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}
