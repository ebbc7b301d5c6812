import { execFileSync } from "node:child_process";
import { mkdirSync } from "node:fs";
import type { TestContext } from "vitest";

export interface Mounted extends Disposable {
  mount(...args: readonly string[]): void;
  umount(): void;
}

/**
 * A file system over a folder, which is made when it is missing; taken away again also when somebody still has files
 * open on it. Skips the test where mounting is not allowed; in CI that is a failure.
 */
export function mounted(context: TestContext, folder: string, ...args: readonly string[]): Mounted {
  const mount = (...more: readonly string[]) => run("mount", ...more, folder);
  mkdirSync(folder, { recursive: true });
  try {
    mount(...args);
  } catch (error) {
    if (process.env["CI"] === "true") throw error;
    context.skip("mounting is not allowed here: run .ci/run as root");
  }
  return {
    mount,
    umount: () => run("umount", folder),
    [Symbol.dispose]: () => run("umount", "--lazy", folder),
  };
}

function run(program: string, ...args: readonly string[]): void {
  execFileSync(program, args, { stdio: "pipe" });
}
