import { type Place, positionOf } from "./source.ts";

/** Longest line that an excerpt shows, in characters: more only wraps in a terminal. */
const lineCharactersMax = 160;

export interface ExcerptLine {
  readonly number: number;
  readonly text: string;
}

const secretName = String.raw`[\w-]*(?:password|passwd|secret|token|credential|routing[_-]?key)[\w-]*["']?\s*:\s*`;
/** A line that begins with a secret's key: everything behind it is masked, a passphrase may hold any character. */
const leadingKey = new RegExp(`^(\\s*(?:-\\s+)?["']?${secretName})(.+)$`, "i");
/** Keys in flow style, `{ password: x, publish: [] }`: other keys in the line stay readable. */
const flowKey = new RegExp(`([{,]\\s*["']?${secretName})("[^"]*"|'[^']*'|[^,}]+)`, "gi");

const address = String.raw`"https?:[^"]*"|'https?:[^']*'|https?:[^\s}]+`;
const digits = String.raw`"\d{4,8}"|'\d{4,8}'|\d{4,8}(?=\s*(?:[,}#]|$))`;
/**
 * Keys that also name what is no secret, a channel or a pin of a board: only what looks like one is masked, a robot's
 * whole address or the four to eight digits of a SIM.
 */
const shapedKey = new RegExp(
  `(^|[\\s{,-])(["']?(?:webhook["']?\\s*:\\s*(?=["']?https?:)|pin["']?\\s*:\\s*(?=["']?\\d)))(${address}|${digits})`,
  "gi",
);
const shapedParent = /^\s*["']?(?:webhook|pin)["']?\s*:\s*[|>]?[-+\d]*\s*$/i;
const shapedValue = /^\s*["']?(?:https?:|\d{4,8}["']?\s*$)/i;

/**
 * The line of a place with its neighbours. What looks like a secret is masked in all of them, also where
 * the file is too broken to know what its keys mean; nothing of a secrets file is ever shown.
 */
export function excerptOf(place: Place): readonly ExcerptLine[] {
  if (place.source.role === "secrets" || place.source.text === "") return [];
  const { line } = positionOf(place);
  const lines = place.source.text.split("\n").map((text) => text.replace(/\r$/, ""));
  const first = Math.max(0, line - 2);
  return lines.slice(first, line + 1).map((text, index) => {
    const shown = continuesSecret(lines, first + index) ? mask(text) : masked(text);
    const isLong = shown.length > lineCharactersMax;
    return {
      number: first + index + 1,
      text: isLong ? `${shown.slice(0, lineCharactersMax)}...` : shown,
    };
  });
}

function masked(line: string): string {
  const [, key = "", value = ""] = leadingKey.exec(line) ?? [];
  if (key !== "") return value.startsWith("!secret ") ? line : key + mask(value);
  return line
    .replace(flowKey, (whole, before: string, value: string) =>
      value.startsWith("!secret ") ? whole : before + mask(value),
    )
    .replace(shapedKey, (_, gap: string, key: string, value: string) => gap + key + mask(value));
}

/** Whether the line belongs to a secret that was written over several lines, below its key. */
function continuesSecret(lines: readonly string[], index: number): boolean {
  const depth = indentOf(lines[index] ?? "");
  const parent = lines
    .slice(0, index)
    .findLast((line) => line.trim() !== "" && indentOf(line) < depth);
  if (parent === undefined) return false;
  if (shapedParent.test(parent) && shapedValue.test(lines[index] ?? "")) return true;
  return new RegExp(`^\\s*${secretName}[|>]?[-+\\d]*\\s*$`, "i").test(parent);
}

function indentOf(line: string): number {
  return line.length - line.trimStart().length;
}

function mask(text: string): string {
  return text.replace(/\S/g, "*");
}

/** The excerpt as text: line numbers, a marker and a caret below the place. */
export function frameText(
  excerpt: readonly ExcerptLine[],
  at: { readonly line: number; readonly column: number; readonly endColumn: number },
): string {
  const width = String(excerpt.at(-1)?.number ?? 0).length;
  return excerpt
    .flatMap(({ number, text }) => {
      const head = number === at.line ? ">" : " ";
      const shown = `${head} ${String(number).padStart(width)} | ${text}`.trimEnd();
      if (number !== at.line || at.column > lineCharactersMax) return [shown];
      const before = text.slice(0, at.column - 1);
      const marked = text.slice(at.column - 1, at.endColumn - 1);
      const carets = "^".repeat(Math.max(1, columnsOf(marked)));
      return [shown, `  ${" ".repeat(width)} | ${blank(before)}${carets}`];
    })
    .join("\n");
}

const wide =
  /[\u1100-\u115f\u2e80-\ua4cf\uac00-\ud7a3\uf900-\ufaff\ufe30-\ufe6f\uff00-\uff60\uffe0-\uffe6]/;

/** A terminal shows Chinese characters two columns wide: the caret has to keep up. */
function columnsOf(text: string): number {
  return [...text].reduce((sum, character) => sum + (wide.test(character) ? 2 : 1), 0);
}

function blank(text: string): string {
  return [...text]
    .map((character) => (character === "\t" ? "\t" : wide.test(character) ? "  " : " "))
    .join("");
}
