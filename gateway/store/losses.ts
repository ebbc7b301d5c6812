import type Database from "better-sqlite3";
import { z } from "zod";
import { readMeta, writeMeta } from "./meta.ts";
import type { GatewayEvent } from "./store.ts";

const key = "losses";

/** Reasons that are counted: the programs know some few, a broken row may say anything. */
const reasonsMax = 16;

const lossesSchema = z.record(z.string(), z.object({ rows: z.number(), lastAt: z.number() }));

/** Rows that this database gave up, by the reason that its gap events say. */
export type Losses = Readonly<z.infer<typeof lossesSchema>>;

const gapSchema = z.object({ reason: z.string().max(64), count: z.int().min(1) });

/** Adds up what the gap events say; within the transaction that writes them. */
export function noteLosses(db: Database.Database, events: readonly GatewayEvent[]): void {
  const gaps = events.filter(({ kind }) => kind === "gap");
  if (gaps.length === 0) return;
  const losses = { ...readLosses(db) };
  for (const { at, body } of gaps) {
    const { data } = gapSchema.safeParse(body);
    if (data === undefined) continue;
    const known = losses[data.reason];
    if (known === undefined && Object.keys(losses).length >= reasonsMax) continue;
    losses[data.reason] = { rows: (known?.rows ?? 0) + data.count, lastAt: at };
  }
  writeMeta(db, key, JSON.stringify(losses));
}

export function readLosses(db: Database.Database): Losses {
  return lossesSchema.safeParse(JSON.parse(readMeta(db, key) ?? "{}")).data ?? {};
}
