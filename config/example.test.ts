import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { expect, test } from "vitest";
import { drivers } from "../drivers/index.ts";
import { generatedFiles } from "./generate.ts";
import { gatewayJsonSchema } from "./json-schema.ts";
import { loadConfig } from "./load.ts";
import { problemText } from "./report.ts";

const file = fileURLToPath(new URL("gateway.example.yaml", import.meta.url));

test("the example is valid, without a warning", () => {
  const named = readFileSync(file, "utf8").matchAll(/!secret ([\w-]+)/g);
  const secrets = [...named].map(([, name = ""]) => name.toUpperCase().replaceAll("-", "_"));
  const env = Object.fromEntries(secrets.map((name) => [`RACKWATCH_SECRET_${name}`, "x"]));
  // Its calibrations are due some day.
  const loaded = loadConfig(file, { env, now: Date.UTC(2026, 5, 1) });
  const problems = loaded.ok ? loaded.warnings : loaded.problems;
  expect(problems.map((problem) => problemText(problem, "en"))).toEqual([]);
});

test("the example shows every option that there is", () => {
  const text = readFileSync(file, "utf8");
  const shown = (key: string) => new RegExp(`[\\s{]${key}:`).test(text);
  const keys = propertyNames(gatewayJsonSchema(drivers));
  expect(keys.length).toBeGreaterThan(50);
  expect(keys.filter((key) => !shown(key))).toEqual([]);
});

test("the generated schemas are those of the sources: npm run generate", () => {
  for (const [name, text] of Object.entries(generatedFiles())) {
    expect(readFileSync(new URL(`generated/${name}`, import.meta.url), "utf8"), name).toBe(text);
  }
});

function propertyNames(schema: unknown): readonly string[] {
  if (typeof schema !== "object" || schema === null) return [];
  return Object.entries(schema).flatMap(([key, value]) => [
    ...(key === "properties" ? Object.keys(Object(value)) : []),
    ...propertyNames(value),
  ]);
}
