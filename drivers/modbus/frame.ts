/** Unit, function code, data and CRC: a serial frame is at most this long (Modbus over serial line 1.02, 2.5.1). */
export const rtuBytesMax = 256;

/** Two longest frames: room for noise before an answer. Beyond it the oldest bytes go. */
const bufferBytesMax = 2 * rtuBytesMax;

/** Why bytes that came are not the answer that was asked for. */
export type Fault = "cut answer" | "crc" | "wrong unit" | "wrong function" | "wrong data" | "noise";

/** Turns requests into bytes for the wire, and bytes from the wire into the one answer that was asked for. */
export interface Framer {
  /** Forgets what came before. `request` is an RTU frame; what is returned goes on the wire. */
  expect(request: Uint8Array): Uint8Array;
  /** The answer as an RTU frame, once it is whole and right in every field that can be checked. */
  push(chunk: Uint8Array): Uint8Array | undefined;
  /** What is wrong with the bytes since `expect`; undefined when none came. */
  fault(): Fault | undefined;
}

/** The stream cannot be followed any longer: where a frame begins is lost. */
export class FramingLostError extends Error {
  override readonly name = "FramingLostError";
}

/** CRC-16/MODBUS (polynomial A001 reflected, start FFFF). O(bytes). */
export function crc16(bytes: Uint8Array): number {
  let crc = 0xffff;
  for (const byte of bytes) {
    crc ^= byte;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0xa001 : crc >>> 1;
  }
  return crc;
}

/** Appends the CRC, low byte first. */
export function withCrc(bytes: Uint8Array): Uint8Array {
  const frame = new Uint8Array(bytes.length + 2);
  frame.set(bytes);
  new DataView(frame.buffer).setUint16(bytes.length, crc16(bytes), true);
  return frame;
}

/**
 * Finds the answer in a byte stream without borders. Looks after each byte whether a frame ends there, so that neither
 * noise before it nor how the bytes were cut into chunks matters. An answer to a read carries no address: whoever
 * asks must keep late answers of the same form away.
 */
export class RtuFramer implements Framer {
  #request: Uint8Array = new Uint8Array(0);
  #buffer: number[] = [];
  #isEchoing = false;

  expect(request: Uint8Array): Uint8Array {
    this.#request = request;
    this.#buffer = [];
    return request;
  }

