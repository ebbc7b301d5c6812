import type Database from "better-sqlite3";

/** Small facts about the database itself, by key. */
export function readMeta(db: Database.Database, key: string): string | undefined {
  return db.prepare<[string], { value: string }>("SELECT value FROM meta WHERE key = ?").get(key)
    ?.value;
}

export function writeMeta(db: Database.Database, key: string, value: string): void {
  db.prepare<[string, string]>("INSERT OR REPLACE INTO meta (key, value) VALUES (?, ?)").run(
    key,
    value,
  );
}

export function deleteMeta(db: Database.Database, key: string): void {
  db.prepare<[string]>("DELETE FROM meta WHERE key = ?").run(key);
}
