import type { Framer } from "./framing/framer.ts";
import { toHex } from "./hex.ts";

/** Values that survive JSON. */
export type Json =
  | string
  | number
  | boolean
  | null
  | readonly Json[]
  | { readonly [key: string]: Json };

/**
 * What one frame means, for a person and for scripts. `reason` says why it is not ok. Tags bring `epc`, `rssi`,
 * `antenna`; scales `weight`, `unit`, `stable`, `net`, `status`; LLRP `type`, `epcs`.
 */
export type DecodedFrame = { readonly [field: string]: Json } & (
  | { readonly ok: true }
  | { readonly ok: false; readonly reason: string }
);

/** One language that devices speak on a wire, as tools list and decode it. */
export interface Protocol {
  /** The value of `protocol:` in YAML, and the word on the command line: `r200`, `mt-sics`. */
  readonly name: string;
  /** Other words for it; compared without case, blanks and punctuation. */
  readonly aliases: readonly string[];
  /** For people: makers and models. */
  readonly title: string;
  /** The driver that speaks it. */
  readonly driver: string;
  /** Never throws: what is no frame comes back as not ok. One object per frame, and one per run of other bytes. */
  decode(bytes: Uint8Array): readonly DecodedFrame[];
  /**
   * Where what is typed is text and digits count, not bytes (an EPC of 195 bits has 49 of them; a tag URI): takes the
   * place of `decode` in the tool, with the words of the command line as they are.
   */
  decodeWords?(words: readonly string[]): readonly DecodedFrame[];
}

/** Frames of a byte stream and what they mean, in the order of the stream. */
export function decodeWith(
  framer: Framer,
  meaning: (frame: Uint8Array) => DecodedFrame,
  bytes: Uint8Array,
): readonly DecodedFrame[] {
  const decoded: DecodedFrame[] = [];
  let noise: { readonly reason: string; readonly hex: string } | undefined;
  const endNoise = () => {
    if (noise !== undefined) decoded.push({ ok: false, ...noise });
    noise = undefined;
  };
  for (const found of [...framer.push(bytes), ...framer.idle()]) {
    const hex = toHex(found.bytes);
    if (found.ok) {
      endNoise();
      decoded.push({ ...meaning(found.bytes), hex });
    } else noise = { reason: noise?.reason ?? found.reason, hex: (noise?.hex ?? "") + hex };
  }
  endNoise();
  return decoded;
}
