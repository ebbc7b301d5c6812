import { z } from "zod";
import type { Database } from "../../../cloud-sync/central/database/database.ts";
import { readEvents, readSamples } from "../../../gateway/store/chunk.ts";
import { openOutbox } from "../../../gateway/store/outbox.ts";

const sampleSchema = z.object({ seq: z.number(), point: z.string(), at: z.number() });
const eventSchema = z.object({ seq: z.number(), kind: z.string(), at: z.number() });

/** What a gateway's folder holds, row by row, under its numbers. */
export function rowsInFolder(dataDir: string) {
  using outbox = openOutbox(dataDir);
  return {
    samples: outbox.read("samples", 0, 1e9).flatMap((chunk) =>
      readSamples(chunk).map(({ point, sampledAt }, row) => {
        return { seq: chunk.firstSeq + row, point, at: Math.round(sampledAt) };
      }),
    ),
    events: outbox.read("events", 0, 1e9).flatMap((chunk) =>
      readEvents(chunk).map(({ kind, at }, row) => {
        return { seq: chunk.firstSeq + row, kind, at: Math.round(at) };
      }),
    ),
  };
}

/** The same of central, all epochs together. */
export async function rowsOfCentral(database: Database) {
  const at = (column: string) => `round(extract(epoch FROM ${column}) * 1000)::float8 AS at`;
  const samples = await database.query(
    `SELECT seq::float8 AS seq, point, ${at("sampled_at")} FROM sample ORDER BY seq`,
  );
  const events = await database.query(
    `SELECT seq::float8 AS seq, kind, ${at("at")} FROM event ORDER BY seq`,
  );
  return {
    samples: z.array(sampleSchema).parse(samples),
    events: z.array(eventSchema).parse(events),
  };
}