  push(chunk: Uint8Array): Uint8Array | undefined {
    for (const byte of chunk) {
      this.#buffer.push(byte);
      if (this.#buffer.length > bufferBytesMax) this.#buffer.shift();
      const answer = this.#endingHere();
      if (answer !== undefined) return answer;
    }
    return undefined;
  }

  fault(): Fault | undefined {
    return diagnose(Uint8Array.from(this.#buffer), this.#request);
  }

  #endingHere(): Uint8Array | undefined {
    for (const length of [answerLength(this.#request), exceptionLength]) {
      const start = this.#buffer.length - length;
      if (start < 0 || this.#buffer[start] !== this.#request[0]) continue;
      const frame = Uint8Array.from(this.#buffer.slice(start));
      if (mismatch(frame, this.#request) !== undefined || !isCrcRight(frame)) continue;
      // An adapter that hears itself returns the request first, and FC05/06 confirm with a copy of the request.
      if (isReadAnswer(this.#request)) this.#isEchoing = this.#beginsWithRequest(start);
      else if (this.#isEchoing && length === this.#request.length && start === 0) continue;
      return frame;
    }
    return undefined;
  }

  #beginsWithRequest(answerStart: number): boolean {
    if (answerStart < this.#request.length) return false;
    return this.#request.every((byte, index) => this.#buffer[index] === byte);
  }
}

/** Transaction id, protocol and length before each frame of Modbus TCP (messaging guide 1.0b, 3.1.3). */
export const headerBytes = 6;

/** Frames with a header: transaction id, protocol, length. A late answer is told by its transaction id. */
export class TcpFramer implements Framer {
  #request: Uint8Array = new Uint8Array(0);
  #transaction = 0;
  #buffer: Uint8Array = new Uint8Array(0);
  #fault: Fault | undefined;

  expect(request: Uint8Array): Uint8Array {
    this.#request = request;
    this.#fault = undefined;
    this.#transaction = (this.#transaction + 1) & 0xffff;
    const body = request.subarray(0, -2);
    const frame = new Uint8Array(headerBytes + body.length);
    const view = new DataView(frame.buffer);
    view.setUint16(0, this.#transaction);
    view.setUint16(4, body.length);
    frame.set(body, headerBytes);
    return frame;
  }

  /** @throws FramingLostError when a header cannot be one. */
  push(chunk: Uint8Array): Uint8Array | undefined {
    this.#buffer = concat(this.#buffer, chunk);
    while (this.#buffer.length >= headerBytes) {
      const view = new DataView(this.#buffer.buffer, this.#buffer.byteOffset);
      const length = view.getUint16(4);
      if (view.getUint16(2) !== 0 || length < 3 || length > rtuBytesMax - 2)
        throw new FramingLostError("the bytes are no Modbus TCP header");
      if (this.#buffer.length < headerBytes + length) return undefined;
      const transaction = view.getUint16(0);
      const frame = withCrc(this.#buffer.subarray(headerBytes, headerBytes + length));
      this.#buffer = this.#buffer.slice(headerBytes + length);
      if (transaction !== this.#transaction) continue;
      this.#fault = mismatch(frame, this.#request);
      if (this.#fault === undefined) return frame;
    }
    return undefined;
  }

  fault(): Fault | undefined {
    return this.#fault ?? (this.#buffer.length > 0 ? "cut answer" : undefined);
  }
}

/** Bytes of a right answer, CRC included; 0 for functions that are not used here. */
function answerLength(request: Uint8Array): number {
  const code = request[1] ?? 0;
  const count = ((request[4] ?? 0) << 8) | (request[5] ?? 0);
  if (code === 1 || code === 2) return 5 + Math.ceil(count / 8);
  if (code === 3 || code === 4) return 5 + 2 * count;
  return code === 5 || code === 6 || code === 15 || code === 16 ? 8 : 0;
}

/** Two reads whose answers cannot be told apart on a serial line have the same form: function and length. */
export function answerForm(request: {
  readonly table: "input" | "holding" | "coil" | "discrete";
  readonly count: number;
}): string {
  const isBits = request.table === "coil" || request.table === "discrete";
  return `${request.table} ${isBits ? Math.ceil(request.count / 8) : request.count * 2}`;
}

const exceptionLength = 5;

function isReadAnswer(request: Uint8Array): boolean {
  return (request[1] ?? 0) <= 4;
}

/** What an RTU frame with a right or unchecked CRC has against being the answer. */
function mismatch(frame: Uint8Array, request: Uint8Array): Fault | undefined {
  if (frame[0] !== request[0]) return "wrong unit";
  const code = request[1] ?? 0;
  if (frame[1] === (code | 0x80))
    return frame.length === exceptionLength ? undefined : "wrong data";
  if (frame[1] !== code) return "wrong function";
  const expected = answerLength(request);
  if (frame.length !== expected) return "wrong data";
  if (isReadAnswer(request)) return frame[2] === expected - 5 ? undefined : "wrong data";
  // FC05, 06, 15 and 16 repeat address and value or count.
  return [2, 3, 4, 5].every((at) => frame[at] === request[at]) ? undefined : "wrong data";
}

/** Whether the last two bytes are the CRC of those before them. */
export function isCrcRight(frame: Uint8Array): boolean {
  return crc16(frame.subarray(0, -2)) === ((frame.at(-2) ?? 0) | ((frame.at(-1) ?? 0) << 8));
}

function diagnose(bytes: Uint8Array, request: Uint8Array): Fault | undefined {
  if (bytes.length === 0) return undefined;
  for (let length = bytes.length; length >= exceptionLength; length -= 1) {
    const frame = bytes.subarray(0, length);
    if (isCrcRight(frame)) return mismatch(frame, request) ?? "noise";
  }
  if (bytes[0] !== request[0] || ((bytes[1] ?? 0) & 0x7f) !== request[1]) return "noise";
  return bytes.length < answerLength(request) ? "cut answer" : "crc";
}

function concat(a: Uint8Array, b: Uint8Array): Uint8Array {
  const joined = new Uint8Array(a.length + b.length);
  joined.set(a);
  joined.set(b, a.length);
  return joined;
}
