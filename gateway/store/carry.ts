import type { AuditDraft, AuditEntry } from "../audit/entry.ts";
import type { MovementView } from "../panel/stock-api.ts";
import { exact } from "../stock/ledger/quantity.ts";
import { balanceKey, balancesIn } from "../stock/ledger/stock-book.ts";
import { type Balance, type Movement, stockKeys } from "../stock/movement.ts";
import { chainEvents } from "./chain.ts";
import { readEvents } from "./chunk.ts";
import type { Heads, LogWriter } from "./log-writer.ts";
import type { Lane, Store } from "./store.ts";

export interface Carried {
  /** State keys that were deleted in memory, which knew nothing of the disk's. */
  readonly deleted: Iterable<string>;
  /** The memory store began without the disk's state. */
  readonly blind: boolean;
}

/** Chunks that one look takes from the memory store. */
const chunksPerRead = 100;

/**
 * Writes what the memory store gathered behind what the disk has, in one transaction. Contents and hashes stay; rows
 * get sequence numbers of the disk's epoch, events and audit entries their place in its chains.
 */
export function carryOver(from: LogWriter, to: LogWriter, { deleted, blind }: Carried): void {
  const state = new Map<string, unknown>([...deleted].map((key) => [key, undefined]));
  for (const [key, value] of from.state.read("")) state.set(key, value);
  if (blind) keepOfDisk(state, from, to);
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

/** What was learnt over months, and what a blind start can only know a part of: the disk's stands where it has it. */
const learntPrefixes = [
  stockKeys.demand,
  stockKeys.outlook,
  stockKeys.proposal,
  stockKeys.consumption,
  stockKeys.delivery,
] as const;

/** Memory knew nothing of the disk: stock there is what the disk has and what moved since. */
function keepOfDisk(state: Map<string, unknown>, from: LogWriter, to: LogWriter): void {
  for (const prefix of learntPrefixes) {
    for (const key of to.state.read(prefix).keys()) state.delete(key);
  }
  const onDisk = new Map(
    balancesIn(to.state.read(stockKeys.balance)).map((balance) => [keyOf(balance), balance]),
  );
  const moved = new Map(from.movements.sums().map((sum) => [keyOf(sum), sum.quantity]));
  for (const balance of balancesIn(from.state.read(stockKeys.balance))) {
    const key = keyOf(balance);
    const before = onDisk.get(key);
    const quantity = exact((before?.quantity ?? 0) + (moved.get(key) ?? 0));
    state.set(key, { ...before, ...balance, quantity });
  }
}

function keyOf({ location, item, lot }: Pick<Balance, "location" | "item" | "lot">): string {
  return balanceKey(location, item, lot);
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

/** All state that a store can still give: nothing when it cannot be read. */
export function readableState(store: Pick<Store, "readState">): ReadonlyMap<string, unknown> {
  try {
    return store.readState("");
  } catch {
    return new Map();
  }
}

/** State that outlived its database. The stock in it has no movements here: it stands as sums. */
export function takeState(writer: LogWriter, state: ReadonlyMap<string, unknown>): void {
  writer.together(() => {
    writer.state.write(state);
    writer.movements.open(balancesIn(state));
  });
}

/** Rows of a commit that failed may come back with the log's recovery: nobody was told of them, so they go again. */
export function dropBehind(writer: LogWriter, heads: Heads): void {
  if (writer.head("events") <= heads.events && writer.head("samples") <= heads.samples) return;
  writer.together(() => writer.log.truncate(heads));
}
