import type { SyncView } from "../api.ts";

export type SyncState = "alone" | "up-to-date" | "sending" | "waiting" | "offline";

/** A row younger than this is on its way as usual: rows are stored in batches every 10 s or so and then sent. */
const usualDelayMs = 60_000;

/** The agent speaks to central at least this often when it can. */
const contactMsMax = 120_000;

/** How the way to central is, in one word; working as it should must never look like trouble. */
export function syncState(sync: SyncView, now: number): SyncState {
  if (!sync.configured) return "alone";
  if (sync.lastContactAt === undefined) return sync.problem === undefined ? "waiting" : "offline";
  const quietMs = now - sync.lastContactAt;
  const oldest = Object.values(sync.lanes)
    .map((lane) => (lane.backlog > 0 ? lane.oldestAt : undefined))
    .filter((at) => at !== undefined);
  const late = oldest.some((at) => now - at > usualDelayMs);
  if (sync.problem !== undefined || (late && quietMs > contactMsMax)) return "offline";
  return late ? "sending" : "up-to-date";
}
