import { existsSync, readdirSync, renameSync, rmSync, statSync } from "node:fs";
import { join } from "node:path";

/** Why a database was set aside: it stands in the file's name. */
export type AsideCause = "corrupt" | "foreign" | "replaced";

const parts = ["", "-wal", "-shm", ".page1"];
const databaseFile = "gateway.db";
const asidePattern = /^(gateway|history)\.db\.(?:corrupt|foreign|replaced)\.(\d{8}T\d{6}Z)\.(\d+)$/;

/** Renames a database with its log out of the way, never deletes it. @returns the new file name. */
export function setAside(
  dir: string,
  cause: AsideCause,
  now: number,
  database = databaseFile,
): string {
  const stamp = new Date(now).toISOString().replace(/[-:]|\.\d+/g, "");
  const highest = asideFiles(dir).reduce((most, { number }) => Math.max(most, number), 0);
  const name = `${database}.${cause}.${stamp}.${highest + 1}`;
  for (const part of parts) {
    const file = join(dir, database + part);
    if (existsSync(file)) renameSync(file, join(dir, name + part));
  }
  return name;
}

/** Keeps the newest `count`, and of those the older ones only while all fit into `bytesMax`. */
export function pruneAside(dir: string, count: number, bytesMax: number): void {
  let bytes = 0;
  const files = asideFiles(dir).filter(({ name }) => name.startsWith(databaseFile));
  for (const [index, { name, size }] of files.entries()) {
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
      return [{ name, size, number: Number(match[3]) }];
    })
    .sort((left, right) => right.number - left.number);
}
