import fc from "fast-check";
import { expect, test } from "vitest";
import { HeaderReader } from "./fixed-header.ts";

interface Seen {
  readonly type: number;
  readonly length: number;
}

/** All headers of a stream that comes in these pieces; "malformed" ends it. */
function read(pieces: readonly Uint8Array[]): (Seen | "malformed")[] {
  const reader = new HeaderReader();
  const seen: (Seen | "malformed")[] = [];
  for (const piece of pieces) {
    let offset = 0;
    for (;;) {
      offset = reader.skipBody(piece, offset);
      const step = reader.readHeader(piece, offset);
      if (step.is === "more") break;
      if (step.is === "malformed") return [...seen, "malformed"];
      seen.push({ type: step.type, length: step.length });
      offset = step.offset;
    }
  }
  return seen;
}

function lengthBytes(length: number): number[] {
  const bytes: number[] = [];
  let left = length;
  do {
    const more = left >= 128;
    bytes.push((left % 128) + (more ? 128 : 0));
    left = Math.floor(left / 128);
  } while (left > 0);
  return bytes;
}

const packets = fc.array(
  fc.record({ type: fc.integer({ min: 1, max: 14 }), length: fc.integer({ min: 0, max: 20_000 }) }),
  { minLength: 1, maxLength: 8 },
);

test("any split of the stream gives the same headers", () => {
  fc.assert(
    fc.property(packets, fc.array(fc.integer({ min: 1, max: 700 })), (sent, sizes) => {
      const stream = Buffer.concat(
        sent.map(({ type, length }) =>
          Buffer.concat([
            Buffer.from([type << 4, ...lengthBytes(length)]),
            Buffer.alloc(length, 0xff),
          ]),
        ),
      );
      const pieces: Buffer[] = [];
      let at = 0;
      for (const size of [...sizes, stream.length]) {
        pieces.push(stream.subarray(at, at + size));
        at += size;
      }
      expect(read(pieces)).toEqual(sent);
    }),
    { numRuns: 60 },
  );
});

test("a length of more than four bytes is malformed, however it comes", () => {
  const bytes = Buffer.from([0x30, 0x80, 0x80, 0x80, 0x80, 0x01]);
  expect(read([bytes])).toEqual(["malformed"]);
  expect(read([...bytes].map((byte) => Buffer.from([byte])))).toEqual(["malformed"]);
});

test("the greatest length of MQTT is read as 256 MiB less one", () => {
  expect(read([Buffer.from([0x30, 0xff, 0xff, 0xff, 0x7f])])).toEqual([
    { type: 3, length: 268_435_455 },
  ]);
});
