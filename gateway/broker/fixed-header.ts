/** Length bytes that a fixed header may have. [MQTT-2.2.3] */
const lengthBytesMax = 4;

export type HeaderStep =
  /** The header goes on in the next bytes. */
  | { readonly is: "more" }
  /** `offset` is behind the header; `length` bytes of the packet follow it. */
  | {
      readonly is: "header";
      readonly offset: number;
      readonly type: number;
      readonly length: number;
    }
  | { readonly is: "malformed" };

/** Reads only fixed headers from an MQTT byte stream, in whatever pieces it comes. Keeps no bytes. */
export class HeaderReader {
  #bodyLeft = 0;
  #type: number | undefined;
  #length = 0;
  #lengthBytes = 0;

  /** Bytes of the present packet that are still to come. */
  get bodyLeft(): number {
    return this.#bodyLeft;
  }

  /** Goes over what `bytes` holds of the present packet; returns the offset behind it. */
  skipBody(bytes: Uint8Array, offset: number): number {
    const skipped = Math.min(this.#bodyLeft, bytes.length - offset);
    this.#bodyLeft -= skipped;
    return offset + skipped;
  }

  /** Reads a fixed header at `offset`, where no body may be left. */
  readHeader(bytes: Uint8Array, offset: number): HeaderStep {
    for (let at = offset; at < bytes.length; at += 1) {
      const byte = bytes[at] ?? 0;
      if (this.#type === undefined) {
        this.#type = byte >> 4;
        continue;
      }
      this.#length += (byte & 0x7f) * 128 ** this.#lengthBytes;
      this.#lengthBytes += 1;
      if ((byte & 0x80) === 0) return this.#complete(this.#type, at + 1);
      if (this.#lengthBytes === lengthBytesMax) return { is: "malformed" };
    }
    return { is: "more" };
  }

  #complete(type: number, offset: number): HeaderStep {
    const length = this.#length;
    this.#bodyLeft = length;
    this.#type = undefined;
    this.#length = 0;
    this.#lengthBytes = 0;
    return { is: "header", offset, type, length };
  }
}
