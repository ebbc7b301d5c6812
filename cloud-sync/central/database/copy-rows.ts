/** PostgreSQL counts microseconds from 2000-01-01. */
const postgresEpochMs = Date.UTC(2000, 0, 1);

/** Last instant of a PostgreSQL timestamp that a JavaScript Date can name as well; earlier and later ones are refused. */
export const dateMsMax = 8_640_000_000_000_000;
export const dateMsMin = Date.UTC(-4_000, 0, 1);

const signature = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");

/** Bytes after which a slice is full: PostgreSQL works on it while the next one is made. */
const sliceBytes = 64 * 1_024;

/** A slice ends with a whole row, which takes it a little over its size. */
const bytesAtFirst = sliceBytes + 16 * 1_024;

export function isStorableTime(epochMs: number): boolean {
  return epochMs >= dateMsMin && epochMs <= dateMsMax;
}

/** PostgreSQL's text has no NUL, and its JSON no half surrogate pairs. */
export function isStorableText(text: string): boolean {
  return !text.includes("\0") && text.isWellFormed();
}

/** The beginning of a text, as PostgreSQL can hold it: a cut may part a surrogate pair. */
export function storableStart(text: string, charsMax: number): string {
  return text.slice(0, charsMax).toWellFormed();
}

/** A text as one field, for texts that come again and again. */
export function textField(value: string): Uint8Array {
  const bytes = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeInt32BE(bytes.length);
  return Buffer.concat([length, bytes]);
}

/** Rows in the binary format of COPY (PostgreSQL manual, "COPY", file formats): no escaping, exact doubles. */
export class CopyRows {
  #bytes = Buffer.allocUnsafe(bytesAtFirst);
  // A DataView writes a row in half the time of Buffer's own methods.
  #view = viewOf(this.#bytes);
  #used = 0;

  constructor() {
    this.#used = signature.copy(this.#bytes);
  }

  row(fields: number): void {
    this.#room(2);
    this.#view.setInt16(this.#used, fields);
    this.#used += 2;
  }

  nothing(): void {
    this.#length(0, -1);
  }

  int2(value: number): void {
    this.#length(2);
    this.#view.setInt16(this.#used, value);
    this.#used += 2;
  }

  int4(value: number): void {
    this.#length(4);
    this.#view.setInt32(this.#used, value);
    this.#used += 4;
  }

  /** Two halves: BigInt costs ten times as much. */
  int8(value: number): void {
    this.#length(8);
    const high = Math.floor(value / 4_294_967_296);
    this.#view.setInt32(this.#used, high);
    this.#view.setUint32(this.#used + 4, value - high * 4_294_967_296);
    this.#used += 8;
  }

  double(value: number): void {
    this.#length(8);
    this.#view.setFloat64(this.#used, value);
    this.#used += 8;
  }

  /** Exact to the microsecond within 2^53 microseconds of the year 2000, which is 285 years. */
  timestamp(epochMs: number): void {
    this.int8(Math.round((epochMs - postgresEpochMs) * 1_000));
  }

  text(value: string): void {
    this.#room(4 + value.length * 3);
    const bytes = this.#bytes.write(value, this.#used + 4, "utf8");
    this.#view.setInt32(this.#used, bytes);
    this.#used += 4 + bytes;
  }

  /** Fields that were made by `textField`, as they are. */
  fields(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#bytes.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  get full(): boolean {
    return this.#used >= sliceBytes;
  }

  /** What was written since the last slice. */
  slice(): Uint8Array {
    const slice = this.#bytes.subarray(0, this.#used);
    this.#replace(Buffer.allocUnsafe(bytesAtFirst));
    this.#used = 0;
    return slice;
  }

  /** The last slice, with the end mark of the file; nothing may be added afterwards. */
  finish(): Uint8Array {
    this.row(-1);
    return this.#bytes.subarray(0, this.#used);
  }

  #length(bytes: number, said = bytes): void {
    this.#room(4 + bytes);
    this.#view.setInt32(this.#used, said);
    this.#used += 4;
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#bytes.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#bytes.length * 2, this.#used + bytes));
    this.#bytes.copy(larger, 0, 0, this.#used);
    this.#replace(larger);
  }

  #replace(bytes: Buffer<ArrayBuffer>): void {
    this.#bytes = bytes;
    this.#view = viewOf(bytes);
  }
}

function viewOf({ buffer, byteOffset, length }: Buffer): DataView {
  return new DataView(buffer, byteOffset, length);
}
