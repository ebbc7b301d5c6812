import { z } from "zod";

/** Hex digits of the shortest and the longest tag: a 16-bit number and 496 bits of EPC. */
const epcPattern = /^[0-9A-F]{4,124}$/;

/**
 * Tags that are alike, as they are kept: those of one article differ in their last digits only. 600 SGTIN-96 of one
 * article are 6.0 kB so, against 15 kB one by one.
 */
export const packedTagsSchema = z.strictObject({
  /** What all begin with. */
  prefix: z.string(),
  /** Digits of each that follow. */
  digits: z.int().min(0),
  count: z.int().min(1),
  /** One after the other. */
  rest: z.string(),
});
type PackedTags = z.infer<typeof packedTagsSchema>;

/** EPCs of a `tags` sample: hex, upper case; what is none is left out. */
export function parseTags(text: string): readonly string[] {
  return text
    .toUpperCase()
    .split(" ")
    .filter((epc) => epcPattern.test(epc));
}

/** One parcel for each length of EPC; sorted, so that the same set is the same text. */
export function packTags(epcs: readonly string[]): readonly PackedTags[] {
  const byLength = Map.groupBy([...epcs].sort(), ({ length }) => length);
  return [...byLength].map(([length, alike]) => {
    const prefix = sharedPrefix(alike[0] ?? "", alike.at(-1) ?? "");
    const rest = alike.map((epc) => epc.slice(prefix.length)).join("");
    return { prefix, digits: length - prefix.length, count: alike.length, rest };
  });
}

export function unpackTags(parcels: readonly PackedTags[]): readonly string[] {
  return parcels.flatMap(({ prefix, digits, count, rest }) =>
    Array.from(
      { length: count },
      (_, index) => prefix + rest.slice(index * digits, (index + 1) * digits),
    ),
  );
}

/** Of sorted texts of one length the first and the last share what all share. */
function sharedPrefix(first: string, last: string): string {
  let length = 0;
  while (length < first.length && first[length] === last[length]) length += 1;
  return first.slice(0, length);
}
