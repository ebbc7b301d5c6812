import type { EpochMs } from "../../drivers/contract.ts";

/** Gaps that are listed of one point. Beyond it they count in the coverage, and the report says how many more there are. */
export const gapsMax = 500;

/** Reasons that one gap names at most. */
const reasonsMax = 4;

/** A time without a known value. */
export interface Gap {
  readonly from: EpochMs;
  readonly to: EpochMs;
  /** What the readings said, in short words; empty: silence. */
  readonly reasons: readonly string[];
}

interface Piece {
  readonly from: EpochMs;
  readonly to: EpochMs;
  readonly reason: string;
  /** Whether a reading said so; else there was silence. */
  readonly told: boolean;
}

/** Gaps in order of time; pieces that touch are one, but for the time out of service. */
export class GapList {
  readonly list: Gap[] = [];
  unlisted = 0;

  add({ from, to, reason, told }: Piece): void {
    const last = this.list.at(-1);
    const reasons = told && reason !== "" ? [reason] : [];
    if (last !== undefined && last.to === from && isPause(last.reasons) === isPause(reasons)) {
      const all = [...new Set([...last.reasons, ...reasons])].slice(0, reasonsMax);
      this.list[this.list.length - 1] = { from: last.from, to, reasons: all };
      return;
    }
    if (this.list.length < gapsMax) this.list.push({ from, to, reasons });
    else this.unlisted += 1;
  }
}

function isPause(reasons: readonly string[]): boolean {
  return reasons.includes("out-of-service");
}
