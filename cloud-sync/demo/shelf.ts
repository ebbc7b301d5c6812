/** A shelf on a scale from which vials are taken until somebody fills it up. */

export interface Shelf {
  readonly pieces: number;
  /** Somebody's hand is in it. */
  readonly moving: boolean;
}

/** Weight of one vial in its box. */
export const pieceGrams = 84.2;

/** Few at the start, so that whoever starts the demo sees it run low within a minute. */
const piecesAt = { start: 18, full: 40, left: 3 };

const pickEveryS = 4;

/** How long an almost empty shelf waits to be filled up. */
const refillAfterS = 30;

/** What stands on it `second` seconds after the start. */
export function shelfAt(second: number): Shelf {
  const firstS = turnS(piecesAt.start);
  if (second < firstS) return shelfOf(piecesAt.start, second);
  return shelfOf(piecesAt.full, (second - firstS) % turnS(piecesAt.full));
}

/** From full to filled up again. */
function turnS(pieces: number): number {
  return (pieces - piecesAt.left) * pickEveryS + refillAfterS;
}

function shelfOf(pieces: number, second: number): Shelf {
  const taken = Math.min(Math.floor(second / pickEveryS), pieces - piecesAt.left);
  const isPicked = taken < pieces - piecesAt.left && second % pickEveryS === pickEveryS - 1;
  return { pieces: pieces - taken, moving: isPicked };
}
