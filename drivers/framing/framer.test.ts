import fc from "fast-check";
import { expect, test } from "vitest";
import { framerProperties } from "../../tests/support/framer-properties.ts";
import { createFramer, type Framed } from "./framer.ts";

/** 02, length of the body, body, sum of the body. */
const shape = {
  frameBytesMax: 20,
  mayStart: (byte: number) => byte === 2,
  look: (bytes: Uint8Array) => {
    const length = bytes[1];
    if (length === undefined) return { is: "more" } as const;
    if (length > 17) return { is: "noise", reason: "too long" } as const;
    if (bytes.length < length + 3) return { is: "more" } as const;
    const sum = bytes.subarray(2, length + 2).reduce((a, b) => a + b, 0) & 0xff;
    if (sum !== bytes[length + 2]) return { is: "noise", reason: "checksum" } as const;
    return { is: "frame", length: length + 3 } as const;
  },
};

function frame(body: readonly number[]): readonly number[] {
  return [2, body.length, ...body, body.reduce((a, b) => a + b, 0) & 0xff];
}

function frames(found: readonly Framed[]): readonly string[] {
  return found.filter(({ ok }) => ok).map(({ bytes }) => hex(bytes));
}

function hex(bytes: Iterable<number>): string {
  return Buffer.from([...bytes]).toString("hex");
}

const body = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 17 });

framerProperties(
  "length and sum",
  () => createFramer(shape),
  body.map((bytes) => Uint8Array.from(frame(bytes))),
  (bytes) => hex(bytes) === hex(frame([...bytes.subarray(2, -1)])),
  { heldBytesMax: shape.frameBytesMax },
);

test("a wrong byte costs the frame that it is in, and says why; the next frame comes", () => {
  const [a, b] = [frame([1, 2, 3]), frame([7])];
  const found = createFramer(shape).push(Uint8Array.from([9, ...a.with(4, 99), ...b]));
  expect(found.map((it) => (it.ok ? "frame" : it.reason))).toEqual(["checksum", "frame"]);
  expect(frames(found)).toEqual([hex(b)]);
});

test("the beginning of a frame that never goes on is given up when the line is idle", () => {
  const framer = createFramer(shape);
  expect(framer.push(Uint8Array.from([2, 17, ...frame([5])]))).toEqual([]);
  expect(frames(framer.idle())).toEqual([hex(frame([5]))]);
  expect(framer.idle()).toEqual([]);
});

test("a frame does not keep the chunk that it came in", () => {
  const chunk = Buffer.alloc(60_000);
  chunk.set(frame([1, 2]), 100);
  const found = createFramer(shape).push(chunk);
  expect(found.find(({ ok }) => ok)?.bytes.buffer.byteLength).toBe(5);
});

test("a frame that never ends is given up at its longest length, so that the buffer is bounded", () => {
  const endless = { ...shape, look: () => ({ is: "more" }) as const };
  const framer = createFramer(endless);
  let out = 0;
  for (let sent = 0; sent < 100_000; sent += 100)
    for (const { bytes } of framer.push(new Uint8Array(100).fill(2))) out += bytes.length;
  expect(100_000 - out).toBeLessThan(shape.frameBytesMax);
});
