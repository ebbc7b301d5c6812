/** One parameter of a message: its type and what it holds. */
export interface Parameter {
  readonly type: number;
  readonly bytes: Uint8Array;
}

/** Content of parameters that have no length field, by type (LLRP 1.0.1, 16.2, and 1.1 for 19 and 20). */
const shortBytes: ReadonlyMap<number, number> = new Map([
  [1, 2],
  [2, 8],
  [3, 8],
  [4, 8],
  [5, 8],
  [6, 1],
  [7, 2],
  [8, 2],
  [9, 4],
  [10, 2],
  [11, 2],
  [12, 2],
  [13, 12],
  [14, 2],
  [15, 2],
  [16, 4],
  [17, 2],
  [18, 4],
  [19, 2],
  [20, 2],
]);

const longHeaderBytes = 4;

/** Whether a parameter has the form without length field. */
export function isShort(type: number): boolean {
  return shortBytes.has(type);
}

/** A fault in place of parameters. */
export type ParameterFault = { readonly fault: string };

/**
 * Parameters that stand one behind the other, also of types that nobody here knows. `total` is the length that the
 * bytes will have when all have come; what is whole so far is judged already.
 */
export function readParameters(
  bytes: Uint8Array,
  total = bytes.length,
): readonly Parameter[] | ParameterFault {
  const found: Parameter[] = [];
  for (let at = 0; at < bytes.length; ) {
    const place = placeOf(bytes, at);
    if (place === undefined) {
      if (bytes.length < total) return found;
      return { fault: "a parameter's header is cut off" };
    }
    if ("fault" in place) return place;
    if (place.end > total)
      return { fault: `parameter ${place.type} runs ${place.end - total} bytes over the end` };
    if (place.end > bytes.length) return found;
    found.push({ type: place.type, bytes: bytes.subarray(place.from, place.end) });
    at = place.end;
  }
  return found;
}

interface Place {
  readonly type: number;
  readonly from: number;
  readonly end: number;
}

/** Undefined: its header is not whole. */
function placeOf(bytes: Uint8Array, at: number): Place | ParameterFault | undefined {
  const first = bytes[at] ?? 0;
  if ((first & 0x80) !== 0) {
    const type = first & 0x7f;
    const length = shortBytes.get(type);
    // Without its length nothing behind it can be found.
    if (length === undefined) return { fault: `parameter ${type} of unknown length` };
    return { type, from: at + 1, end: at + 1 + length };
  }
  if (first > 3) return { fault: "reserved bits of a parameter are set" };
  if (at + longHeaderBytes > bytes.length) return undefined;
  const type = (first << 8) | (bytes[at + 1] ?? 0);
  const length = ((bytes[at + 2] ?? 0) << 8) | (bytes[at + 3] ?? 0);
  if (length < longHeaderBytes) return { fault: `parameter ${type} of ${length} bytes` };
  return { type, from: at + longHeaderBytes, end: at + length };
}

/** The first parameter of that type. */
export function find(parameters: readonly Parameter[], type: number): Parameter | undefined {
  return parameters.find((parameter) => parameter.type === type);
}

export function u16(bytes: Uint8Array, at = 0): number {
  return ((bytes[at] ?? 0) << 8) | (bytes[at + 1] ?? 0);
}

export function u32(bytes: Uint8Array, at = 0): number {
  return u16(bytes, at) * 65_536 + u16(bytes, at + 2);
}

/** Microseconds since 1970 or since the reader's start -> milliseconds. */
export function milliseconds(bytes: Uint8Array): number {
  return Math.floor((u32(bytes) * 2 ** 32 + u32(bytes, 4)) / 1_000);
}
