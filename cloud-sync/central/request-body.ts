import { promisify } from "node:util";
import { constants, gunzip, zstdDecompress } from "node:zlib";
import { batchBytesMax } from "../protocol.ts";

const inflate = {
  zstd: promisify(zstdDecompress),
  gzip: promisify(gunzip),
} as const;

/** Memory that a zstd frame may demand before its first byte: its header may claim a window of gigabytes. */
const zstdWindowLog = 23;

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
