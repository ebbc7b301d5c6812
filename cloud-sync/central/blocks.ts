import { type Batch, batchRowsLimit, type Refusal } from "../protocol.ts";

type SentBlock = Batch["blocks"][number];

/** Rows of one clock, for the numbers `firstSeq` to `lastSeq`. */
export interface Block<T> {
  readonly firstSeq: number;
  readonly lastSeq: number;
  readonly clock: SentBlock["clock"];
  readonly rows: readonly T[];
  /** Place of each row among the numbers, from 0; absent: every number has its row. */
  readonly kept?: readonly number[];
}

/** The number of a block's row. */
export function seqOf({ firstSeq, kept }: Block<unknown>, index: number): number {
  return firstSeq + (kept === undefined ? index : (kept[index] ?? index));
}

/** The rows of every block, numbered; refused unless they are exactly `firstSeq` to `lastSeq`. */
export function readBlocks<T>(
  batch: Batch,
  decode: (columns: unknown) => readonly T[],
): readonly Block<T>[] | { readonly refusal: Refusal } {
  const blocks: Block<T>[] = [];
  let next = batch.firstSeq;
  let rowCount = 0;
  for (const sent of batch.blocks) {
    const rows = decode(sent.columns);
    rowCount += rows.length;
    if (rowCount > batchRowsLimit) {
      return { refusal: { code: "too-large", message: `more than ${batchRowsLimit} rows` } };
    }
    const places = placesOf(batch, sent, rows.length);
    if (typeof places === "string") return { refusal: { code: "bad-batch", message: places } };
    if (places.count === 0) continue;
    const lastSeq = next + places.count - 1;
    const { kept } = places;
    blocks.push({
      ...{ firstSeq: next, lastSeq, clock: sent.clock, rows },
      ...(kept !== undefined && { kept }),
    });
    next = lastSeq + 1;
  }
  if (next - 1 === batch.lastSeq && next > batch.firstSeq) return blocks;
  const message = `rows ${batch.firstSeq} to ${batch.lastSeq} were named, but ${next - batch.firstSeq} came`;
  return { refusal: { code: "bad-batch", message } };
}

/** How many numbers a block covers and where its rows are among them, or what is wrong with that. */
function placesOf(
  { lane }: Batch,
  { thinned }: SentBlock,
  rows: number,
): { readonly count: number; readonly kept?: readonly number[] } | string {
  if (thinned === undefined) return { count: rows };
  if (lane === "events") return "events are never thinned out";
  const { count, kept } = thinned;
  if (kept.length !== rows) return `${kept.length} places were named for ${rows} rows`;
  const rises = kept.every((place, index) => place > (kept[index - 1] ?? -1));
  if (!rises || (kept.at(-1) ?? 0) >= count) return "the places of rows do not rise within a block";
  return { count, kept };
}

/** Rows of table `block` for what lies behind the mark; neighbours of one clock are one. */
export function blockRows(blocks: readonly Block<unknown>[], mark: number) {
  return blocks
    .map(({ firstSeq, lastSeq, clock }) => ({
      first_seq: Math.max(firstSeq, mark + 1),
      last_seq: lastSeq,
      boot: clock.boot,
      offset_ms: clock.offsetMs,
      quality: clock.quality,
    }))
    .filter((block) => block.last_seq >= block.first_seq);
}

/** Rows of table `gap` for the numbers behind the mark that were thinned out. */
export function thinnedGaps(blocks: readonly Block<unknown>[], mark: number) {
  return blocks.flatMap((block) => {
    const { firstSeq, lastSeq, kept } = block;
    const from = Math.max(firstSeq, mark + 1);
    if (kept === undefined || lastSeq < from) return [];
    const there = kept.filter((place) => firstSeq + place >= from).length;
    const missing = lastSeq - from + 1 - there;
    return missing === 0
      ? []
      : [{ first_seq: from, last_seq: lastSeq, reason: "thinned", missing }];
  });
}
