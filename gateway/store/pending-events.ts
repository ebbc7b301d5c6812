import type Database from "better-sqlite3";
import { z } from "zod";
import { deleteMeta, readMeta, writeMeta } from "./meta.ts";
import { type Commit, eventKinds, type GatewayEvent } from "./store.ts";

/** Events that wait for the first commit, because only a commit brings the clock mark that they need. */
const pendingKey = "pending-events";

interface Instant {
  readonly at: number;
  readonly mono: number;
}

type Pending = Pick<GatewayEvent, "kind" | "body">;

const pendingSchema = z.array(
  z.object({ kind: z.enum(eventKinds), body: z.record(z.string(), z.unknown()) }),
);

/** Says in a database what happened to it; the next commit makes an event of it. */
export function leaveEvent(db: Database.Database, event: Pending): void {
  writeMeta(db, pendingKey, JSON.stringify([...readPending(db), event]));
}

export function readPending(db: Database.Database): readonly Pending[] {
  return pendingSchema.parse(JSON.parse(readMeta(db, pendingKey) ?? "[]"));
}

export function clearPending(db: Database.Database): void {
  deleteMeta(db, pendingKey);
}

/** What waited, at the time of the commit's first event; one without events tells the time by its samples. */
export function atTimeOf(pending: readonly Pending[], commit: Commit): readonly GatewayEvent[] {
  const { at, mono } = instantOf(commit);
  return pending.map(({ kind, body }) => ({ kind, at, mono, body }));
}

/** When a commit is, as far as its rows say. */
export function instantOf({ events, samples, clock }: Commit): Instant {
  const [first] = events;
  if (first !== undefined) return first;
  const at = samples.at(-1)?.sampledAt ?? 0;
  return { at, mono: at - clock.offsetMs };
}
