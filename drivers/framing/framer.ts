/** One piece of a byte stream: a whole, checked frame, or bytes that belong to none and why. */
export type Framed =
  | { readonly ok: true; readonly bytes: Uint8Array }
  | { readonly ok: false; readonly bytes: Uint8Array; readonly reason: string };

/** Cuts a byte stream into frames. Pure: no clock, no port. However the stream is cut into chunks, the frames are the same. */
export interface Framer {
  push(chunk: Uint8Array): readonly Framed[];
  /** The line has been silent for longer than a frame may pause: what has begun will not be completed. */
  idle(): readonly Framed[];
}

/** What stands at the beginning of some bytes (never empty). */
export type Look =
  /** A whole frame of that many bytes; its check is right. */
  | { readonly is: "frame"; readonly length: number }
  /** May become a frame when more bytes come. */
  | {
      readonly is: "more";
      /** What is wrong with it if no more come; that it is cut off unless told. */
      readonly reason?: string;
    }
  /** No frame begins here. The first byte is given up and the look goes on behind it. */
  | { readonly is: "noise"; readonly reason: string };

/** How one protocol's frames look. */
export interface FrameShape {
  /** Longest frame. A beginning that is still no frame with that many bytes is given up, so the buffer is bounded. */
  readonly frameBytesMax: number;
  /** Whether a frame may begin with this byte. */
  readonly mayStart: (byte: number) => boolean;
  /** `isLast`: the line is silent, nothing follows these bytes. A frame with an optional end may then be whole. */
  readonly look: (bytes: Uint8Array, isLast: boolean) => Look;
}

const strayReason = "no frame begins here";
const cutReason = "the frame is cut off";

/** A framer of that shape. Holds at most `frameBytesMax` bytes between two calls. */
export function createFramer(shape: FrameShape): Framer {
  return new ScanningFramer(shape);
}

class ScanningFramer implements Framer {
  readonly #shape: FrameShape;
  /** Grows to the longest frame that was ever begun, plus the chunk after it. */
  #buffer: Uint8Array = new Uint8Array(0);
  #held = 0;

  constructor(shape: FrameShape) {
    this.#shape = shape;
  }

  push(chunk: Uint8Array): readonly Framed[] {
    if (this.#held === 0) return this.#scan(chunk, false);
    this.#reserve(this.#held + chunk.length);
    this.#buffer.set(chunk, this.#held);
    return this.#scan(this.#buffer.subarray(0, this.#held + chunk.length), false);
  }

  idle(): readonly Framed[] {
    return this.#scan(this.#buffer.subarray(0, this.#held), true);
  }

  #scan(bytes: Uint8Array, isLast: boolean): readonly Framed[] {
    const { frameBytesMax, mayStart, look } = this.#shape;
    const found: Framed[] = [];
    let at = 0;
    let noiseFrom = 0;
    let reason = strayReason;
    const endNoise = () => {
      if (noiseFrom < at) found.push({ ok: false, bytes: copyOf(bytes, noiseFrom, at), reason });
      reason = strayReason;
    };
    while (at < bytes.length) {
      if (!mayStart(bytes[at] ?? 0)) {
        at += 1;
        continue;
      }
      const rest = bytes.subarray(at, at + frameBytesMax);
      const seen = look(rest, isLast);
      if (seen.is === "frame") {
        endNoise();
        found.push({ ok: true, bytes: copyOf(bytes, at, at + seen.length) });
        at += seen.length;
        noiseFrom = at;
        continue;
      }
      if (seen.is === "more" && !isLast && rest.length < frameBytesMax) break;
      if (reason === strayReason) reason = seen.reason ?? cutReason;
      at += 1;
    }
    endNoise();
    this.#hold(bytes, at);
    return found;
  }

  /** Keeps the bytes from `at` on; they may be part of the buffer itself. */
  #hold(bytes: Uint8Array, at: number): void {
    this.#held = bytes.length - at;
    if (bytes.buffer === this.#buffer.buffer) {
      if (at > 0) this.#buffer.copyWithin(0, at, bytes.length);
      return;
    }
    if (this.#held === 0) return;
    this.#reserve(this.#held);
    this.#buffer.set(bytes.subarray(at));
  }

  #reserve(length: number): void {
    if (this.#buffer.length >= length) return;
    const larger = new Uint8Array(Math.max(length, 2 * this.#buffer.length));
    larger.set(this.#buffer.subarray(0, this.#held));
    this.#buffer = larger;
  }
}

/** `slice` of a Buffer would keep the whole chunk in memory for the sake of a frame. */
function copyOf(bytes: Uint8Array, from: number, to: number): Uint8Array {
  return new Uint8Array(bytes.subarray(from, to));
}
