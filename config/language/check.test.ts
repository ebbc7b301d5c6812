import { globSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { checkText } from "./check.ts";
import { checkDriverText } from "./check-driver.ts";

const root = join(import.meta.dirname, "../..");
const sources = globSync(["config/**/*.ts", "drivers/**/*.ts"], { cwd: root })
  .filter((file) => !file.includes(".test.") && !file.startsWith("config/language/"))
  .map((file) => readFileSync(join(root, file), "utf8"))
  .join("\n");

test("every sentence is said somewhere", () => {
  const codes = Object.keys(checkText.en);
  expect(codes.length).toBeGreaterThan(60);
  expect(codes.filter((code) => !sources.includes(`"${code}"`))).toEqual([]);
});

test("every message of a driver's schema has its sentence in both languages, and no other", () => {
  const said = [
    ...sources.matchAll(/"((?:address|modbus|gpio|scale|rfid|opcua|mqtt)\/[a-z-]+)"/g),
  ].map(([, it]) => it);
  expect(Object.keys(checkDriverText.en).sort()).toEqual([...new Set(said)].sort());
  expect(Object.keys(checkDriverText.zh)).toEqual(Object.keys(checkDriverText.en));
});
