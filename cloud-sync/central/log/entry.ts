import { promisify } from "node:util";
import { zstdCompress, zstdDecompress } from "node:zlib";
import { z } from "zod";
import { batchBytesMax, batchSchema, gapDeclarationSchema } from "../../protocol.ts";

const [compress, decompress] = [promisify(zstdCompress), promisify(zstdDecompress)];

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

/** Off the event loop: whoever keeps an order waits for each before the next. */
export function packEntry(entry: Entry): Promise<Buffer> {
  return compress(JSON.stringify(entry));
}

/** Undefined for what is no entry: somebody else wrote into the topic, or it is of a later program. */
export async function unpackEntry(value: Buffer): Promise<Entry | undefined> {
  try {
    // An entry is a batch with some words around it.
    const text = await decompress(value, { maxOutputLength: batchBytesMax + 4_096 });
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
