import { mkdirSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";
import type { downText } from "../../config/language/down.ts";
import type { Log } from "../../drivers/contract.ts";
import { type RunEnd, runBeside } from "../background-run.ts";

/** Below the data folder: what the agent takes to central. */
export const outgoingFolder = "outgoing";

/** Bytes of one bundle: what central takes. */
export const bundleBytesMax = 8 * 1_048_576;

/** Bundles that are kept for the agent: somebody who asks for more waits for none. */
export const bundlesMax = 3;

/** Doctor's looks have limits of their own, which add up to about a minute. */
const bundleMsMax = 180_000;

/** Names that are a file's, here and at central. */
const fileName = /^[\w-][\w.-]{0,127}$/;

type Text = (typeof downText)["en"];

export interface LogsParts {
  readonly configFile: string;
  readonly dataDir: string;
  readonly log: Log;
  /** Runs a command beside; absent: as a process of this program. */
  readonly run?: (args: readonly string[], msMax: number, log: Log) => Promise<RunEnd>;
}

export function isFileName(id: string): boolean {
  return fileName.test(id);
}

/** Writes a support bundle for a command. Undefined: it lies ready; else why it does not. */
export async function writeLogs(
  id: string,
  parts: LogsParts,
  text: Text,
): Promise<string | undefined> {
  const { configFile, dataDir, log, run = runBeside } = parts;
  const folder = join(dataDir, outgoingFolder);
  const part = join(folder, `${id}.part`);
  try {
    mkdirSync(folder, { recursive: true, mode: 0o750 });
    const args = ["support", "--config", configFile, "--data", dataDir, "--out", part];
    const { code, err } = await run(args, bundleMsMax, log);
    if (code !== 0) return text.logsFailed(err.trim().slice(0, 500));
    if (statSync(part).size > bundleBytesMax) return text.logsTooLarge;
    renameSync(part, join(folder, `${id}.tar.gz`));
    prune(folder);
    return undefined;
  } catch (error) {
    return text.logsFailed(error instanceof Error ? error.message : String(error));
  } finally {
    rmSync(part, { force: true });
  }
}

/** The oldest go; what a process that was killed began goes as well. */
function prune(folder: string): void {
  const files = readdirSync(folder)
    .filter((name) => name.endsWith(".tar.gz"))
    .map((name) => ({ name, at: statSync(join(folder, name)).mtimeMs }))
    .sort((a, b) => b.at - a.at);
  for (const { name } of files.slice(bundlesMax)) rmSync(join(folder, name), { force: true });
}
