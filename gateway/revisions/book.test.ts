import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { type Entry, hashOf, RevisionBook, revisionsBytesMax } from "./book.ts";
import { FileLook, lookEveryMs } from "./file-look.ts";
import { foreignSecret } from "./guards.ts";

let dir = "";
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), "book-"));
});
afterEach(() => rmSync(dir, { recursive: true }));

function entryOf(serial: number, text: string): Entry {
  return {
    ...{ serial, at: 0, source: "file", author: "file", outcome: "confirmed" },
    ...{ digest: "d", sha256: hashOf(text), difference: [] },
  };
}

test("a text that is not as it was written is none, an entry that is damaged or under another number neither", () => {
  const book = new RevisionBook(dir);
  for (const serial of [1, 2, 3]) book.write(entryOf(serial, "text"), "text");
  const file = (name: string) => join(dir, "revisions", name);
  writeFileSync(file("1.yaml"), "texT");
  writeFileSync(file("2.json"), "{");
  writeFileSync(file("4.json"), JSON.stringify(entryOf(3, "text")));
  expect([1, 2, 3, 4].map((serial) => book.text(serial))).toEqual([
    ...[undefined, undefined, "text", undefined],
  ]);
  expect(book.entries().map(({ serial }) => serial)).toEqual([1, 3]);
  expect(book.nextSerial(0)).toBe(5);
  expect(book.nextSerial(9)).toBe(10);
});

test("large ones go sooner, and never the newest two", () => {
  const book = new RevisionBook(dir);
  const small = "a";
  const large = "x".repeat(revisionsBytesMax / 2 + 1);
  const serials = () => book.entries().map(({ serial }) => serial);
  for (const [index, text] of [small, small, large, small, large].entries()) {
    book.write(entryOf(index + 1, text), text);
  }
  book.prune();
  expect(serials()).toEqual([4, 5]);
  book.write(entryOf(6, large), large);
  book.write(entryOf(7, large), large);
  book.prune();
  expect(serials()).toEqual([6, 7]);
});

test("a file that is being written is looked at again; one that stands still is told once", () => {
  const file = join(dir, "gateway.yaml");
  writeFileSync(file, "a");
  const look = new FileLook(file);
  let mono = 0;
  const changed = (text?: string) => {
    if (text !== undefined) writeFileSync(file, text);
    mono += 1_000;
    return look.isChanged(mono, false);
  };
  expect(changed()).toBe(false);
  mono += lookEveryMs;
  expect([changed("ab"), changed("abc"), changed("abcd")]).toEqual([false, false, false]);
  expect([changed(), changed(), changed()]).toEqual([true, false, false]);
  writeFileSync(file, "own");
  look.know();
  mono += lookEveryMs;
  expect([changed(), changed()]).toEqual([false, false]);
});

test("a secret of a wire is not central's, unless a managed section names it already", () => {
  const before = { managed: new Set(["both"]), others: new Set(["both", "wire"]) };
  expect(foreignSecret(new Set(["both", "fresh"]), before)).toBeUndefined();
  expect(foreignSecret(new Set(["fresh", "wire"]), before)).toBe("wire");
});
