import { type AuditEntry, type AuditHead, emptyTrail, hashEntry } from "./entry.ts";

/**
 * What is wrong with a trail.
 * `altered`: the entry's content does not fit its hash. `removed`: entries before it are missing. `tail-missing`: the
 * trail ends before an anchor that somebody else kept. `anchor-mismatch`: the entry fits its trail, but not the
 * anchor: everything up to it was written anew.
 */
export type AuditDamage = "altered" | "removed" | "tail-missing" | "anchor-mismatch";

export type AuditVerdict =
  | { readonly ok: true; readonly head: AuditHead }
  | { readonly ok: false; readonly seq: number; readonly damage: AuditDamage };

/**
 * Looks for the first bad entry. Without anchors a trail that lost its end, or was written anew as a whole, looks well:
 * only what somebody else kept of it can tell.
 * @param entries in the order of the trail, from its first.
 * @param anchors heads that somebody else kept, for example central, in any order.
 */
export function verifyTrail(
  entries: Iterable<AuditEntry>,
  anchors: readonly AuditHead[] = [],
): AuditVerdict {
  return verifyFrom(emptyTrail, entries, anchors);
}

/** As `verifyTrail`, of the entries that follow one that is known to be good. */
export function verifyFrom(
  start: AuditHead,
  entries: Iterable<AuditEntry>,
  anchors: readonly AuditHead[] = [],
): AuditVerdict {
  const expected = new Map(anchors.map(({ seq, hash }) => [seq, hash]));
  let head = start;
  for (const entry of entries) {
    const { seq, hash } = entry;
    if (seq !== head.seq + 1) return { ok: false, seq, damage: "removed" };
    if (hashEntry(head.hash, entry) !== hash) return { ok: false, seq, damage: "altered" };
    if ((expected.get(seq) ?? hash) !== hash) return { ok: false, seq, damage: "anchor-mismatch" };
    head = { seq, hash };
  }
  const furthest = Math.max(0, ...anchors.map(({ seq }) => seq));
  if (furthest > head.seq) return { ok: false, seq: head.seq + 1, damage: "tail-missing" };
  return { ok: true, head };
}
