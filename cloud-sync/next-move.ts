import type { Lane } from "../gateway/store/store.ts";

/** Batches of events in a row after which one of samples goes: neither lane starves the other. */
export const eventBatchesMax = 8;

/** How often an agent that has nothing to send looks for new rows: an alarm is at central within two seconds. */
export const pollMs = 1_000;

/** What the agent knows when it chooses. Times are of the monotonic clock. */
export interface Outlook {
  readonly now: number;
  /** When central is to be greeted; undefined: at once, for the connection or the epoch is another. */
  readonly helloAt: number | undefined;
  readonly waiting: Readonly<Record<Lane, boolean>>;
  readonly eventBatches: number;
  /** When a snapshot is due, and whether it is the one that comes before all else; undefined: none is. */
  readonly snapshot: { readonly at: number; readonly first: boolean } | undefined;
  /** Not before then, by the rate that central asked for. */
  readonly samplesAt: number;
}

export type Move =
  | { readonly do: "hello" }
  | { readonly do: "snapshot" }
  | { readonly do: "send"; readonly lane: Lane }
  | { readonly do: "wait"; readonly ms: number };

/** One request, or how long to wait: hello, first snapshot, events, snapshot, samples. */
export function nextMove(outlook: Outlook): Move {
  const { now, helloAt, waiting, eventBatches, snapshot, samplesAt } = outlook;
  if (helloAt === undefined || now >= helloAt) return { do: "hello" };
  const snapshotDue = snapshot !== undefined && now >= snapshot.at;
  if (snapshotDue && snapshot.first) return { do: "snapshot" };
  const samplesGo = waiting.samples && now >= samplesAt;
  const samplesTurn = samplesGo && eventBatches >= eventBatchesMax;
  if (waiting.events && !samplesTurn) return { do: "send", lane: "events" };
  if (snapshotDue) return { do: "snapshot" };
  if (samplesGo) return { do: "send", lane: "samples" };
  const held = waiting.samples ? samplesAt - now : pollMs;
  const until = [pollMs, held, helloAt - now, (snapshot?.at ?? helloAt) - now];
  return { do: "wait", ms: Math.max(1, Math.min(...until)) };
}
