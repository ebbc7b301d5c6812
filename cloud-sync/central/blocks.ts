import { type Batch, batchRowsMax, type Refusal } from "../protocol.ts";

type Clock = Batch["blocks"][number]["clock"];

/** Rows of one clock; the first has the number `firstSeq`. */
export interface Block<T> {
  readonly firstSeq: number;
  readonly clock: Clock;
  readonly rows: readonly T[];
}

/** The rows of every block, numbered; refused unless they are exactly `firstSeq` to `lastSeq`. */
export function readBlocks<T>(
  batch: Batch,
  decode: (columns: unknown) => readonly T[],
): readonly Block<T>[] | { readonly refusal: Refusal } {
  const blocks: Block<T>[] = [];
  let next = batch.firstSeq;
  for (const { clock, columns } of batch.blocks) {
    const rows = decode(columns);
    blocks.push({ firstSeq: next, clock, rows });
    next += rows.length;
    if (next - batch.firstSeq > batchRowsMax) {
      const message = `more than ${batchRowsMax} rows in a batch`;
      return { refusal: { code: "too-large", message } };
    }
  }
  if (next - 1 === batch.lastSeq && next > batch.firstSeq) return blocks;
  const message = `rows ${batch.firstSeq} to ${batch.lastSeq} were named, but ${next - batch.firstSeq} came`;
  return { refusal: { code: "bad-batch", message } };
}

/** Rows of table `block` for what lies behind the mark. */
export function blockRows(blocks: readonly Block<unknown>[], mark: number) {
  return blocks
    .map(({ firstSeq, clock, rows }) => ({
      first_seq: Math.max(firstSeq, mark + 1),
      last_seq: firstSeq + rows.length - 1,
      boot: clock.boot,
      offset_ms: clock.offsetMs,
      quality: clock.quality,
    }))
    .filter((block) => block.last_seq >= block.first_seq);
}
