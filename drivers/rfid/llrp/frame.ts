import { createFramer, type Framer, type FrameShape, type Look } from "../../framing/framer.ts";
import { type MessageKind, messageKinds } from "./message-kind.ts";
import { readParameters, u16, u32 } from "./parameter.ts";

/** Version and type, length, message id (LLRP 1.0.1, 16.1.1). */
export const headerBytes = 10;

/** A report of 20 000 tags, which no reader holds back; a longer message is a header that was none. */
export const messageBytesMax = 1_048_576;

export interface Header {
  readonly version: number;
  readonly kind: MessageKind;
  /** Of the whole message. */
  readonly length: number;
  readonly id: number;
}

/** What stands in the first ten bytes, or why they are no header. */
export function readHeader(bytes: Uint8Array): Header | string {
  const first = u16(bytes);
  const version = (first >> 10) & 7;
  if (first >> 13 !== 0) return "reserved bits of the header are set";
  if (version !== 1 && version !== 2) return `version ${version}`;
  const type = first & 0x3ff;
  const kind = messageKinds.get(type);
  if (kind === undefined) return `message type ${type} does not exist`;
  const length = u32(bytes, 2);
  const lengthMin = headerBytes + kind.fieldBytes;
  if (length < lengthMin || (kind.then === "none" && length > lengthMin))
    return `${kind.name} of ${length} bytes`;
  if (length > messageBytesMax) return `longer than ${messageBytesMax} bytes`;
  return { version, kind, length, id: u32(bytes, 6) };
}

/** What follows the header is judged too: LLRP has no checksum, and a length that is believed swallows what follows. */
export const messageShape: FrameShape = {
  frameBytesMax: messageBytesMax,
  mayStart: (byte) => byte >= 4 && byte < 32,
  look: (bytes) => {
    if (bytes.length < headerBytes) return { is: "more" };
    const header = readHeader(bytes);
    if (typeof header === "string") return { is: "noise", reason: header };
    return lookAtBody(bytes, header);
  },
};

function lookAtBody(bytes: Uint8Array, { kind, length }: Header): Look {
  const from = headerBytes + kind.fieldBytes;
  if (kind.then === "parameters" && bytes.length > from) {
    const read = readParameters(bytes.subarray(from, length), length - from);
    if ("fault" in read) return { is: "noise", reason: `${kind.name}: ${read.fault}` };
  }
  return bytes.length < length ? { is: "more" } : { is: "frame", length };
}

export function createMessageFramer(): Framer {
  return createFramer(messageShape);
}
