import { writeFileSync } from "node:fs";
import { pathToFileURL } from "node:url";
import { drivers } from "../drivers/index.ts";
import { gatewayJsonSchema, templateJsonSchema } from "./json-schema.ts";

/** The files in config/generated/, by name. */
export function generatedFiles(): Readonly<Record<string, string>> {
  const text = (schema: object) => `${JSON.stringify(schema, null, 2)}\n`;
  return {
    "gateway.schema.json": text(gatewayJsonSchema(drivers)),
    "template.schema.json": text(templateJsonSchema(drivers)),
  };
}

if (import.meta.url === pathToFileURL(process.argv[1] ?? "").href) {
  for (const [name, text] of Object.entries(generatedFiles())) {
    writeFileSync(new URL(`generated/${name}`, import.meta.url), text);
  }
}
