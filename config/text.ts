import type { ProblemCode } from "./language/check.ts";

/**
 * Largest file that is read as configuration, template or secrets. Two hundred devices need some 40 KB; a log or an
 * image that was given by mistake would keep a small machine busy.
 */
export const fileBytesMax = 256 * 1024;

/**
 * Largest configuration that lists items: ten thousand of them need 1 to 3 MB, which take 2 s of a PC's processor and
 * 300 MB for a moment (measured). Thousands of items are better imported.
 */
export const configBytesMax = 4 * 1024 * 1024;

type Fault = Extract<ProblemCode, "file/binary" | "file/not-utf8">;

export type Decoded =
  | { readonly ok: true; readonly text: string }
  /** `text` leads up to the byte that cannot be read. */
  | { readonly ok: false; readonly code: Fault; readonly text: string };

/** UTF-8 bytes -> text without byte order mark. */
export function decodeText(bytes: Uint8Array): Decoded {
  const strange = bytes.findIndex(isControl);
  if (strange >= 0) {
    return { ok: false, code: "file/binary", text: lenient(bytes.subarray(0, strange)) };
  }
  const text = lenient(bytes);
  if (isUtf8(bytes)) return { ok: true, text };
  return { ok: false, code: "file/not-utf8", text: text.slice(0, text.indexOf("\ufffd")) };
}

/** Text has no control characters but tab, line feed and carriage return. */
function isControl(byte: number): boolean {
  return byte === 0x7f || (byte < 0x20 && byte !== 0x09 && byte !== 0x0a && byte !== 0x0d);
}

function lenient(bytes: Uint8Array): string {
  return new TextDecoder("utf-8").decode(bytes);
}

function isUtf8(bytes: Uint8Array): boolean {
  try {
    new TextDecoder("utf-8", { fatal: true }).decode(bytes);
    return true;
  } catch {
    return false;
  }
}
