/** One SMS segment in UCS-2 (3GPP TS 23.040): what is longer costs two messages, and may arrive in two parts. */
export const shortUnitsMax = 70;

const ellipsis = "…";

/** At most `unitsMax` UTF-16 code units, cut between characters as people see them, with an ellipsis where it was cut. */
export function cut(text: string, unitsMax: number): string {
  if (text.length <= unitsMax) return text;
  let kept = "";
  for (const { segment } of new Intl.Segmenter().segment(text)) {
    if (kept.length + segment.length + ellipsis.length > unitsMax) break;
    kept += segment;
  }
  return kept.trimEnd() + ellipsis;
}

/** The parts that fit into one line, the most important first; only the first that does not fit is cut. */
export function shortLine(parts: readonly (string | undefined)[], gap: string): string {
  let line = "";
  for (const part of parts) {
    if (part === undefined || part === "") continue;
    const longer = line === "" ? part : line + gap + part;
    if (longer.length > shortUnitsMax) {
      // Half a word says less than nothing, but half a sentence is better than none.
      return line.length + gap.length + 12 > shortUnitsMax ? line : cut(longer, shortUnitsMax);
    }
    line = longer;
  }
  return line;
}
