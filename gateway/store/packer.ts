import { type Merged, mergePieces } from "./dense.ts";
import type { Pieces } from "./pieces.ts";
import { type Thinned, type ThinningPlace, thinPieces } from "./thin-oldest.ts";

/**
 * What one call takes before it leaves the rest to the next. One piece may still follow, of 1 to 3 ms here and four times as
 * much on a small machine, in the thread that lights the lamps.
 */
const packMsMax = 5;

type Outcome = Merged | Thinned | undefined;

/** `late`: there was no time to end it. */
export type Packed = Exclude<Outcome, undefined> | "late";

/** Merges samples, and thins them while bytes are wanted, piece by piece and by turns. */
export class Packer {
  readonly #place: ThinningPlace;
  readonly #rowsMax: number;
  readonly #monotonicMs: () => number;
  #underWay: Pieces<Outcome> | undefined;
  #bytesWanted = 0;
  #isThinningsTurn = true;

  constructor(place: ThinningPlace, rowsMax: number, monotonicMs: () => number) {
    this.#place = place;
    this.#rowsMax = rowsMax;
    this.#monotonicMs = monotonicMs;
  }

  /** Bytes that thinning is to free; 0: there is room. */
  want(bytes: number): void {
    this.#bytesWanted = Math.max(0, bytes);
  }

  /** One merge or one thinning at most. @throws as the database throws; what was under way is begun again. */
  step(): Packed {
    const end = this.#monotonicMs() + packMsMax;
    let isTurned = false;
    for (;;) {
      this.#underWay ??= this.#begun();
      const piece = this.#next(this.#underWay);
      if (piece.done === true) {
        this.#underWay = undefined;
        const outcome = this.#ended(piece.value);
        // Where one has nothing to do it is the other's turn.
        if (outcome !== "nothing" || isTurned) return outcome;
        isTurned = true;
      } else if (this.#monotonicMs() >= end) return "late";
    }
  }

  #begun(): Pieces<Outcome> {
    this.#isThinningsTurn = this.#bytesWanted > 0 && !this.#isThinningsTurn;
    return this.#isThinningsTurn
      ? thinPieces(this.#place)
      : mergePieces(this.#place.writer, this.#rowsMax);
  }

  #next(pieces: Pieces<Outcome>) {
    try {
      return pieces.next();
    } catch (error) {
      this.#underWay = undefined;
      throw error;
    }
  }

  #ended(outcome: Outcome): Exclude<Outcome, undefined> {
    if (outcome === undefined) {
      this.#bytesWanted = 0;
      return "nothing";
    }
    if (typeof outcome === "object" && "bytes" in outcome)
      this.want(this.#bytesWanted - outcome.bytes);
    return outcome;
  }
}
