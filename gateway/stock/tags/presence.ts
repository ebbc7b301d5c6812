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
    }
  /** Through a gate, by the order of its antennas. */
  | {
      readonly is: "passed";
      readonly direction: "in" | "out";
      readonly from?: string;
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
    }
  /** EPCs that no item claims. */
  | {
      readonly is: "unknown";
      readonly location: string;
      readonly tags: readonly string[];
      readonly at: EpochMs;
    };
