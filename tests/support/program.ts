import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import type { Running } from "./spine.ts";

const rackwatch = fileURLToPath(new URL("../../cloud-sync/cli/rackwatch.js", import.meta.url));
const flags = ["--max-semi-space-size=1"];

/** Another user to run as; needs root. */
export interface User {
  readonly uid: number;
  readonly gid: number;
}

/**
 * Starts one rackwatch command as a process; resolves when it has logged `readyEvent`.
 * @param before words of a program that becomes this one, as `unshare` does.
 */
export function startProgram(
  args: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
  readyEvent: string,
  user: User | undefined = undefined,
  before: readonly string[] = [],
): Promise<Running> {
  const [program = "", ...rest] = [...before, process.execPath, ...flags, rackwatch, ...args];
  const child = spawn(program, rest, {
    env: { ...process.env, ...env },
    stdio: ["ignore", "pipe", "pipe"],
    ...user,
  });
  const lines: Readonly<Record<string, unknown>>[] = [];
  let errors = "";
  const exited = new Promise<void>((done) => child.once("exit", () => done()));
  child.stderr.on("data", (chunk: Buffer) => {
    errors += chunk.toString();
  });
  const running: Running = {
    pid: child.pid ?? 0,
    lines,
    kill: async (signal) => {
      if (child.exitCode === null && child.signalCode === null) child.kill(signal);
      await exited;
    },
  };
  return new Promise((done, fail) => {
    createInterface({ input: child.stdout }).on("line", (line) => {
      const entry: unknown = JSON.parse(line);
      if (typeof entry !== "object" || entry === null) return;
      lines.push({ ...entry });
      if ("event" in entry && entry.event === readyEvent) done(running);
    });
    void exited.then(() => fail(new Error(`${args[0]} ended before "${readyEvent}": ${errors}`)));
  });
}
