import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { buildProgram } from "../../../cloud-sync/build.ts";

const projectDir = fileURLToPath(new URL("../../..", import.meta.url));

/**
 * A program of this folder, with all of the gateway that it imports, in few files: a guest reads each file through
 * the host, and hundreds of them take it longer than its boot.
 * @returns absolute path of what a guest runs.
 */
export async function buildGuestProgram(folder: string, source: string): Promise<string> {
  mkdirSync(folder, { recursive: true });
  symlinkSync(join(projectDir, "node_modules"), join(folder, "node_modules"));
  return buildProgram(join(folder, "program"), `tests/support/uml/${source}`);
}
