import type { AuditEntry } from "./entry.ts";

/** Entries that one search looks at: reading them takes some milliseconds, in which no alarm is evaluated. */
export const auditSearchedMax = 10_000;

/** What to look for; what is absent fits all. */
export interface AuditSearch {
  /** Only entries with a lower number. */
  readonly before?: number | undefined;
  /** Part of who did it, to the letter. */
  readonly actor?: string | undefined;
  /** How the action begins: `alarm.`, `user-`, or one whole. */
  readonly action?: string | undefined;
  /** First and last time, ISO 8601, UTC. */
  readonly from?: string | undefined;
  readonly to?: string | undefined;
  readonly limit: number;
}

export interface AuditPage {
  /** The newest first. */
  readonly entries: readonly AuditEntry[];
  /** Where to go on with `before`; absent at the trail's beginning. Entries may be few or none although there are more. */
  readonly next?: number | undefined;
}
