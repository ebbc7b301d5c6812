const ellipsis = "…";

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * The text in at most so many bytes of UTF-8, cut between two characters as people see them; what was cut ends with
 * an ellipsis. Lone surrogates, which UTF-8 cannot carry, become U+FFFD.
 */
export function cutBytes(text: string, bytesMax: number): string {
  return cut(text.toWellFormed(), bytesMax, (part) => Buffer.byteLength(part));
}

/** The same in UTF-16 code units, as Telegram and PagerDuty count. */
export function cutChars(text: string, charsMax: number): string {
  return cut(text.toWellFormed(), charsMax, (part) => part.length);
}

function cut(text: string, sizeMax: number, sizeOf: (part: string) => number): string {
  if (sizeOf(text) <= sizeMax) return text;
  const room = sizeMax - sizeOf(ellipsis);
  if (room < 0) return "";
  let size = 0;
  let end = 0;
  // No character is smaller than one unit, so that nothing beyond can fit; segmenting is slow.
  for (const { segment, index } of graphemes.segment(text.slice(0, room + 1).toWellFormed())) {
    size += sizeOf(segment);
    if (size > room) break;
    end = index + segment.length;
  }
  return text.slice(0, end).toWellFormed() + ellipsis;
}
