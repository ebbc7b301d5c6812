import type { AuditDraft, AuditEntry } from "../audit/entry.ts";
import type { MovementView } from "../panel/stock-api.ts";
import { balancesIn } from "../stock/ledger/stock-book.ts";
import type { Movement } from "../stock/movement.ts";
import { chainEvents } from "./chain.ts";
import { readEvents } from "./chunk.ts";
import type { LogWriter } from "./log-writer.ts";
import type { Lane } from "./store.ts";

/** Chunks that one look takes from the memory store. */
const chunksPerRead = 100;

/**
 * Writes what the memory store gathered behind what the disk has, in one transaction. Contents and hashes stay; rows
 * get sequence numbers of the disk's epoch, events and audit entries their place in its chains.
 * @param deleted state keys that were deleted in memory, which knew nothing of the disk's.
 */
export function carryOver(from: LogWriter, to: LogWriter, deleted: Iterable<string>): void {
  const state = new Map<string, unknown>([...deleted].map((key) => [key, undefined]));
  for (const [key, value] of from.state.read("")) state.set(key, value);
  to.together(() => {
    let { events, samples, chain } = to.heads;
    for (const chunk of chunks(from, "events")) {
      const rows = readEvents(chunk);
      const chainBefore = chain;
      chain = chainEvents(chain, events + 1, rows);
      const lastSeq = events + rows.length;
      to.log.addEvents({ ...chunk, firstSeq: events + 1, lastSeq, chainBefore, chainAfter: chain });
      events = lastSeq;
    }
    for (const chunk of chunks(from, "samples")) {
      const lastSeq = samples + chunk.lastSeq - chunk.firstSeq + 1;
      to.log.addSamples({ ...chunk, firstSeq: samples + 1, lastSeq }, false);
      samples = lastSeq;
    }
    for (const movement of from.movements.all()) {
      if (!("unreadable" in movement)) to.movements.append([withoutSeq(movement)]);
    }
    to.state.write(state);
    to.movements.open(balancesIn(state));
    to.audit.append([...from.audit.entries()].map(draftOf));
  });
}

function withoutSeq({ seq: _, ...movement }: MovementView): Movement {
  return movement;
}

function draftOf({ ts, actor, action, data }: AuditEntry): AuditDraft {
  return { at: Date.parse(ts), actor, action, data };
}

function* chunks({ log }: LogWriter, lane: Lane) {
  let after = 0;
  for (;;) {
    const spans = log.spans(lane, after, chunksPerRead);
    for (const { firstSeq } of spans) {
      const chunk = log.chunk(lane, firstSeq);
      if (chunk !== undefined) yield chunk;
      after = firstSeq;
    }
    if (spans.length < chunksPerRead) return;
  }
}
