import { existsSync } from "node:fs";
import { join } from "node:path";
import type { Language } from "../../config/language/language.ts";
import { simulateText } from "../../config/language/simulate.ts";
import type { EpochMs, Sample } from "../../drivers/contract.ts";
import { RackwatchError } from "../../drivers/errors.ts";
import { readSamples } from "../store/chunk.ts";
import { databaseName } from "../store/database.ts";
import { openOutbox } from "../store/outbox.ts";
import { atTrueTimes } from "../store/time-shift.ts";

/** Rows that one read of the store takes: a chunk or two, so that the gateway beside it never waits. */
const readRows = 5_000;

export interface StoreSink {
  take(sample: Sample): void;
  damaged(firstSeq: number, lastSeq: number): void;
}

/**
 * Samples since `from` in the order in which the gateway wrote them. Reads only; the gateway may
 * run meanwhile. @throws RackwatchError `store/...`, `config/unreadable` when there is no store.
 */
export function readStore(dir: string, from: EpochMs, sink: StoreSink, language: Language): void {
  const { message, todo } = simulateText[language].noStore(dir);
  if (!existsSync(join(dir, databaseName)))
    throw new RackwatchError("config/unreadable", message, { where: dir, todo });
  using outbox = openOutbox(dir);
  const head = outbox.head("samples");
  let after = 0;
  while (after < head) {
    const chunks = outbox.read("samples", after, readRows);
    for (const chunk of chunks) {
      after = chunk.lastSeq;
      if (chunk.lastAt < from) continue;
      for (const sample of samplesOf(chunk, sink)) if (sample.sampledAt >= from) sink.take(sample);
    }
    if (chunks.length === 0) break;
  }
}

function samplesOf(chunk: Parameters<typeof readSamples>[0], sink: StoreSink): readonly Sample[] {
  try {
    return atTrueTimes(chunk, readSamples(chunk));
  } catch (error) {
    if (!(error instanceof RackwatchError) || error.code !== "store/corrupt") throw error;
    sink.damaged(chunk.firstSeq, chunk.lastSeq);
    return [];
  }
}
