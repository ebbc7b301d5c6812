import { randomBytes } from "node:crypto";
import { chown, open, readFile, realpath, rename, rm, stat } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import { loadConfig, loadText } from "../../config/load.ts";
import type { Problem } from "../../config/problem.ts";
import { NoPlaceError } from "../../config/yaml-place.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import type { Finding } from "../../drivers/scan.ts";
import { type Addition, addFindings } from "./add.ts";

export interface WriteOptions {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly folder: string;
}

export type Written =
  /** `backup`: the file as it was. Absent: there was nothing to add. */
  | { readonly ok: true; readonly backup?: string; readonly addition: Addition }
  /** The file, or what it would have become, has errors. It was not touched. */
  | { readonly ok: false; readonly problems: readonly Problem[] };

/**
 * Adds findings to a configuration, checks what it becomes, keeps the file as it was beside it, and replaces it in one
 * step. A file with errors is not touched.
 * @throws RackwatchError `config/unreadable`, `config/invalid`.
 */
export async function writeFindings(
  name: string,
  findings: readonly Finding[],
  options: WriteOptions,
): Promise<Written> {
  const load = { ...options, secrets: "substitute" } as const;
  const file = resolve(options.folder, name);
  const before = loadConfig(file, load);
  if (!before.ok) return { ok: false, problems: before.problems };
  const real = await realpath(file);
  const text = await readFile(real, "utf8");
  const addition = addedTo(text, findings, file);
  if (addition.text === text) return { ok: true, addition };
  const after = loadText(addition.text, file, load);
  if (!after.ok) return { ok: false, problems: after.problems };
  const backup = `${real}.bak`;
  const { mode, uid, gid } = await stat(real);
  await replace(backup, text, { mode, uid, gid });
  await replace(real, addition.text, { mode, uid, gid });
  return { ok: true, backup, addition };
}

function addedTo(text: string, findings: readonly Finding[], where: string): Addition {
  try {
    return addFindings(text, findings);
  } catch (cause) {
    if (!(cause instanceof NoPlaceError)) throw cause;
    throw new RackwatchError(
      "config/invalid",
      `Nothing can be added to the file: ${cause.message}`,
      {
        where,
        todo: "Add what the scan prints by hand",
        cause,
      },
    );
  }
}

interface Owner {
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
}

/** Whole or not at all, also when the power goes. @throws RackwatchError `config/unreadable`. */
async function replace(file: string, text: string, { mode, uid, gid }: Owner): Promise<void> {
  const folder = dirname(file);
  const fresh = join(folder, `.rackwatch-${randomBytes(6).toString("hex")}`);
  try {
    const handle = await open(fresh, "wx", mode & 0o777);
    try {
      await handle.writeFile(text);
      await handle.chmod(mode & 0o777);
      await handle.sync();
    } finally {
      await handle.close();
    }
    const own = await stat(fresh);
    if (own.uid !== uid || own.gid !== gid) await chown(fresh, uid, gid);
    await rename(fresh, file);
    const entry = await open(folder, "r");
    try {
      await entry.sync();
    } finally {
      await entry.close();
    }
  } catch (cause) {
    await rm(fresh, { force: true });
    throw new RackwatchError("config/unreadable", "The configuration cannot be replaced", {
      where: file,
      todo: "Run the command as a user who may write the file and its folder",
      cause,
    });
  }
}
