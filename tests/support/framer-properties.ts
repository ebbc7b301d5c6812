import fc from "fast-check";
import { expect, test } from "vitest";
import type { Framed, Framer } from "../../drivers/framing/framer.ts";

export interface FramerPropertyOptions {
  /** Into the flood: half of them uniform, half of good frames with flipped bits. */
  readonly randomBytes?: number;
  /** What the framer may hold back at most: its longest frame. */
  readonly heldBytesMax?: number;
}

/**
 * What every framer must show, as tests of the file that calls this: indifferent to how the stream is cut, no later
 * good frame lost to noise, bounded, and never a frame whose check is wrong. `check` must not use the framer's code.
 */
export function framerProperties(
  name: string,
  create: () => Framer,
  goodFrames: fc.Arbitrary<Uint8Array>,
  check: (bytes: Uint8Array) => boolean,
  options: FramerPropertyOptions = {},
): void {
  const { randomBytes = 10_000_000, heldBytesMax = 65_536 } = options;
  const good = goodFrames.map((bytes) => ({ kind: "good" as const, bytes }));
  const noise = fc.uint8Array({ max: 24 }).map((bytes) => ({ kind: "noise" as const, bytes }));
  const torn = fc.tuple(goodFrames, fc.nat(), fc.uint8Array({ max: 6 })).map(tear);
  const stream = fc.array(fc.oneof(good, good, noise, torn), { minLength: 1, maxLength: 8 });

  test(`${name}: a good frame is found`, () => {
    fc.assert(
      fc.property(goodFrames, (bytes) => {
        expect(check(bytes)).toBe(true);
        expect(okOf(run(create(), [bytes]))).toEqual([hex(bytes)]);
      }),
    );
  });

  test(`${name}: however the stream is cut, the frames are the same`, () => {
    fc.assert(
      fc.property(
        stream,
        fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1 }),
        (parts, cuts) => {
          const bytes = Buffer.concat(parts.map((part) => part.bytes));
          expect(okOf(run(create(), cut(bytes, cuts)))).toEqual(okOf(run(create(), [bytes])));
        },
      ),
    );
  });

  test(`${name}: every byte comes out once, in its order`, () => {
    fc.assert(
      fc.property(stream, (parts) => {
        const out = run(
          create(),
          parts.map(({ bytes }) => bytes),
        );
        expect(hex(Buffer.concat(out.map(({ bytes }) => bytes)))).toBe(
          hex(Buffer.concat(parts.map(({ bytes }) => bytes))),
        );
      }),
    );
  });

  test(`${name}: noise before, between and inside never loses a later good frame`, () => {
    fc.assert(
      fc.property(stream, goodFrames, (parts, last) => {
        const framer = create();
        const out = run(
          framer,
          parts.map(({ bytes }) => bytes),
        );
        expect(lostOf(parts, out)).toEqual([]);
        expect(okOf(run(framer, [last]))).toEqual([hex(last)]);
      }),
    );
  });

  test(`${name}: ${randomBytes} random bytes give no false frame, no error, no growth`, () => {
    const outcome = flood(create(), fc.sample(goodFrames, { numRuns: 200, seed: 1 }), {
      total: randomBytes,
      check,
    });
    expect(outcome.wrong).toEqual([]);
    expect(outcome.heldBytes).toBeLessThanOrEqual(heldBytesMax);
  }, 120_000);
}

interface Part {
  readonly kind: "good" | "noise";
  readonly bytes: Uint8Array;
}

/** Noise in the middle of a frame: what is left is a frame no longer, or by chance another one. */
function tear([bytes, at, inside]: readonly [Uint8Array, number, Uint8Array]): Part {
  const middle = at % Math.max(1, bytes.length);
  const torn = [...bytes.subarray(0, middle), ...inside, ...bytes.subarray(middle + 1)];
  return { kind: "noise", bytes: Uint8Array.from(torn) };
}

function run(framer: Framer, chunks: readonly Uint8Array[]): readonly Framed[] {
  return [...chunks.flatMap((chunk) => framer.push(chunk)), ...framer.idle()];
}

function cut(bytes: Uint8Array, cuts: readonly number[]): readonly Uint8Array[] {
  const chunks: Uint8Array[] = [];
  for (let at = 0, turn = 0; at < bytes.length; turn += 1) {
    const length = cuts[turn % cuts.length] ?? 1;
    chunks.push(bytes.subarray(at, at + length));
    at += length;
  }
  return chunks;
}

/**
 * Good frames that did not come out and that no accepted frame overlaps. Noise may by chance make a right frame
 * together with the bytes behind it, and then nobody can tell which of both was sent.
 */
function lostOf(parts: readonly Part[], out: readonly Framed[]): readonly string[] {
  const accepted = spans(out).filter(({ piece }) => piece.ok);
  return spans(parts)
    .filter(({ piece }) => piece.kind === "good")
    .filter(({ from, to }) => !accepted.some((span) => span.from < to && from < span.to))
    .map(({ piece }) => hex(piece.bytes));
}

function spans<T extends { readonly bytes: Uint8Array }>(pieces: readonly T[]) {
  let at = 0;
  return pieces.map((piece) => {
    const from = at;
    at += piece.bytes.length;
    return { piece, from, to: at };
  });
}

interface FloodOptions {
  readonly total: number;
  readonly check: (bytes: Uint8Array) => boolean;
}

/** What a framer makes of bytes without sense; the same bytes in every run. */
function flood(framer: Framer, frames: readonly Uint8Array[], { total, check }: FloodOptions) {
  const random = xorshift(0x2545f491);
  const wrong: string[] = [];
  let [sent, came, heldBytes] = [0, 0, 0];
  const take = (found: readonly Framed[]) => {
    for (const { ok, bytes } of found) {
      came += bytes.length;
      if (ok && !check(bytes) && wrong.length < 10) wrong.push(hex(bytes));
    }
    heldBytes = Math.max(heldBytes, sent - came);
  };
  while (sent < total) {
    const isUniform = sent < total / 2;
    const chunk = isUniform ? uniform(random) : spoilt(frames[random() % frames.length], random);
    sent += chunk.length;
    take(framer.push(chunk));
    if (random() % 1_024 === 0) take(framer.idle());
  }
  take(framer.idle());
  if (came !== sent) wrong.push(`${sent} bytes went in, ${came} came out`);
  return { wrong, heldBytes };
}

function uniform(random: () => number): Uint8Array {
  const chunk = new Uint8Array(1 + (random() % 2_048));
  for (let at = 0; at < chunk.length; at += 1) chunk[at] = random() & 0xff;
  return chunk;
}

function spoilt(frame: Uint8Array | undefined, random: () => number): Uint8Array {
  const chunk = Uint8Array.from(frame ?? [0]);
  for (let flips = random() % 3; flips >= 0; flips -= 1) {
    const at = random() % chunk.length;
    chunk[at] = (chunk[at] ?? 0) ^ (1 << (random() & 7));
  }
  return random() % 4 === 0 ? chunk.subarray(0, 1 + (random() % chunk.length)) : chunk;
}

/** Marsaglia's xorshift: quick, and good enough to hit every byte in every place. */
function xorshift(seed: number): () => number {
  let state = seed;
  return () => {
    state ^= state << 13;
    state ^= state >>> 17;
    state ^= state << 5;
    return state >>> 0;
  };
}

function okOf(found: readonly Framed[]): readonly string[] {
  return found.filter(({ ok }) => ok).map(({ bytes }) => hex(bytes));
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
