import { lanes } from "../../gateway/store/store.ts";
import type { MadeBundle } from "./bundle-record.ts";
import type { Places } from "./letters.ts";

/** A last bundle that is smaller is written anew with what came since: else a day would make hundreds of them. */
const rewriteBytesMax = 1_048_576;

/** Where the next bundle begins, and which one it goes on from. */
export interface ExportPlan {
  readonly from: Places;
  readonly number: number;
  readonly after?: string | undefined;
}

/** Everything that central has not confirmed, whatever was exported before. */
export function planAnew(cursor: Places): ExportPlan {
  return { from: cursor, number: 1 };
}

/** Behind the last bundle that was made, wherever it went. */
export function planSinceLast(cursor: Places, made: readonly MadeBundle[]): ExportPlan {
  const last = made.at(-1);
  if (last === undefined || covers(cursor, last.to)) return planAnew(cursor);
  return { from: furthest(cursor, last.to), number: last.number + 1, after: last.name };
}

/**
 * What a folder lacks that holds these bundles already. Undefined: nothing. A small last one grows instead of getting a
 * neighbour.
 */
export function planFolder(
  cursor: Places,
  heads: Places,
  held: readonly MadeBundle[],
): ExportPlan | undefined {
  let at = cursor;
  let last: MadeBundle | undefined;
  for (;;) {
    const next = held.find(({ from, to }) => covers(at, from) && !covers(at, to));
    if (next === undefined) break;
    at = furthest(at, next.to);
    last = next;
  }
  if (covers(at, heads)) return undefined;
  if (last === undefined) return planAnew(cursor);
  if (last.bytes < rewriteBytesMax) {
    return { from: last.from, number: last.number, after: last.after };
  }
  return { from: at, number: last.number + 1, after: last.name };
}

/** One without rows: it asks for central's messages, and tells that the gateway lives. */
export function isQuestion({ from, to }: MadeBundle): boolean {
  return covers(from, to);
}

/** Whether all rows up to `to` are among those up to `at`. */
export function covers(at: Places, to: Places): boolean {
  return lanes.every((lane) => to[lane] <= at[lane]);
}

function furthest(one: Places, other: Places): Places {
  return {
    events: Math.max(one.events, other.events),
    samples: Math.max(one.samples, other.samples),
  };
}
