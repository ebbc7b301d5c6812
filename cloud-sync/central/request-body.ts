import { promisify } from "node:util";
import { constants, gunzip, zstdDecompress } from "node:zlib";
import { batchBytesMax } from "../protocol.ts";

const inflate = {
  zstd: promisify(zstdDecompress),
  gzip: promisify(gunzip),
} as const;

/** Memory that a zstd frame may demand before its first byte: its header may claim a window of gigabytes. */
const zstdWindowLog = 23;

/**
 * Lists and objects within one another: rows have less than ten. Some MB of brackets, a few hundred bytes as sent, take the
 * parser seconds and hundreds of MB, and PostgreSQL its stack; such a body is not JSON that anybody means.
 */
export const bodyDepthMax = 100;

/** Why a body was not read: too much of it, or not what its headers say. */
export class BodyError extends Error {
  readonly tooLarge: boolean;
  constructor(message: string, tooLarge: boolean) {
    super(message);
    this.tooLarge = tooLarge;
  }
}

/**
 * The JSON of a request, decompressed off the event loop and never beyond `batchBytesMax`.
 * @throws BodyError
 */
export async function readBody(body: Buffer, encoding: string | undefined): Promise<unknown> {
  const text = await decompress(body, encoding ?? "identity");
  if (isDeeper(text, bodyDepthMax)) {
    throw new BodyError(`lists and objects more than ${bodyDepthMax} deep`, false);
  }
  try {
    return JSON.parse(text.toString("utf8"));
  } catch {
    throw new BodyError("the body is not JSON", false);
  }
}

async function decompress(body: Buffer, encoding: string): Promise<Buffer> {
  if (encoding === "identity") return body;
  if (encoding !== "zstd" && encoding !== "gzip") {
    throw new BodyError(`content-encoding ${encoding} is not zstd, gzip or identity`, false);
  }
  const options = { maxOutputLength: batchBytesMax };
  try {
    if (encoding === "gzip") return await inflate.gzip(body, options);
    const params = { [constants.ZSTD_d_windowLogMax]: zstdWindowLog };
    return await inflate.zstd(body, { ...options, params });
  } catch (error) {
    if (error instanceof RangeError) {
      throw new BodyError(`more than ${batchBytesMax} bytes after decompression`, true);
    }
    throw new BodyError(`the body is not ${encoding}`, false);
  }
}

const [quote, backslash] = [0x22, 0x5c];

/** Whether JSON has more lists and objects within one another. Looks at brackets outside of texts, and at nothing else. */
function isDeeper(json: Buffer, depthMax: number): boolean {
  let depth = 0;
  for (let at = 0; at < json.length; at += 1) {
    const byte = json[at];
    if (byte === quote) {
      at = endOfText(json, at);
      continue;
    }
    // [ and {, ] and } differ in one bit; no other byte outside of a text becomes one of them by it.
    const bracket = byte === undefined ? 0 : byte & ~0x20;
    if (bracket === 0x5b) {
      depth += 1;
      if (depth > depthMax) return true;
    } else if (bracket === 0x5d) depth -= 1;
  }
  return false;
}

/** Where the text that begins at `from` has its closing quote; the end when it has none. */
function endOfText(json: Buffer, from: number): number {
  for (let end = json.indexOf(quote, from + 1); end !== -1; end = json.indexOf(quote, end + 1)) {
    let escapes = 0;
    while (json[end - 1 - escapes] === backslash) escapes += 1;
    if (escapes % 2 === 0) return end;
  }
  return json.length;
}
