import { accessSync, constants } from "node:fs";
import { delimiter, join } from "node:path";
import type { TestContext } from "vitest";

/** Skips a test, with its reason, where a Debian program is missing; in CI that is a failure instead. */
export function needPrograms(context: TestContext, ...programs: readonly string[]): void {
  const missing = programs.filter((program) => !installed(program));
  if (missing.length === 0) return;
  const message = `${missing.join(", ")} is missing: run .ci/run`;
  if (process.env["CI"] === "true") throw new Error(message);
  context.skip(message);
}

export function installed(program: string): boolean {
  const folders = [...(process.env["PATH"] ?? "").split(delimiter), "/usr/sbin", "/sbin"];
  return folders.some((folder) => {
    try {
      accessSync(join(folder, program), constants.X_OK);
      return true;
    } catch {
      return false;
    }
  });
}
