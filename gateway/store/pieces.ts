/** Work that is cut: behind each piece is a place to leave the processor to others. Nothing is half done there. */
export type Pieces<Result> = Generator<undefined, Result, undefined>;

/** All pieces in a row, for whoever cannot wait. */
export function finished<Result>(pieces: Pieces<Result>): Result {
  for (;;) {
    const piece = pieces.next();
    if (piece.done === true) return piece.value;
  }
}
