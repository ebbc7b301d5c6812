import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Why a database was set aside: it stands in the file's name. */
export type AsideCause = "corrupt" | "foreign";

const parts = ["", "-wal", "-shm"];
const asidePattern = /^gateway\.db\.(?:corrupt|foreign)\.(\d{8}T\d{6}Z)\.(\d+)$/;

/** Renames gateway.db with its log out of the way, never deletes it. @returns the new file name. */
export function setAside(dir: string, cause: AsideCause, now: number): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  const highest = asideFiles(dir).reduce((most, { number }) => Math.max(most, number), 0);
  const name = `gateway.db.${cause}.${stamp}.${highest + 1}`;
  for (const part of parts) {
    const file = join(dir, `gateway.db${part}`);
    if (existsSync(file)) renameSync(file, join(dir, name + part));
  }
  return name;
}

/** Keeps the newest `count`, and of those the older ones only while all fit into `bytesMax`. */
export function pruneAside(dir: string, count: number, bytesMax: number): void {
  let bytes = 0;
  for (const [index, { name, size }] of asideFiles(dir).entries()) {
    bytes += size;
    if (index === 0 || (index < count && bytes <= bytesMax)) continue;
    for (const part of parts) rmSync(join(dir, name + part), { force: true });
  }
}

/** Newest first: the number rises also when the clock steps back. */
function asideFiles(dir: string) {
  return readdirSync(dir)
    .flatMap((name) => {
      const match = asidePattern.exec(name);
      if (match === null) return [];
      const size = statSync(join(dir, name), { throwIfNoEntry: false })?.size ?? 0;
      return [{ name, size, number: Number(match[2]) }];
    })
    .sort((left, right) => right.number - left.number);
}
