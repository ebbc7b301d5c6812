import { expect, test } from "vitest";
import { createMessageFramer } from "../../drivers/rfid/llrp/frame.ts";
import { readMessage } from "../../drivers/rfid/llrp/message.ts";

const streamBytes = 10_000_000;
const chunkBytes = 4_096;

/** A stream that is the same in every run (xorshift32). */
function noise(seed: number): () => Uint8Array {
  let state = seed;
  return () => {
    const words = new Uint32Array(chunkBytes / 4);
    for (let at = 0; at < words.length; at += 1) {
      state ^= state << 13;
      state ^= state >>> 17;
      state ^= state << 5;
      words[at] = state >>> 0;
    }
    return new Uint8Array(words.buffer);
  };
}

test("ten million random bytes neither throw, nor grow memory, nor bring a message that makes no sense", () => {
  const next = noise(0x5eed);
  const framer = createMessageFramer();
  let out = 0;
  let heldMax = 0;
  for (let sent = 0; sent < streamBytes; sent += chunkBytes) {
    for (const piece of framer.push(next())) {
      out += piece.bytes.length;
      if (piece.ok) expect(typeof readMessage(piece.bytes)).toBe("object");
    }
    heldMax = Math.max(heldMax, sent + chunkBytes - out);
  }
  for (const piece of framer.idle()) out += piece.bytes.length;
  expect(out).toBe(Math.ceil(streamBytes / chunkBytes) * chunkBytes);
  expect(heldMax).toBeLessThanOrEqual(1_048_576 + chunkBytes);
});

test("a message behind the noise is found", () => {
  const next = noise(7);
  const framer = createMessageFramer();
  for (let at = 0; at < 50; at += 1) framer.push(next());
  framer.idle();
  const keepalive = Uint8Array.from(Buffer.from("043E0000000A00000001", "hex"));
  expect(framer.push(keepalive)).toEqual([{ ok: true, bytes: keepalive }]);
});
