import { randomBytes, randomInt } from "node:crypto";
import { Duplex } from "node:stream";

/** What is wrong with what a simulated device sends. The device itself does not know. */
export interface Faults {
  /** Nothing comes out. */
  readonly silent?: boolean;
  /** 1 to 16 random bytes before each write. */
  readonly garbage?: boolean;
  /** Only the first half of each write comes out. */
  readonly halfFrames?: boolean;
  /** One bit is flipped in every write with this count. */
  readonly corruptEvery?: number;
  readonly delayMs?: number;
  /** Random bytes without end. */
  readonly babble?: boolean;
  /** TCP: who connects is reset at once. A serial line cannot refuse. */
  readonly refuse?: boolean;
}

/** Delayed writes that are held; the oldest go, as a device that is that late has lost them too. */
const delayedMax = 1_000;

/** 200 kB/s: far above any serial line, and what a wire of that speed would carry is dropped by a full one. */
const babbleBytes = 1_000;
const babbleEveryMs = 5;

/** Unsent bytes above which babble waits. */
const backlogBytesMax = 65_536;

/** What a device sees of its wire: all that comes in, and a way out that spoils what it sends. */
export class FaultyWire extends Duplex {
  readonly #wire: Duplex;
  readonly #faults: () => Faults;
  readonly #delayed: { readonly dueMs: number; readonly bytes: Uint8Array }[] = [];
  #timer: NodeJS.Timeout | undefined;
  #babble: NodeJS.Timeout | undefined;
  #writes = 0;

  constructor(wire: Duplex, faults: () => Faults) {
    super();
    this.#wire = wire;
    this.#faults = faults;
    wire.on("error", () => undefined);
    wire.on("data", (chunk: Uint8Array) => {
      if (!this.push(chunk)) wire.pause();
    });
    wire.on("close", () => this.destroy());
    wire.on("end", () => this.push(null));
    this.refresh();
  }

  /** To be called when the faults have changed. */
  refresh(): void {
    const { babble = false } = this.#faults();
    if (babble === (this.#babble !== undefined) || this.destroyed) return;
    if (this.#babble !== undefined) clearInterval(this.#babble);
    this.#babble = babble
      ? setInterval(() => this.#out(randomBytes(babbleBytes), true), babbleEveryMs)
      : undefined;
  }

  override _read(): void {
    this.#wire.resume();
  }

  override _write(chunk: Uint8Array, _encoding: string, done: () => void): void {
    this.#writes += 1;
    const spoilt = spoil(chunk, this.#faults(), this.#writes);
    const { delayMs = 0 } = this.#faults();
    if (delayMs <= 0 && this.#delayed.length === 0) {
      this.#out(spoilt, false);
    } else {
      const lastMs = this.#delayed.at(-1)?.dueMs ?? 0;
      this.#delayed.push({ dueMs: Math.max(lastMs, performance.now() + delayMs), bytes: spoilt });
      if (this.#delayed.length > delayedMax) this.#delayed.shift();
      this.#timer ??= setTimeout(this.#sendDue, delayMs);
    }
    done();
  }

  override _final(done: () => void): void {
    this.#wire.end(() => done());
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    clearTimeout(this.#timer);
    clearInterval(this.#babble);
    this.#delayed.length = 0;
    done(error);
  }

  readonly #sendDue = (): void => {
    this.#timer = undefined;
    for (;;) {
      const first = this.#delayed[0];
      if (first === undefined) return;
      const restMs = first.dueMs - performance.now();
      if (restMs > 0) {
        this.#timer = setTimeout(this.#sendDue, Math.ceil(restMs));
        return;
      }
      this.#delayed.shift();
      this.#out(first.bytes, false);
    }
  };

  #out(bytes: Uint8Array, isBabble: boolean): void {
    if (bytes.length === 0 || this.#wire.destroyed || !this.#wire.writable) return;
    if (isBabble && this.#wire.writableLength > backlogBytesMax) return;
    this.#wire.write(bytes);
  }
}

function spoil(bytes: Uint8Array, faults: Faults, count: number): Uint8Array {
  if (faults.silent === true) return new Uint8Array(0);
  let out = Uint8Array.from(bytes);
  const { corruptEvery = 0 } = faults;
  if (corruptEvery > 0 && count % corruptEvery === 0) flipOneBit(out);
  if (faults.halfFrames === true) out = out.slice(0, Math.floor(out.length / 2));
  if (faults.garbage === true) out = Uint8Array.from([...randomBytes(randomInt(1, 17)), ...out]);
  return out;
}

function flipOneBit(bytes: Uint8Array): void {
  if (bytes.length === 0) return;
  const at = randomInt(bytes.length);
  bytes[at] = (bytes[at] ?? 0) ^ (1 << randomInt(8));
}
