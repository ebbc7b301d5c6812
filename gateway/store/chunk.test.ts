import { createHash } from "node:crypto";
import { zstdCompressSync } from "node:zlib";
import { expect, test } from "vitest";
import type { Sample } from "../../drivers/contract.ts";
import { packPayload, payloadBytesMax, readSamples, unpackChunk } from "./chunk.ts";
import { packEvents, packSamples } from "./packing.ts";
import type { Chunk, ClockMark, GatewayEvent } from "./store.ts";

const clock: ClockMark = { boot: "b", offsetMs: 0, quality: "synchronized" };
const samples = Array.from(
  { length: 200 },
  (_, row): Sample => ({
    point: `d/p${row % 7}`,
    sampledAt: 1.8e12 + row * 997,
    quality: "good",
    value: Math.round(Math.sin(row) * 1_000) / 100,
  }),
);

function chunk(): Chunk {
  const [packed] = packSamples(samples, clock, 1, 5_000);
  if (packed === undefined) throw new Error("nothing was packed");
  return { lane: "samples", ...packed };
}

test("a chunk gives its samples back", () => {
  expect(readSamples(chunk())).toEqual(samples);
});

test("all of 300 single flipped bits are found", () => {
  const sound = chunk();
  let found = 0;
  for (let flip = 0; flip < 300; flip += 1) {
    const payload = Uint8Array.from(sound.payload);
    const at = (flip * 7_919) % payload.length;
    payload[at] = (payload[at] ?? 0) ^ (1 << (flip % 8));
    try {
      unpackChunk({ ...sound, payload });
    } catch (error) {
      expect(error).toMatchObject({ code: "store/corrupt" });
      found += 1;
    }
  }
  expect(found).toBe(300);
});

test("a payload that would unpack to more than the limit is refused", () => {
  const payload = zstdCompressSync(Buffer.alloc(payloadBytesMax + 1, 32));
  const hash = createHash("sha256").update(payload).digest("hex");
  expect(payload.length).toBeLessThan(10_000);
  expect(() => unpackChunk({ payload, hash })).toThrow(
    expect.objectContaining({ code: "store/corrupt" }),
  );
});

test("a chunk whose numbers do not fit its content is refused", () => {
  expect(() => readSamples({ ...chunk(), lastSeq: 199 })).toThrow("chunk 1 to 199 holds 200 rows");
});

test("rows are cut at the limit of rows and at the limit of bytes, without a hole in their numbers", () => {
  const long = Array.from(
    { length: 3_000 },
    (_, row): Sample => ({
      point: "d/text",
      sampledAt: row,
      quality: "good",
      value: String(row).padEnd(4_096, "湿"),
    }),
  );
  expect(packPayload(long)).toBeUndefined();
  const chunks = packSamples(long, clock, 11, 5_000);
  expect(chunks.length).toBeGreaterThan(1);
  let next = 11;
  for (const { firstSeq, lastSeq } of chunks) {
    expect(firstSeq).toBe(next);
    next = lastSeq + 1;
  }
  expect(next).toBe(3_011);
  expect(packSamples(samples, clock, 1, 60).map(({ lastSeq }) => lastSeq)).toEqual([
    60, 120, 180, 200,
  ]);
});

test("more events than one chunk takes become several that continue one chain", () => {
  const events = Array.from(
    { length: 2_500 },
    (_, at): GatewayEvent => ({ kind: "audit", at, mono: at, body: {} }),
  );
  const chunks = packEvents(events, clock, 1, "0".repeat(64));
  expect(chunks.at(-1)?.lastSeq).toBe(2_500);
  for (const [index, { chainBefore }] of chunks.entries()) {
    if (index > 0) expect(chainBefore).toBe(chunks[index - 1]?.chainAfter);
  }
});
