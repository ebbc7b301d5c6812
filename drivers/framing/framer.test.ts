import fc from "fast-check";
import { expect, test } from "vitest";
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
  return found.filter(({ ok }) => ok).map(({ bytes }) => Buffer.from(bytes).toString("hex"));
}

const body = fc.array(fc.integer({ min: 0, max: 255 }), { maxLength: 17 });

test("however the stream is cut, the frames are the same", () => {
  fc.assert(
    fc.property(
      fc.array(fc.oneof(body.map(frame), body)),
      fc.infiniteStream(fc.nat(9)),
      (parts, cuts) => {
        const bytes = Uint8Array.from(parts.flat());
        const whole = createFramer(shape);
        const cut = createFramer(shape);
        const pieces: Framed[] = [];
        let at = 0;
        for (const length of cuts) {
          if (at >= bytes.length) break;
          pieces.push(...cut.push(bytes.subarray(at, at + length + 1)));
          at += length + 1;
        }
        const expected = frames([...whole.push(bytes), ...whole.idle()]);
        expect(frames([...pieces, ...cut.idle()])).toEqual(expected);
      },
    ),
  );
});

test("a wrong byte costs the frame that it is in, and says why; the next frame comes", () => {
  const [a, b] = [frame([1, 2, 3]), frame([7])];
  const found = createFramer(shape).push(Uint8Array.from([9, ...a.with(4, 99), ...b]));
  expect(found.map((it) => (it.ok ? "frame" : it.reason))).toEqual(["checksum", "frame"]);
  expect(frames(found)).toEqual([Buffer.from(b).toString("hex")]);
});

test("the beginning of a frame that never goes on is given up when the line is idle", () => {
  const framer = createFramer(shape);
  expect(framer.push(Uint8Array.from([2, 17, ...frame([5])]))).toEqual([]);
  expect(frames(framer.idle())).toEqual([Buffer.from(frame([5])).toString("hex")]);
  expect(framer.idle()).toEqual([]);
});

test("every byte comes out exactly once, in frames or as noise", () => {
  fc.assert(
    fc.property(fc.array(fc.uint8Array({ max: 5 }), { maxLength: 30 }), (chunks) => {
      const framer = createFramer(shape);
      const found = [...chunks.flatMap((chunk) => framer.push(chunk)), ...framer.idle()];
      const out = found.flatMap(({ bytes }) => [...bytes]);
      expect(out).toEqual(chunks.flatMap((chunk) => [...chunk]));
    }),
  );
});
