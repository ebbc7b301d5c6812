import { Document, isMap, Scalar, visit } from "yaml";
import type { Sections } from "../../../config/managed-sections.ts";

/** Lines that are compared in full; of longer texts the middle is told as replaced. */
const comparedLinesMax = 2_000;

/** Lines around a change that are shown with it. */
const contextLines = 2;

/** Characters of a difference that are kept: more than a person reads. */
export const differenceCharsMax = 65_536;

/** The sections as YAML with sorted keys: the same sections give the same text, however they were written. */
export function sectionText(sections: Sections): string {
  const document = new Document(sections, { sortMapEntries: true });
  visit(document, {
    Map(_key, node) {
      const [item] = node.items;
      if (!isMap(node) || node.items.length !== 1 || item === undefined) return undefined;
      if (String(item.key) !== "!secret") return undefined;
      const named = new Scalar(String(item.value));
      named.tag = "!secret";
      return named;
    },
  });
  return document.toString({ lineWidth: 0 });
}

/** What changed from one text to the other, as lines with `-`, `+` and two spaces; empty: nothing. */
export function difference(before: Sections, after: Sections): string {
  const [old, now] = [linesOf(before), linesOf(after)];
  let [head, tail] = [0, 0];
  while (head < old.length && head < now.length && old[head] === now[head]) head += 1;
  while (
    tail < old.length - head &&
    tail < now.length - head &&
    old[old.length - 1 - tail] === now[now.length - 1 - tail]
  ) {
    tail += 1;
  }
  const middle = changes(old.slice(head, old.length - tail), now.slice(head, now.length - tail));
  if (middle.length === 0) return "";
  const around = (line: string) => `  ${line}`;
  const lines = [...old.slice(0, head).map(around), ...middle];
  lines.push(...old.slice(old.length - tail).map(around));
  return shortened(lines).join("\n").slice(0, differenceCharsMax).toWellFormed();
}

function linesOf(sections: Sections): readonly string[] {
  if (Object.keys(sections).length === 0) return [];
  return sectionText(sections).trimEnd().split("\n");
}

/** The longest lines in common, by the usual table; it is square in size, so that it has a limit. */
function changes(old: readonly string[], now: readonly string[]): readonly string[] {
  const gone = (lines: readonly string[]) => lines.map((line) => `- ${line}`);
  const come = (lines: readonly string[]) => lines.map((line) => `+ ${line}`);
  if (old.length > comparedLinesMax || now.length > comparedLinesMax) {
    return [...gone(old), ...come(now)];
  }
  const width = now.length + 1;
  const common = new Uint16Array((old.length + 1) * width);
  const at = (i: number, j: number) => common[i * width + j] ?? 0;
  for (let i = old.length - 1; i >= 0; i -= 1) {
    for (let j = now.length - 1; j >= 0; j -= 1) {
      common[i * width + j] =
        old[i] === now[j] ? at(i + 1, j + 1) + 1 : Math.max(at(i + 1, j), at(i, j + 1));
    }
  }
  const lines: string[] = [];
  let [i, j] = [0, 0];
  while (i < old.length && j < now.length) {
    if (old[i] === now[j]) {
      lines.push(`  ${old[i]}`);
      i += 1;
      j += 1;
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      lines.push(`- ${old[i]}`);
      i += 1;
    } else {
      lines.push(`+ ${now[j]}`);
      j += 1;
    }
  }
  return [...lines, ...gone(old.slice(i)), ...come(now.slice(j))];
}

/** Changes with a few lines around them; what is left out is three dots. */
function shortened(lines: readonly string[]): readonly string[] {
  const shown = new Set<number>();
  for (const [index, line] of lines.entries()) {
    if (line.startsWith("  ")) continue;
    for (let near = index - contextLines; near <= index + contextLines; near += 1) shown.add(near);
  }
  return lines.flatMap((line, index) => {
    if (shown.has(index)) return [line];
    return index === 0 || shown.has(index - 1) ? ["..."] : [];
  });
}
