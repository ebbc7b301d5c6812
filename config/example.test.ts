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
  const secrets = ["BROKER_WALL", "BROKER_WIFI", "CENTRAL", "PLC_LINE_2"];
  const env = Object.fromEntries(secrets.map((name) => [`RACKWATCH_SECRET_${name}`, "x"]));
  const loaded = loadConfig(file, { env });
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
