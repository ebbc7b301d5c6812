import type { SyncDetail } from "../../sync-api.ts";
import { isRecord } from "../merge.ts";

/** The gateway's answer, as far as its form is looked at; what has not its form counts as not there. */
export function syncDetailOf(body: unknown): SyncDetail | undefined {
  return isSyncDetail(body) ? body : undefined;
}

function isSyncDetail(value: unknown): value is SyncDetail {
  if (!isRecord(value)) return false;
  const { lanes, clock, store, backup, epochs, roads } = value;
  return (
    [lanes, clock, store, backup].every(isRecord) && Array.isArray(epochs) && Array.isArray(roads)
  );
}
