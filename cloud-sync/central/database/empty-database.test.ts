import { readdirSync, readFileSync, truncateSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { scratchFolder } from "../../../tests/support/spine.ts";
import { cacheFolder, keptDatabase } from "./empty-database.ts";
import { openPglite } from "./pglite.ts";

/** What may differ between two databases that were made alike. */
const question = `SELECT current_setting('TimeZone') AS zone, current_setting('server_encoding') AS coding,
  (SELECT datcollate FROM pg_database WHERE datname = current_database()) AS sorting,
  (SELECT count(*)::int FROM pg_class WHERE relnamespace = 'public'::regnamespace) AS own`;

async function answers(folder: string | undefined, cache: string) {
  await using database = await openPglite(folder, cache);
  const [row] = await database.query(question);
  await database.query("CREATE TABLE mine (n int)");
  return row;
}

test("a database that is made from the kept one is as empty and as good as the first", async () => {
  using scratch = scratchFolder();
  const cache = join(scratch.path, "cache", "rackwatch");
  const first = await answers(undefined, cache);
  expect(first).toMatchObject({ coding: "UTF8", own: 0 });
  const [file = "none"] = readdirSync(cache);
  expect(file).toMatch(/^empty-database-\d+\.\d+\.\d+\.tar\.zst$/);
  const kept = readFileSync(join(cache, file));
  expect(await answers(undefined, cache)).toEqual(first);
  const folder = join(scratch.path, "central");
  expect(await answers(folder, cache)).toEqual(first);
  expect(readFileSync(join(cache, file))).toEqual(kept);
  // In a folder it is opened again as it was left, and not made anew.
  await using again = await openPglite(folder, cache);
  expect(await again.query("SELECT count(*)::int AS rows FROM mine")).toEqual([{ rows: 0 }]);
}, 180_000);

test("a kept database that was cut or changed is not used, and is replaced", async () => {
  using scratch = scratchFolder();
  const cache = scratch.path;
  const first = await answers(undefined, cache);
  const file = join(cache, readdirSync(cache)[0] ?? "none");
  const whole = readFileSync(file);
  const changed = Buffer.from(whole);
  changed[whole.length >> 1] = (changed[whole.length >> 1] ?? 0) ^ 1;
  writeFileSync(file, changed);
  expect(keptDatabase(cache)).toBeUndefined();
  truncateSync(file, 1_000);
  expect(keptDatabase(cache)).toBeUndefined();
  expect(await answers(undefined, cache)).toEqual(first);
  expect(keptDatabase(cache)?.size).toBeGreaterThan(1_000_000);
}, 180_000);

test("where nothing can be kept a database is made all the same", async () => {
  expect(await answers(undefined, "/proc/none")).toMatchObject({ own: 0 });
}, 180_000);

test("it is kept where compiled code is: as systemd says, else as the user's environment says", () => {
  const all = { CACHE_DIRECTORY: "/var/cache/central", XDG_CACHE_HOME: "/home/wang/.mine" };
  expect(cacheFolder(all)).toBe("/var/cache/central/rackwatch");
  expect(cacheFolder({ XDG_CACHE_HOME: "/home/wang/.mine" })).toBe("/home/wang/.mine/rackwatch");
  expect(cacheFolder({})).toMatch(/\/\.cache\/rackwatch$/);
});
