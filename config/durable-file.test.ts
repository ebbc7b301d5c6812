import {
  chmodSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, expect, test } from "vitest";
import { makeFolder, readText, removeFile, replaceFile } from "./durable-file.ts";

let folder = "";
let file = "";
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "rackwatch-durable-"));
  file = join(folder, "it.yaml");
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

const modeOf = (path: string) => statSync(path).mode & 0o777;

test("a file keeps the mode that it had; a fresh one is for the group to read; one of ours always has ours", () => {
  replaceFile(file, "a");
  expect([readText(file), modeOf(file)]).toEqual(["a", 0o640]);
  chmodSync(file, 0o604);
  replaceFile(file, "b");
  expect([readText(file), modeOf(file)]).toEqual(["b", 0o604]);
  replaceFile(file, "c", { mode: 0o400 });
  expect([readText(file), modeOf(file)]).toEqual(["c", 0o400]);
  expect(readdirSync(folder)).toEqual(["it.yaml"]);
});

test("whoever has the file open keeps the old one whole; behind a link the file that it names is another", () => {
  writeFileSync(file, "old");
  const link = join(folder, "link.yaml");
  symlinkSync(file, link);
  const { ino } = statSync(file);
  replaceFile(link, "new");
  expect(lstatSync(link).isSymbolicLink()).toBe(true);
  expect(readFileSync(file, "utf8")).toBe("new");
  expect(statSync(file).ino).not.toBe(ino);
});

test("what cannot be put in its place leaves nothing behind", () => {
  mkdirSync(join(folder, "taken", "full"), { recursive: true });
  expect(() => replaceFile(join(folder, "taken"), "x", { mode: 0o600 })).toThrow();
  expect(() => replaceFile(join(folder, "nowhere", "it"), "x")).toThrow(/ENOENT/);
  expect(readdirSync(folder)).toEqual(["taken"]);
});

test("a folder that is there stays as it is; a file that is gone may go again", () => {
  const inner = join(folder, "inner");
  makeFolder(inner);
  expect(modeOf(inner)).toBe(0o750);
  chmodSync(inner, 0o700);
  makeFolder(inner);
  expect(modeOf(inner)).toBe(0o700);
  removeFile(file);
  expect(readText(file)).toBeUndefined();
});
