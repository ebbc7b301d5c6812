import type { EpochMs } from "../../../drivers/contract.ts";
import type { Evidence } from "../movement.ts";

interface At {
  readonly location: string;
  readonly item: string;
  readonly at: EpochMs;
  readonly by: Evidence["by"];
  /** Identity of the movement that tells of it. */
  readonly movement: string;
}

/** Pieces of a lot were picked while a good lot was there that expires earlier. */
interface LotOrder {
  readonly is: "lotOrder";
  readonly lot: string;
  readonly expires?: string;
  readonly earlier: { readonly lot: string; readonly expires: string };
  readonly quantity: number;
}

/** Pieces were picked from a lot that is expired or held. */
interface LockedPick {
  readonly is: "lockedPick";
  readonly lot?: string;
  readonly why: "expired" | "held";
  readonly expires?: string;
  /** What holds it. */
  readonly cause?: string;
  readonly quantity: number;
}

/** More went than the ledger had. */
interface Unexplained {
  readonly is: "unexplained";
  readonly lot?: string;
  /** By the ledger before. */
  readonly onHand: number;
  /** That went. */
  readonly quantity: number;
  readonly missing: number;
}

/** A count found another quantity than the ledger had. */
interface Counted {
  readonly is: "counted";
  readonly lot?: string;
  readonly expected: number;
  readonly counted: number;
}

export type LedgerFinding = LotOrder | LockedPick | Unexplained | Counted;

/** What a booking shows besides the stock that it changes. */
export type LedgerFact = At & LedgerFinding;
