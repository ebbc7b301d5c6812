import type { EpochMs } from "../../../drivers/contract.ts";

/** What the tags tell. `pieces` of all tags of one item and lot together. */
export type TagEvent =
  | {
      readonly is: "arrived" | "left";
      readonly location: string;
      readonly item: string;
      readonly lot?: string;
      readonly pieces: number;
      readonly tags: readonly string[];
      readonly at: EpochMs;
      /** Nobody watched since then; absent: seen as it happened. */
      readonly since?: EpochMs;
      /** It went from one location to another: told of both at once, each with the other. */
      readonly partner?: string;
      /** Of the first set that was ever seen here: it was there before, and is a count rather than a movement. */
      readonly first?: true;
    }
  /** Through a gate, by the order of its antennas. */
  | {
      readonly is: "passed";
      /** The gate. */
      readonly gate?: string;
      readonly direction: "in" | "out";
      /** Whose stock it leaves; absent: nobody's, it is from outside or was told as `left` before. */
      readonly from?: string;
      /** Whose stock it enters; absent: nobody's. */
      readonly to?: string;
      readonly item: string;
      readonly lot?: string;
      readonly pieces: number;
      readonly tags: readonly string[];
      readonly at: EpochMs;
    }
  | {
      /** Seen where its item does not belong; not seen anywhere any more though the ledger says it is there. */
      readonly is: "misplaced" | "missing" | "found";
      readonly location: string;
      readonly home: string;
      readonly item: string;
      readonly lot?: string;
      readonly tags: readonly string[];
      readonly at: EpochMs;
      /** Of `found`: what was told before, where, and how many tags of the same item and lot still are so there. */
      readonly was?: {
        readonly is: "misplaced" | "missing";
        readonly location: string;
        readonly remaining: number;
      };
    }
  /** EPCs that no item claims. */
  | {
      readonly is: "unknown";
      readonly location: string;
      readonly tags: readonly string[];
      readonly at: EpochMs;
    };
