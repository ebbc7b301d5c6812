import type { Sample } from "../../drivers/contract.ts";
import { chainEvents } from "./chain.ts";
import { type Packed, packPayload } from "./chunk.ts";
import { encodeEvents, encodeSamples, eventRowsMax } from "./columns.ts";
import { storableEvent } from "./storable.ts";
import type { ClockMark, GatewayEvent } from "./store.ts";

/** A chunk that has its place in the lane and waits for its transaction. */
export interface NewChunk extends Packed {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly clock: ClockMark;
  readonly firstAt: number;
  readonly lastAt: number;
  /** As `Chunk.shiftMs`; `firstAt` and `lastAt` have it in them. */
  readonly shiftMs?: number;
  /** As `Chunk.kept`. */
  readonly kept?: readonly number[];
}

export interface NewEventChunk extends NewChunk {
  readonly chainBefore: string;
  readonly chainAfter: string;
}

/** Cuts rows into chunks of at most `rowsMax`, and further until each fits the payload's limit. */
export function packSamples(
  samples: readonly Sample[],
  clock: ClockMark,
  firstSeq: number,
  rowsMax: number,
  pack: (samples: readonly Sample[]) => Packed | undefined = packPlain,
): NewChunk[] {
  if (samples.length === 0) return [];
  const packed = samples.length <= rowsMax ? pack(samples) : undefined;
  if (packed !== undefined)
    return [{ ...packed, ...span(samples.map(sampledAt), clock, firstSeq) }];
  const cut = samples.length > rowsMax ? rowsMax : Math.ceil(samples.length / 2);
  return [
    ...packSamples(samples.slice(0, cut), clock, firstSeq, rowsMax, pack),
    ...packSamples(samples.slice(cut), clock, firstSeq + cut, rowsMax, pack),
  ];
}

function packPlain(samples: readonly Sample[]): Packed | undefined {
  return packPayload(encodeSamples(samples));
}

/** As `packSamples`, and follows the chain from `chainBefore`. */
export function packEvents(
  events: readonly GatewayEvent[],
  clock: ClockMark,
  firstSeq: number,
  chainBefore: string,
): NewEventChunk[] {
  if (events.length === 0) return [];
  const plain = events.length <= eventRowsMax ? events.map(storableEvent) : undefined;
  const packed = plain === undefined ? undefined : packPayload(encodeEvents(plain));
  if (plain !== undefined && packed !== undefined) {
    const chainAfter = chainEvents(chainBefore, firstSeq, plain);
    const times = plain.map(({ at }) => at);
    return [{ ...packed, ...span(times, clock, firstSeq), chainBefore, chainAfter }];
  }
  const cut = plain === undefined ? eventRowsMax : Math.ceil(events.length / 2);
  const head = packEvents(events.slice(0, cut), clock, firstSeq, chainBefore);
  const chain = head.at(-1)?.chainAfter ?? chainBefore;
  return [...head, ...packEvents(events.slice(cut), clock, firstSeq + cut, chain)];
}

function sampledAt(sample: Sample): number {
  return sample.sampledAt;
}

function span(times: readonly number[], clock: ClockMark, firstSeq: number) {
  let firstAt = Number.POSITIVE_INFINITY;
  let lastAt = Number.NEGATIVE_INFINITY;
  for (const time of times) {
    if (time < firstAt) firstAt = time;
    if (time > lastAt) lastAt = time;
  }
  return { firstSeq, lastSeq: firstSeq + times.length - 1, clock, firstAt, lastAt };
}
