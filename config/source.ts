/** One text that a configuration is made of. Lines of `secrets` are never shown. */
export interface Source {
  /** As it is shown to a person. */
  readonly file: string;
  readonly text: string;
  readonly role: "config" | "template" | "profile" | "secrets";
}

/** A stretch of a source, in UTF-16 units. */
export interface Place {
  readonly source: Source;
  readonly start: number;
  readonly end: number;
}

/** 1-based, columns in UTF-16 units, as editors count. `endColumn` lies behind the last character of the first line. */
export interface Position {
  readonly line: number;
  readonly column: number;
  readonly endColumn: number;
}

/** Costs one pass over the text up to the place. */
export function positionOf({ source, start, end }: Place): Position {
  const { text } = source;
  const from = Math.min(start, text.length);
  const lineStart = from === 0 ? 0 : text.lastIndexOf("\n", from - 1) + 1;
  const lineEnd = text.indexOf("\n", from);
  const line = countLines(text, from);
  const column = from - lineStart + 1;
  const stop = Math.min(end, lineEnd === -1 ? text.length : lineEnd);
  return { line, column, endColumn: Math.max(column + 1, stop - lineStart + 1) };
}

function countLines(text: string, until: number): number {
  let lines = 1;
  for (let at = text.indexOf("\n"); at !== -1 && at < until; at = text.indexOf("\n", at + 1)) {
    lines += 1;
  }
  return lines;
}

/** Offset -> 1-based line, for many of one text: costs one pass at the first call. */
export function lineFinder(text: string): (offset: number) => number {
  let starts: readonly number[] | undefined;
  return (offset) => {
    starts ??= [0, ...text.matchAll(/\n/g).map(({ index }) => index + 1)];
    let low = 0;
    let high = starts.length;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((starts[middle] ?? 0) <= offset) low = middle + 1;
      else high = middle;
    }
    return low;
  };
}
