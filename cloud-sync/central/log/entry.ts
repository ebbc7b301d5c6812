import { zstdCompressSync, zstdDecompressSync } from "node:zlib";
import { z } from "zod";
import { batchBytesMax, batchSchema, gapDeclarationSchema } from "../../protocol.ts";

/** What receivers put into the log: rows, rows that will never come, and the begin of an epoch. */
const entrySchema = z.discriminatedUnion("kind", [
  z.object({
    kind: z.literal("batch"),
    batch: batchSchema,
    address: z.string().optional(),
  }),
  z.object({
    kind: z.literal("gaps"),
    gaps: gapDeclarationSchema,
    address: z.string().optional(),
  }),
  z.object({ kind: z.literal("barrier"), gateway: z.string(), epoch: z.string() }),
]);
export type Entry = z.infer<typeof entrySchema>;

export function packEntry(entry: Entry): Buffer {
  return zstdCompressSync(JSON.stringify(entry));
}

/** Undefined for what is no entry: somebody else wrote into the topic, or it is of a later program. */
export function unpackEntry(value: Buffer): Entry | undefined {
  try {
    // An entry is a batch with some words around it.
    const text = zstdDecompressSync(value, { maxOutputLength: batchBytesMax + 4_096 });
    return entrySchema.safeParse(JSON.parse(text.toString("utf8"))).data;
  } catch {
    return undefined;
  }
}

/** The gateway whose entries stay in order. */
export function gatewayOf(entry: Entry): string {
  if (entry.kind === "batch") return entry.batch.gateway;
  return entry.kind === "gaps" ? entry.gaps.gateway : entry.gateway;
}
