import { readdir, readFile, readlink, realpath } from "node:fs/promises";
import { join } from "node:path";

/** A program that has a file open. */
export interface Opener {
  readonly pid: number;
  /** As the kernel calls it: `node`, `ModemManager`. */
  readonly program: string;
}

/**
 * Who has each of these files open, by the name that was given. Sees programs of other users only as root: who is not
 * allowed to look into a program does not see what it has.
 */
export async function openersOf(
  paths: readonly string[],
  proc = "/proc",
): Promise<ReadonlyMap<string, readonly Opener[]>> {
  const nodes = await Promise.all(paths.map((path) => realpath(path).catch(() => path)));
  const openers = new Map<string, Opener[]>(paths.map((path) => [path, []]));
  const pids = (await readdir(proc)).filter((name) => /^\d+$/.test(name));
  await Promise.all(
    pids.map(async (pid) => {
      const folder = join(proc, pid, "fd");
      const fds = await readdir(folder).catch(() => []);
      const links = await Promise.all(fds.map((fd) => readlink(join(folder, fd)).catch(() => "")));
      const opened = paths.filter((_, index) => links.includes(nodes[index] ?? ""));
      if (opened.length === 0) return;
      const program = await readFile(join(proc, pid, "comm"), "utf8").catch(() => "?");
      for (const path of opened)
        openers.get(path)?.push({ pid: Number(pid), program: program.trim() });
    }),
  );
  return openers;
}
