import type { DecodedFrame, Json } from "../protocol.ts";

/** One tag as `decode` shows it. */
export interface DecodedTag {
  readonly [field: string]: Json;
  readonly epc: string;
  /** dBm where the maker defines it, else the reader's own number; null where it gives none. */
  readonly rssi: number | null;
  readonly antenna: number | null;
}

/** A frame with tags: the first one's fields stand at the top, all of them in `tags`. */
export function tagFrame(
  tags: readonly DecodedTag[],
  more: { readonly [field: string]: Json } = {},
): DecodedFrame {
  const [first] = tags;
  const top = first ?? { epc: null, rssi: null, antenna: null };
  return { ok: true, type: "tag", ...top, ...more, tags };
}
