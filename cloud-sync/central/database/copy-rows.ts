/** PostgreSQL counts microseconds from 2000-01-01. */
const postgresEpochMs = Date.UTC(2000, 0, 1);

/** Last instant of a PostgreSQL timestamp that a JavaScript Date can name as well; earlier and later ones are refused. */
const dateMsMax = 8_640_000_000_000_000;
const dateMsMin = Date.UTC(-4_000, 0, 1);

const signature = Buffer.from("PGCOPY\n\xff\r\n\0\0\0\0\0\0\0\0\0", "latin1");
const bytesAtFirst = 64 * 1_024;

export function isStorableTime(epochMs: number): boolean {
  return epochMs >= dateMsMin && epochMs <= dateMsMax;
}

/** PostgreSQL's text has no NUL. */
export function isStorableText(text: string): boolean {
  return !text.includes("\0");
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
  #buffer = Buffer.allocUnsafe(bytesAtFirst);
  #used = 0;

  constructor() {
    this.#used = signature.copy(this.#buffer);
  }

  row(fields: number): void {
    this.#room(2);
    this.#used = this.#buffer.writeInt16BE(fields, this.#used);
  }

  nothing(): void {
    this.#room(4);
    this.#used = this.#buffer.writeInt32BE(-1, this.#used);
  }

  int2(value: number): void {
    this.#room(6);
    this.#used = this.#buffer.writeInt32BE(2, this.#used);
    this.#used = this.#buffer.writeInt16BE(value, this.#used);
  }

  int4(value: number): void {
    this.#room(8);
    this.#used = this.#buffer.writeInt32BE(4, this.#used);
    this.#used = this.#buffer.writeInt32BE(value, this.#used);
  }

  int8(value: number): void {
    this.#room(12);
    this.#used = this.#buffer.writeInt32BE(8, this.#used);
    this.#wide(value);
  }

  double(value: number): void {
    this.#room(12);
    this.#used = this.#buffer.writeInt32BE(8, this.#used);
    this.#used = this.#buffer.writeDoubleBE(value, this.#used);
  }

  /** Exact to the microsecond within 2^53 microseconds of the year 2000, which is 285 years. */
  timestamp(epochMs: number): void {
    this.int8(Math.round((epochMs - postgresEpochMs) * 1_000));
  }

  text(value: string): void {
    this.#room(4 + value.length * 3);
    const bytes = this.#buffer.write(value, this.#used + 4, "utf8");
    this.#buffer.writeInt32BE(bytes, this.#used);
    this.#used += 4 + bytes;
  }

  /** Fields that were made by `textField`, as they are. */
  fields(bytes: Uint8Array): void {
    this.#room(bytes.length);
    this.#buffer.set(bytes, this.#used);
    this.#used += bytes.length;
  }

  /** The whole file with its end mark; nothing may be added afterwards. */
  finish(): Uint8Array {
    this.#room(2);
    this.#used = this.#buffer.writeInt16BE(-1, this.#used);
    return this.#buffer.subarray(0, this.#used);
  }

  /** Two halves: BigInt costs ten times as much. */
  #wide(value: number): void {
    const high = Math.floor(value / 4_294_967_296);
    this.#used = this.#buffer.writeInt32BE(high, this.#used);
    this.#used = this.#buffer.writeUInt32BE(value - high * 4_294_967_296, this.#used);
  }

  #room(bytes: number): void {
    if (this.#used + bytes <= this.#buffer.length) return;
    const larger = Buffer.allocUnsafe(Math.max(this.#buffer.length * 2, this.#used + bytes));
    this.#buffer.copy(larger, 0, 0, this.#used);
    this.#buffer = larger;
  }
}
