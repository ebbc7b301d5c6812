import { globSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path/posix";
import { expect, test } from "vitest";

/** Lower folders never import higher ones. */
const order = ["drivers", "config", "gateway", "cloud-sync"];

const importPattern = /(?:\bfrom|\bimport)\s*\(?\s*"(\.{1,2}\/[^"]+)"/g;

interface Import {
  readonly file: string;
  readonly target: string;
}

function importsOf(files: readonly string[]): Import[] {
  return files.flatMap((file) =>
    [...readFileSync(file, "utf8").matchAll(importPattern)].map((match) => ({
      file,
      target: join(dirname(file), match[1] ?? ""),
    })),
  );
}

function room(path: string): number {
  return order.indexOf(path.split("/")[0] ?? "");
}

function runsBack({ file, target }: Import): boolean {
  return room(target) < 0 || room(target) > room(file);
}

const isTest = (file: string) => /\.test\.tsx?$/.test(file);
const sources = globSync(order.map((folder) => `${folder}/**/*.{ts,tsx,mts,js,mjs}`)).filter(
  (file) => !file.includes("/dist/"),
);

test("imports run only to the left: drivers <- config <- gateway <- cloud-sync", () => {
  const seen = importsOf(sources.filter((file) => !isTest(file)));
  // A checker that sees nothing passes for ever: the number of files is a floor, not a guess.
  expect(seen.length).toBeGreaterThan(sources.length / 2);
  expect(seen.filter(runsBack)).toEqual([]);
});

test("a test may import tests/support and what lies to its left, nothing else", () => {
  const seen = importsOf(sources.filter(isTest));
  expect(seen.filter((it) => !it.target.startsWith("tests/support/") && runsBack(it))).toEqual([]);
});

test("every folder of the order has imports, so none was overlooked", () => {
  const seen = importsOf(sources);
  for (const folder of order) {
    expect(
      seen.some(({ file }) => file.startsWith(`${folder}/`)),
      folder,
    ).toBe(true);
  }
});

test("the pattern catches an arrow that runs back", () => {
  const planted: Import = { file: "drivers/modbus/driver.ts", target: "gateway/store/store.ts" };
  expect(runsBack(planted)).toBe(true);
  expect([..."import('../x.ts')".matchAll(importPattern)]).toHaveLength(0);
  expect([...'await import("../x.ts")'.matchAll(importPattern)]).toHaveLength(1);
});

test("no file of the product is longer than 400 lines", () => {
  const long = sources
    .map((file) => ({ file, lines: readFileSync(file, "utf8").split("\n").length }))
    .filter(({ lines }) => lines > 401);
  expect(long).toEqual([]);
});
