import { z } from "zod";
import type { Seal } from "../identity/seal.ts";

/**
 * What travels over a broker: `{"seal":{"key":...,"value":...},"status":...,"body":...}`. The seal is over the bytes of
 * `body` exactly as they stand in the message, so that both sides need not write JSON alike.
 */
export interface Envelope {
  /** Absent: central does not know who asked, and can seal nothing for it. */
  readonly seal: Seal | undefined;
  /** Of answers, as in HTTP. */
  readonly status: number | undefined;
  readonly body: Uint8Array;
}

/** Keys of an envelope: more of them come from somebody else. */
const keysMax = 8;

const headSchema = z.object({
  seal: z.object({ key: z.string().max(128), value: z.string().max(1_024) }).optional(),
  status: z.int().min(100).max(599).optional(),
});

/** What is sealed of a request, and of the answer to it. */
export const purposes = {
  request: (kind: string, id: string) => `${kind}/${id}`,
  answer: (id: string, status: number) => `answer/${id}/${status}`,
} as const;

export function writeEnvelope({ seal, status, body }: Envelope): Uint8Array {
  const head = { ...(seal && { seal }), ...(status !== undefined && { status }) };
  const start = JSON.stringify(head).slice(0, -1);
  const text = `${start}${start === "{" ? "" : ","}"body":`;
  return Buffer.concat([Buffer.from(text), body, Buffer.from("}")]);
}

/** Undefined for everything that is no envelope; the body itself is not looked into. */
export function readEnvelope(bytes: Uint8Array): Envelope | undefined {
  const members = membersOf(Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength));
  const body = members?.get("body");
  if (members === undefined || body === undefined) return undefined;
  const rest: Record<string, unknown> = {};
  for (const [key, value] of members) {
    if (key !== "body") rest[key] = parsedJson(value);
  }
  const head = headSchema.safeParse(rest);
  return head.success ? { seal: head.data.seal, status: head.data.status, body } : undefined;
}

export function parsedJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(Buffer.from(bytes).toString("utf8"));
  } catch {
    return undefined;
  }
}

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a];
const opening = new Set([0x7b, 0x5b]);
const closing = new Set([0x7d, 0x5d]);
const blanks = new Set([0x20, 0x09, 0x0a, 0x0d]);

/** The bytes of each value of a JSON object by key; undefined when it is none or names a key twice. */
function membersOf(bytes: Buffer): ReadonlyMap<string, Uint8Array> | undefined {
  const found = new Map<string, Uint8Array>();
  let at = skipBlanks(bytes, 0);
  if (bytes[at] !== 0x7b) return undefined;
  do {
    const keyStart = skipBlanks(bytes, at + 1);
    const keyEnd = endOfValue(bytes, keyStart);
    const key =
      bytes[keyStart] === quote ? parsedJson(bytes.subarray(keyStart, keyEnd)) : undefined;
    const colonAt = skipBlanks(bytes, keyEnd);
    if (typeof key !== "string" || bytes[colonAt] !== colon || found.has(key)) return undefined;
    const start = skipBlanks(bytes, colonAt + 1);
    const end = endOfValue(bytes, start);
    if (end === start || found.size >= keysMax) return undefined;
    found.set(key, bytes.subarray(start, end));
    at = skipBlanks(bytes, end);
  } while (bytes[at] === comma);
  const isWhole = bytes[at] === 0x7d && skipBlanks(bytes, at + 1) === bytes.length;
  return isWhole ? found : undefined;
}

function skipBlanks(bytes: Uint8Array, from: number): number {
  let at = from;
  while (at < bytes.length && blanks.has(bytes[at] ?? 0)) at += 1;
  return at;
}

/** Behind the value that begins there; whether it is right JSON is not asked. */
function endOfValue(bytes: Uint8Array, from: number): number {
  let depth = 0;
  for (let at = from; at < bytes.length; at += 1) {
    const byte = bytes[at] ?? 0;
    if (byte === quote) {
      at = endOfText(bytes, at);
      if (depth === 0) return at + 1;
    } else if (opening.has(byte)) depth += 1;
    else if (closing.has(byte)) {
      if (depth === 0) return at;
      depth -= 1;
      if (depth === 0) return at + 1;
    } else if (depth === 0 && (byte === comma || byte === colon || blanks.has(byte))) return at;
  }
  return bytes.length;
}

/** Where the quotation mark that ends the text stands. */
function endOfText(bytes: Uint8Array, from: number): number {
  for (let at = from + 1; at < bytes.length; at += 1) {
    if (bytes[at] === backslash) at += 1;
    else if (bytes[at] === quote) return at;
  }
  return bytes.length;
}
