import { headerBytes } from "./frame.ts";
import { typeOf } from "./message-kind.ts";
import { isShort } from "./parameter.ts";

/** We speak 1.0.1, which every reader understands. */
const version = 1;

/** A message of LLRP 1.0.1; `body` is its fields and parameters. */
export function message(name: string, id: number, ...body: readonly Uint8Array[]): Uint8Array {
  const content = joined(body);
  const head = joined([
    word((version << 10) | typeOf(name)),
    long(headerBytes + content.length),
    long(id),
  ]);
  return joined([head, content]);
}

export function parameter(type: number, ...content: readonly Uint8Array[]): Uint8Array {
  const bytes = joined(content);
  if (isShort(type)) return joined([octets(0x80 | type), bytes]);
  return joined([word(type), word(4 + bytes.length), bytes]);
}

export function octets(...values: readonly number[]): Uint8Array {
  return Uint8Array.from(values);
}

export function word(value: number): Uint8Array {
  return octets((value >> 8) & 0xff, value & 0xff);
}

export function long(value: number): Uint8Array {
  const bytes = new Uint8Array(4);
  new DataView(bytes.buffer).setUint32(0, value);
  return bytes;
}

/** Milliseconds as a count of microseconds. */
export function microseconds(ms: number): Uint8Array {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(Math.floor(ms)) * 1_000n);
  return bytes;
}

/** Text with its length in bytes before it. */
export function text(value: string): Uint8Array {
  const bytes = Buffer.from(value, "utf8");
  return joined([word(bytes.length), bytes]);
}

export function joined(parts: readonly Uint8Array[]): Uint8Array {
  return Uint8Array.from(Buffer.concat(parts));
}
