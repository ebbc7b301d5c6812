import { randomBytes } from "node:crypto";
import { readFileSync, renameSync, rmSync } from "node:fs";
import { createRequire } from "node:module";
import { homedir } from "node:os";
import { dirname, join } from "node:path";
import { constants, zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { writeNew } from "../../../config/durable-file.ts";
import { makeFolder } from "../identity/key-file.ts";

/** An empty database of PGlite 0.5 is 40 MB as tar; what unpacks to more is none. */
const tarBytesMax = 128 * 1024 * 1024;

/** In the cache of the user, beside the compiled code: who can write there decides what runs here. */
export function cacheFolder(env: NodeJS.ProcessEnv): string {
  const { XDG_CACHE_HOME, CACHE_DIRECTORY } = env;
  return join(CACHE_DIRECTORY ?? XDG_CACHE_HOME ?? join(homedir(), ".cache"), "rackwatch");
}

/** The empty database that an earlier start kept in `folder`; undefined: none did, or it is damaged. */
export function keptDatabase(folder: string): Blob | undefined {
  try {
    const tar = zstdDecompressSync(readFileSync(join(folder, fileName())), {
      maxOutputLength: tarBytesMax,
    });
    return new Blob([new Uint8Array(tar)], { type: "application/x-tar" });
  } catch {
    return undefined;
  }
}

/**
 * Keeps an empty database for the next start, 4 MB: to make one takes four seconds of a processor, to unpack one less
 * than one. Where it cannot be written, the next start makes its own.
 */
export async function keepDatabase(folder: string, tar: Blob): Promise<void> {
  const fresh = join(folder, `.${fileName()}-${randomBytes(6).toString("hex")}`);
  try {
    const packed = zstdCompressSync(await tar.arrayBuffer(), {
      params: { [constants.ZSTD_c_compressionLevel]: 1, [constants.ZSTD_c_checksumFlag]: 1 },
    });
    makeFolder(folder);
    writeNew(fresh, packed, 0o600);
    renameSync(fresh, join(folder, fileName()));
  } catch {
    rmSync(fresh, { force: true });
  }
}

/** Another version of the library makes another database. */
function fileName(): string {
  const library = createRequire(import.meta.url).resolve("@electric-sql/pglite");
  const described: unknown = JSON.parse(
    readFileSync(join(dirname(library), "../package.json"), "utf8"),
  );
  const isDescribed = typeof described === "object" && described !== null;
  const version = isDescribed && "version" in described ? String(described.version) : "unknown";
  return `empty-database-${version}.tar.zst`;
}
