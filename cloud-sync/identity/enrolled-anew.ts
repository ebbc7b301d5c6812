import { statSync } from "node:fs";
import { join } from "node:path";
import { identityFiles, identityFolder } from "../../gateway/store/identity-file.ts";

/**
 * Tells whether the gateway has another certificate than at the last call, so that who was refused does not wait on: a
 * technician who typed a code stands in front of it.
 */
export function enrolledAnew(dataDir: string): () => boolean {
  const file = join(dataDir, identityFolder, identityFiles.certificate);
  const stamp = () => {
    const stats = statSync(file, { throwIfNoEntry: false });
    return stats === undefined ? "" : `${stats.ino} ${stats.mtimeMs} ${stats.size}`;
  };
  let seen = stamp();
  return () => {
    const now = stamp();
    const isAnother = now !== seen && now !== "";
    seen = now === "" ? seen : now;
    return isAnother;
  };
}
