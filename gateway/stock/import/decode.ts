/** How a file's bytes are read as text. */
export type Encoding = "utf-8" | "utf-16le" | "utf-16be" | "gb18030";

/**
 * Bytes from the first that is not ASCII on which UTF-8 is told from GB 18030: Chinese text of a few dozen characters is
 * never valid UTF-8 when it is GBK; more would only be held in memory.
 */
export const sniffBytesMax = 65_536;

const boms: readonly (readonly [Encoding, readonly number[]])[] = [
  ["gb18030", [0x84, 0x31, 0x95, 0x33]],
  ["utf-8", [0xef, 0xbb, 0xbf]],
  ["utf-16le", [0xff, 0xfe]],
  ["utf-16be", [0xfe, 0xff]],
];

/** First bytes of a zip file, which every .xlsx is, and of an old .xls. */
const workbooks: readonly (readonly number[])[] = [
  [0x50, 0x4b, 0x03, 0x04],
  [0xd0, 0xcf, 0x11, 0xe0],
];

/** Whether a file that begins so is a spreadsheet and no text. */
export function isWorkbook(head: Uint8Array): boolean {
  return workbooks.some((mark) => startsWith(head, mark));
}

function startsWith(bytes: Uint8Array, mark: readonly number[]): boolean {
  return mark.every((byte, at) => bytes[at] === byte);
}

/**
 * Bytes -> text, piece by piece. Without a byte order mark, and also behind that of UTF-8, which some programs put
 * before GBK, the first characters beyond ASCII decide; until they come both encodings are the same. What is no
 * character becomes U+FFFD.
 */
export class Decoder {
  #waiting: Buffer = Buffer.alloc(0);
  #started = false;
  #decoder: TextDecoder | undefined;
  #encoding: Encoding = "utf-8";

  get encoding(): Encoding {
    return this.#encoding;
  }

  /** `isLast`: nothing follows. */
  decode(bytes: Uint8Array, isLast: boolean): string {
    if (this.#decoder !== undefined) return this.#decoder.decode(bytes, { stream: !isLast });
    const all = Buffer.concat([this.#waiting, bytes]);
    const rest = this.#started ? all : this.#start(all, isLast);
    if (rest === undefined) return "";
    return this.#decide(rest, isLast);
  }

  /** Takes the mark off; undefined: too little is there to see one. */
  #start(all: Buffer, isLast: boolean): Buffer | undefined {
    if (all.length < 4 && !isLast) {
      this.#waiting = all;
      return undefined;
    }
    this.#started = true;
    const [encoding, mark] = boms.find(([, bytes]) => startsWith(all, bytes)) ?? [];
    if (mark === undefined) {
      if (all[1] === 0 && all[0] !== 0 && all.length >= 4) this.#use("utf-16le");
      return all;
    }
    if (encoding !== undefined && encoding !== "utf-8") this.#use(encoding);
    return all.subarray(mark.length);
  }

  #use(encoding: Encoding): TextDecoder {
    this.#encoding = encoding;
    this.#decoder = new TextDecoder(encoding, { ignoreBOM: true });
    return this.#decoder;
  }

  #decide(rest: Buffer, isLast: boolean): string {
    if (this.#decoder !== undefined) return this.#decoder.decode(rest, { stream: !isLast });
    const foreign = rest.findIndex((byte) => byte >= 0x80);
    if (foreign === -1) {
      this.#waiting = Buffer.alloc(0);
      return rest.toString("latin1");
    }
    const seen = rest.subarray(foreign);
    if (!isLast && seen.length < sniffBytesMax) {
      this.#waiting = seen;
      return rest.subarray(0, foreign).toString("latin1");
    }
    this.#waiting = Buffer.alloc(0);
    const decoder = this.#use(isUtf8(seen) ? "utf-8" : "gb18030");
    return decoder.decode(rest, { stream: !isLast });
  }
}

/** UTF-8 with a few spoiled bytes is still that: GBK read as UTF-8 has hardly a character that is whole. */
function isUtf8(bytes: Uint8Array): boolean {
  const text = new TextDecoder("utf-8").decode(bytes.subarray(0, sniffBytesMax), { stream: true });
  const spoiled = text.split("\uFFFD").length - 1;
  const whole = text.match(/[^\0-\x7f\uFFFD]/gu)?.length ?? 0;
  return spoiled === 0 || whole > 4 * spoiled;
}
