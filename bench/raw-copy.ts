import type { Database } from "../cloud-sync/central/database/database.ts";
import { copySlices, sampleColumns } from "../cloud-sync/central/sample-rows.ts";
import { readSamples } from "../gateway/store/chunk.ts";
import type { Outbox } from "../gateway/store/store.ts";

/** Raw rows stand under a gateway of their own in central's table. */
export const rawGateway = "raw";

/**
 * COPY of rows that central has, as they were recorded, ready made before the clock starts, a transaction for each
 * `rowsMax`. Returns milliseconds.
 */
export async function rawCopy(
  database: Database,
  outbox: Outbox,
  { firstSeq, lastSeq, rowsMax }: { firstSeq: number; lastSeq: number; rowsMax: number },
): Promise<number> {
  const files: Uint8Array[] = [];
  for (let from = firstSeq; from <= lastSeq; from += rowsMax) {
    files.push(copyFile(outbox, from, Math.min(lastSeq, from + rowsMax - 1)));
  }
  const began = performance.now();
  for (const file of files) {
    await database.transaction((queries) => queries.copyIn(sampleColumns, [file]));
  }
  return performance.now() - began;
}

function copyFile(outbox: Outbox, firstSeq: number, lastSeq: number): Uint8Array {
  const rows = [];
  let after = firstSeq - 1;
  while (after < lastSeq) {
    const chunks = outbox.read("samples", after, lastSeq - after);
    for (const chunk of chunks) {
      for (const [index, sample] of readSamples(chunk).entries()) {
        const seq = chunk.firstSeq + index;
        if (seq <= after || seq > lastSeq) continue;
        rows.push([sample.point, [{ seq, sample }]] as const);
      }
      after = Math.max(after, chunk.lastSeq);
    }
    if (chunks.length === 0) throw new Error(`rows after ${after} are gone`);
  }
  return Buffer.concat([...copySlices({ gateway: rawGateway, epochNumber: 1 }, rows)]);
}
