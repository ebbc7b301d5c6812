import { createHash } from "node:crypto";
import type { SentEvent } from "./store.ts";

/** Hash before the first event of an epoch. */
export const genesis = "0".repeat(64);

/** JSON with sorted keys and no white space: the same text for the same content, whoever writes it. */
export function canonicalJson(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(",")}]`;
  if (typeof value !== "object" || value === null) return JSON.stringify(value) ?? "null";
  const members = Object.entries(value)
    .filter(([, member]) => member !== undefined)
    .sort(([left], [right]) => (left < right ? -1 : 1))
    .map(([key, member]) => `${JSON.stringify(key)}:${canonicalJson(member)}`);
  return `{${members.join(",")}}`;
}

/**
 * Hash after one event: SHA-256, hex, of the hash before it and the canonical JSON of `{at, body, kind, mono, seq}`.
 * Whoever changes, drops or reorders an event changes every later hash.
 * @param event plain JSON, as `readEvents` gives it.
 */
export function chainEvent(previous: string, seq: number, event: SentEvent): string {
  const { kind, at, mono, body } = event;
  return createHash("sha256")
    .update(previous)
    .update(canonicalJson({ seq, kind, at, mono, body }))
    .digest("hex");
}

/** Hash after a run of events, the first of which has `firstSeq`. */
export function chainEvents(
  previous: string,
  firstSeq: number,
  events: readonly SentEvent[],
): string {
  return events.reduce((hash, event, index) => chainEvent(hash, firstSeq + index, event), previous);
}
