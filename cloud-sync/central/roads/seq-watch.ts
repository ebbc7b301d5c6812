import type { MonotonicMs } from "../../../drivers/contract.ts";

/** How often a node is asked to introduce itself again: a birth of a large gateway is some hundred messages. */
const rebirthMs = 10_000;

/** Nodes that are watched; others are taken as they come. */
const nodesMax = 20_000;

interface Watched {
  next: number | undefined;
  askedAt: MonotonicMs | undefined;
}

/** Follows the sequence numbers of edge nodes, 0 to 255 and round again. [tck-id-payloads-sequence-num-incrementing] */
export class SeqWatch {
  readonly #nodes = new Map<string, Watched>();

  /** True: messages were lost or the node was never introduced, and it is to be asked for its births. */
  heard(node: string, type: string, seq: number | undefined, now: MonotonicMs): boolean {
    const watched = this.#nodes.get(node);
    if (type === "NDEATH") {
      if (watched !== undefined) watched.next = undefined;
      return false;
    }
    if (watched === undefined && this.#nodes.size >= nodesMax) return false;
    const { next, askedAt } = watched ?? { next: undefined, askedAt: undefined };
    const isRight = type === "NBIRTH" || (next !== undefined && seq === next);
    const asks = !isRight && (askedAt === undefined || now - askedAt >= rebirthMs);
    this.#nodes.set(node, {
      // Out of step until the next birth, and yet each message is counted on from the last.
      next:
        type === "NBIRTH" || next !== undefined
          ? seq === undefined
            ? next
            : (seq + 1) % 256
          : undefined,
      askedAt: asks ? now : askedAt,
    });
    return asks;
  }
}
