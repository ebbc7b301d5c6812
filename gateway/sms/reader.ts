/** What a modem says: whole lines, and the prompt after which it takes a text. */
export type Piece = { readonly is: "line"; readonly text: string } | { readonly is: "prompt" };

/** Four times the longest answer that is waited for, an echoed text with its number. A longer line is noise and dropped to its end. */
export const lineBytesMax = 2_048;

const lineFeed = 10;
const carriageReturn = 13;
const space = 32;
const greaterThan = 62;
const lastPrintable = 126;

/**
 * Cuts a modem's bytes into lines; however they are cut into chunks, the lines are the same. The prompt `> ` ends
 * with no line end, and some firmware leaves out its space: it is told by its first byte, which begins no other line.
 */
export class LineReader {
  #line = "";
  #isTooLong = false;

  push(chunk: Uint8Array): readonly Piece[] {
    const pieces: Piece[] = [];
    for (const byte of chunk) {
      const piece = this.#take(byte);
      if (piece !== undefined) pieces.push(piece);
    }
    return pieces;
  }

  #take(byte: number): Piece | undefined {
    // Also the one that belongs to a prompt.
    if (byte === space && this.#line === "") return undefined;
    if (byte === lineFeed || byte === carriageReturn) return this.#end();
    // A line that is just being powered up or runs at another rate says such bytes.
    if (byte < space || byte > lastPrintable) return undefined;
    if (byte === greaterThan && this.#line === "") return { is: "prompt" };
    if (this.#line.length >= lineBytesMax) this.#isTooLong = true;
    else this.#line += String.fromCharCode(byte);
    return undefined;
  }

  #end(): Piece | undefined {
    const text = this.#line.trim();
    const isLine = text !== "" && !this.#isTooLong;
    this.#line = "";
    this.#isTooLong = false;
    return isLine ? { is: "line", text } : undefined;
  }
}
