import { nextPortion, pack } from "../cloud-sync/portion.ts";
import { readSamples } from "../gateway/store/chunk.ts";
import { encodeSamples } from "../gateway/store/columns.ts";
import { MemoryOutbox } from "../tests/support/memory-outbox.ts";
import { fillLog } from "./slow-sensors.ts";

/**
 * Bytes a sample on the wire, body of the request: chunks as they are stored, one block each, against neighbours merged into
 * one block; and what merging costs. Prints one JSON line a case.
 */
const from = Date.UTC(2026, 10, 1);
const cases = [
  { points: 20, jitterMs: 20 },
  { points: 60, jitterMs: 20 },
  { points: 200, jitterMs: 20 },
  { points: 200, jitterMs: 0 },
];

for (const { points, jitterMs } of cases) {
  for (const rows of [1_000, 5_000]) {
    const outbox = new MemoryOutbox();
    fillLog(outbox, { points, everyMs: 10_000, jitterMs }, Math.ceil(rows / points), from);
    const of = { gateway: "gw-1", epoch: "e", lane: "samples", cursor: 0, rowsMax: rows } as const;
    const merge = () => {
      const portion = nextPortion(outbox, of);
      if (portion?.kind !== "batch") throw new Error("no batch");
      return portion.batch;
    };
    const batch = merge();
    const blocks = outbox.read("samples", 0, rows).map((chunk) => ({
      clock: chunk.clock,
      columns: encodeSamples(readSamples(chunk)),
    }));
    const sent = batch.lastSeq;
    const merged = pack(batch)?.length ?? 0;
    const asStored = pack({ ...batch, blocks })?.length ?? 0;
    console.log(
      JSON.stringify({
        bench: "wire",
        points,
        jitterMs,
        rows: sent,
        bytesPerSampleMerged: round(merged / sent),
        bytesPerSampleAsStored: round(asStored / sent),
        agentMicrosPerSample: round((best(() => pack(merge())) * 1_000) / sent),
      }),
    );
  }
}

function best(work: () => unknown): number {
  let least = Number.POSITIVE_INFINITY;
  for (let turn = 0; turn < 30; turn += 1) {
    const started = performance.now();
    work();
    least = Math.min(least, performance.now() - started);
  }
  return least;
}

function round(value: number): number {
  return Math.round(value * 100) / 100;
}
