import { spawn } from "node:child_process";
import { setPriority } from "node:os";
import type { Log } from "../drivers/contract.ts";

/** Lowest priority: what runs in the background waits for everybody else. */
const nice = 19;

/** Heap of one run: an eighth of what a small machine has, given back when it ends. */
const heapMb = 96;
const youngMb = 1;

/** Answers are a line of JSON; what is longer is cut. */
const outputCharsMax = 65_536;

export interface RunEnd {
  /** Undefined: it was ended, or could not begin. */
  readonly code: number | undefined;
  readonly out: string;
  readonly err: string;
}

/**
 * Runs a command of this program as a process of its own, at the lowest priority: it cannot hold up a loop that has
 * lamps to light, and its memory is given back (docs/decisions/0067-report-process.md).
 * @param msMax after which it is ended.
 */
export function runBeside(args: readonly string[], msMax: number, log: Log): Promise<RunEnd> {
  const options = `--max-old-space-size=${heapMb} --max-semi-space-size=${youngMb}`;
  const child = spawn(process.execPath, [process.argv[1] ?? "", ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, NODE_OPTIONS: options, MALLOC_ARENA_MAX: "1" },
    timeout: msMax,
    killSignal: "SIGKILL",
  });
  try {
    if (child.pid !== undefined) setPriority(child.pid, nice);
  } catch (error) {
    log.warn("background run keeps its priority", { err: error });
  }
  let out = "";
  let err = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    out = (out + text).slice(0, outputCharsMax);
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    err = (err + text).slice(0, outputCharsMax);
  });
  return new Promise((done) => {
    child.once("error", (error) => done({ code: undefined, out, err: error.message }));
    child.once("close", (code) => done({ code: code ?? undefined, out, err }));
  });
}
