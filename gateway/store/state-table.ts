import type Database from "better-sqlite3";

/** Sorts behind every key that starts with a prefix. */
const afterPrefix = "\u{10FFFF}";

/** State by key, as plain JSON. */
export class StateTable {
  readonly #put: Database.Statement<[string, string]>;
  readonly #delete: Database.Statement<[string]>;
  readonly #range: Database.Statement<[string, string], { key: string; value: string }>;

  constructor(db: Database.Database) {
    this.#put = db.prepare("INSERT OR REPLACE INTO state (key, value) VALUES (?, ?)");
    this.#delete = db.prepare("DELETE FROM state WHERE key = ?");
    this.#range = db.prepare(
      "SELECT key, value FROM state WHERE key >= ? AND key < ? ORDER BY key",
    );
  }

  /** Undefined deletes. Belongs into a transaction of the caller. */
  write(state: ReadonlyMap<string, unknown>): void {
    for (const [key, value] of state) {
      const text = value === undefined ? undefined : JSON.stringify(value);
      if (text === undefined) this.#delete.run(key);
      else this.#put.run(key, text);
    }
  }

  /** A value that is no JSON any more is undefined: whose it is, starts without it, and everybody else with theirs. */
  read(prefix: string): ReadonlyMap<string, unknown> {
    const rows = this.#range.all(prefix, prefix + afterPrefix);
    return new Map(rows.map(({ key, value }) => [key, parsed(value)]));
  }
}

function parsed(value: string): unknown {
  try {
    return JSON.parse(value);
  } catch {
    return undefined;
  }
}
