import { createHash } from "node:crypto";
import type { EpochMs } from "../../drivers/contract.ts";
import { canonicalJson, genesis } from "../store/chain.ts";

/** Characters of an entry's data as JSON: a long comment and its circumstances fit. What is longer is cut, and says so. */
export const auditDataCharsMax = 8_192;

/** What is to go on the audit trail. */
export interface AuditDraft {
  readonly at: EpochMs;
  /** Who did it: a user, `button device/point`, or `system`. */
  readonly actor: string;
  /** What was done: `alarm.acknowledged`, `user.login`, `gateway.boot`, ... */
  readonly action: string;
  /** Plain JSON. */
  readonly data: Readonly<Record<string, unknown>>;
}

/** One line of the trail. `hash` covers all before it. */
export interface AuditEntry {
  readonly seq: number;
  /** ISO 8601, UTC, milliseconds. */
  readonly ts: string;
  readonly actor: string;
  readonly action: string;
  readonly data: Readonly<Record<string, unknown>>;
  /** SHA-256, hex. */
  readonly hash: string;
}

/** Where a trail ends. Before the first entry: seq 0 and 64 zeros. */
export interface AuditHead {
  readonly seq: number;
  readonly hash: string;
}

export const emptyTrail: AuditHead = { seq: 0, hash: genesis };

/** SHA-256 of the hash before, followed by the canonical JSON of the entry without its hash. */
export function hashEntry(previous: string, entry: Omit<AuditEntry, "hash">): string {
  const { seq, ts, actor, action, data } = entry;
  return createHash("sha256")
    .update(previous)
    .update(canonicalJson({ action, actor, data, seq, ts }))
    .digest("hex");
}

/** The drafts as the entries that follow `head`. */
export function extendTrail(head: AuditHead, drafts: readonly AuditDraft[]): readonly AuditEntry[] {
  let { seq, hash } = head;
  return drafts.map(({ at, actor, action, data }) => {
    seq += 1;
    const entry = { seq, ts: isoTime(at), actor, action, data: bounded(data) };
    hash = hashEntry(hash, entry);
    return { ...entry, hash };
  });
}

/** A clock that was never set may say anything; a date has its limits. */
function isoTime(at: EpochMs): string {
  const date = new Date(at);
  return Number.isNaN(date.getTime()) ? new Date(0).toISOString() : date.toISOString();
}

/** As it will be read back from the database, and no longer than it may be. */
function bounded(data: AuditDraft["data"]): AuditDraft["data"] {
  const text = JSON.stringify(data);
  if (text.length > auditDataCharsMax) return { cut: text.slice(0, auditDataCharsMax) };
  return JSON.parse(text);
}
