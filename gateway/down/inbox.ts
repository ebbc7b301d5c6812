import { statSync } from "node:fs";
import { join } from "node:path";
import Database from "better-sqlite3";
import { z } from "zod";
import { readText } from "../../config/durable-file.ts";
import { inboxFileName, trustFileName } from "../store/inbox-file.ts";
import { messageCharsMax } from "./message.ts";
import type { SignedRow } from "./said.ts";

/** Messages that are read at a time: the others wait in their file. */
export const inboxRowsMax = 16;

/** A reader gives up after this, and looks again a second later. */
const busyTimeoutMs = 50;

const rowSchema = z.object({
  number: z.int(),
  text: z.string(),
  key: z.string(),
  signature: z.string(),
  receivedAt: z.number(),
  follows: z
    .int()
    .nullable()
    .transform((number) => number ?? undefined),
});

const trustSchema = z.record(z.string(), z.string());

/** Reads what the agent keeps of central's messages; whatever is wrong with its files counts as no messages until they can be read. */
export class Inbox implements Disposable {
  readonly #file: string;
  readonly #trustFile: string;
  #db: Database.Database | undefined;
  #inode = 0;

  constructor(dataDir: string) {
    this.#file = join(dataDir, inboxFileName);
    this.#trustFile = join(dataDir, trustFileName);
  }

  /** Those behind a number, in order. A text that is longer than any message is none. */
  read(after: number): readonly SignedRow[] {
    try {
      const db = this.#open();
      if (db === undefined) return [];
      return db
        .prepare<[number, number, number], unknown>(
          `SELECT number, CASE WHEN length(text) <= ? THEN text ELSE '' END AS text, key, signature,
           received_at AS receivedAt, follows FROM message WHERE number > ? ORDER BY number LIMIT ?`,
        )
        .all(messageCharsMax, after, inboxRowsMax)
        .map((row) => rowSchema.parse(row));
    } catch {
      this[Symbol.dispose]();
      return [];
    }
  }

  /** Public keys of central, by their names. */
  trust(): Readonly<Record<string, string>> {
    const text = readText(this.#trustFile);
    try {
      return text === undefined ? {} : (trustSchema.safeParse(JSON.parse(text)).data ?? {});
    } catch {
      return {};
    }
  }

  [Symbol.dispose](): void {
    this.#db?.close();
    this.#db = undefined;
  }

  #open(): Database.Database | undefined {
    const inode = statSync(this.#file, { throwIfNoEntry: false })?.ino ?? 0;
    if (inode !== this.#inode) this[Symbol.dispose]();
    this.#inode = inode;
    if (inode === 0) return undefined;
    this.#db ??= new Database(this.#file, { readonly: true, timeout: busyTimeoutMs });
    return this.#db;
  }
}
