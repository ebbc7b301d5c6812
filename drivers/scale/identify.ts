import { createLineFramer } from "./lines.ts";
import type { ScaleProtocol } from "./protocol.ts";
import { scaleProtocols } from "./protocols.ts";

/** One language that explains some of what was heard. */
export interface ScaleCandidate {
  readonly protocol: string;
  /** Frames that mean something in it. */
  readonly frames: number;
  /** Their part of all bytes heard, 0 to 1. */
  readonly share: number;
}

/** How far one has come with a line, worst first. */
export type Hearing =
  /** No byte: not wired, not switched on, or the scale waits to be asked. */
  | "nothing"
  /** Bytes and no lines: most likely another speed or parity. */
  | "noise"
  /** Lines of a language that is not known. */
  | "other"
  | "scale";

/** Part of the bytes that must be lines of text for the line settings to be right. */
const textShareMin = 0.5;

/** The languages that explain the bytes, best first. Two may explain them equally well: KERN KCP is MT-SICS. */
export function identifyScale(bytes: Uint8Array): readonly ScaleCandidate[] {
  return scaleProtocols
    .map((protocol) => candidateOf(protocol, bytes))
    .filter(({ frames }) => frames > 0)
    .toSorted((a, b) => b.share - a.share);
}

export function hearingOf(bytes: Uint8Array): Hearing {
  if (bytes.length === 0) return "nothing";
  if (identifyScale(bytes).length > 0) return "scale";
  const framer = createLineFramer();
  const lines = [...framer.push(bytes), ...framer.idle()].filter(({ ok }) => ok);
  const textBytes = lines.reduce((sum, line) => sum + line.bytes.length, 0);
  return textBytes / bytes.length >= textShareMin ? "other" : "noise";
}

function candidateOf(protocol: ScaleProtocol, bytes: Uint8Array): ScaleCandidate {
  const options = { checksum: "auto" } as const;
  const framer = protocol.createFramer(options);
  const explained = [...framer.push(bytes), ...framer.idle()].filter(
    (found) => found.ok && protocol.parse(found.bytes, options).kind !== "bad",
  );
  const explainedBytes = explained.reduce((sum, found) => sum + found.bytes.length, 0);
  return {
    protocol: protocol.name,
    frames: explained.length,
    share: bytes.length === 0 ? 0 : explainedBytes / bytes.length,
  };
}
