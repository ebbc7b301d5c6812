import { mkdirSync, writeFileSync } from "node:fs";
import { z } from "zod";
import { batchSchema, gapDeclarationSchema, helloSchema, snapshotSchema } from "./protocol.ts";

/** JSON Schemas of what an agent sends, by file name: for agents that others write. */
export function protocolFiles(): Readonly<Record<string, string>> {
  const text = (title: string, schema: z.ZodType) => {
    const json = z.toJSONSchema(schema, { target: "draft-2020-12", io: "input" });
    return `${JSON.stringify({ ...json, title }, null, 2)}\n`;
  };
  return {
    "protocol-hello.schema.json": text("Hello", helloSchema),
    "protocol-batch.schema.json": text("Batch", batchSchema),
    "protocol-gaps.schema.json": text("Declaration of gaps", gapDeclarationSchema),
    "protocol-snapshot.schema.json": text("Snapshot", snapshotSchema),
  };
}

/** Where they are, from this folder. */
export const protocolFolder = "../config/generated/";

if (import.meta.main) {
  mkdirSync(new URL(protocolFolder, import.meta.url), { recursive: true });
  for (const [name, text] of Object.entries(protocolFiles())) {
    writeFileSync(new URL(protocolFolder + name, import.meta.url), text);
  }
}
