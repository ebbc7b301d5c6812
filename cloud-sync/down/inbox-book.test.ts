import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import Sqlite from "better-sqlite3";
import { beforeEach, expect, onTestFinished, test } from "vitest";
import { syncText } from "../../config/language/sync.ts";
import { inboxFileName } from "../../gateway/store/inbox-file.ts";
import { InboxBook } from "./inbox-book.ts";

let dir = "";
let file = "";

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "rackwatch-inbox-"));
  file = join(dir, inboxFileName);
  const made = dir;
  onTestFinished(() => rmSync(made, { recursive: true, force: true }));
});

const message = (number: number) => ({
  ...{ number, text: `text ${number}`, key: "k", signature: "s", follows: number - 1 },
});

function rows(): readonly unknown[] {
  const db = new Sqlite(file, { readonly: true });
  try {
    return db.prepare("SELECT number, follows FROM message ORDER BY number").all();
  } finally {
    db.close();
  }
}

test("messages outlive the process, and what the gateway has done is forgotten without being asked for again", () => {
  {
    using book = new InboxBook(dir, syncText.en);
    book.keep([message(1), message(2)], 1_000.5);
    book.keep([message(2), message(3)], 2_000);
  }
  using book = new InboxBook(dir, syncText.en);
  expect([book.held(), book.count()]).toEqual([3, 3]);
  book.forget(2);
  expect(rows()).toEqual([{ number: 3, follows: 2 }]);
  book.forget(3);
  expect([book.held(), book.count()]).toEqual([3, 0]);
});

test("what comes late over another road takes nothing back, and what came first stays as it came", () => {
  using book = new InboxBook(dir, syncText.en);
  book.keep([message(5)], 1_000);
  book.keep([{ ...message(5), text: "another", follows: 0 }], 2_000);
  book.keep([message(4)], 3_000);
  expect([book.held(), book.count()]).toEqual([5, 2]);
  expect(rows()).toEqual([
    { number: 4, follows: 3 },
    { number: 5, follows: 4 },
  ]);
});

test("a file that is damaged or gone is begun anew: central still has what was not done", () => {
  mkdirSync(join(dir, "sync"));
  writeFileSync(file, "no database at all, but long enough to be taken for one".repeat(100));
  using book = new InboxBook(dir, syncText.en);
  expect(book.held()).toBe(0);
  book.keep([message(4)], 0);
  expect(rows()).toHaveLength(1);
});

test("a file that somebody else has locked is a failure that is over when the lock is", () => {
  using book = new InboxBook(dir, syncText.en);
  book.keep([message(1)], 0);
  const other = new Sqlite(file);
  other.exec("BEGIN EXCLUSIVE");
  expect(() => book.keep([message(2)], 0)).toThrowError(
    expect.objectContaining({ code: "store/io" }),
  );
  other.exec("ROLLBACK");
  other.close();
  book.keep([message(2)], 0);
  expect(book.held()).toBe(2);
});

test("where a write fails in the middle nothing of it is held, and what was there stays", () => {
  using book = new InboxBook(dir, syncText.en);
  book.keep([message(1)], 0);
  const other = new Sqlite(file);
  other.exec(
    "CREATE TRIGGER full BEFORE INSERT ON message WHEN new.number = 3 BEGIN SELECT raise(ABORT, 'full'); END",
  );
  expect(() => book.keep([message(2), message(3)], 0)).toThrowError(
    expect.objectContaining({ code: "store/io" }),
  );
  expect([book.held(), book.count()]).toEqual([1, 1]);
  other.exec("DROP TRIGGER full");
  other.close();
  book.keep([message(2), message(3)], 0);
  expect(book.held()).toBe(3);
});
