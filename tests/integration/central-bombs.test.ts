import { once } from "node:events";
import { createGzip, createZstdCompress } from "node:zlib";
import { expect, test } from "vitest";
import { BodyError, readBody } from "../../cloud-sync/central/request-body.ts";
import { batchBytesMax, batchCompressedBytesMax } from "../../cloud-sync/protocol.ts";
import { decodeSamples, encodeSamples } from "../../gateway/store/columns.ts";
import { someSamples } from "../support/memory-outbox.ts";

const gigabyte = 1_000_000_000;

/** Memory that unpacking may cost beside what it may yield: several times the limit, a hundredth of the bomb. */
const extraBytesMax = 12 * batchBytesMax;

/** So many zeroes, compressed. */
async function bomb(compress: ReturnType<typeof createGzip>, bytes: number): Promise<Buffer> {
  const parts: Buffer[] = [];
  compress.on("data", (part: Buffer) => parts.push(part));
  const zeroes = Buffer.alloc(1_000_000);
  for (let written = 0; written < bytes; written += zeroes.length) {
    if (!compress.write(zeroes)) await once(compress, "drain");
  }
  compress.end();
  await once(compress, "end");
  return Buffer.concat(parts);
}

test.each([
  ["zstd", () => bomb(createZstdCompress(), gigabyte)],
  ["gzip", () => bomb(createGzip({ level: 1 }), gigabyte)],
] as const)(
  "a gigabyte in %s is refused without unpacking it",
  async (encoding, make) => {
    const body = await make();
    if (encoding === "zstd") expect(body.length).toBeLessThan(batchCompressedBytesMax);
    const before = process.memoryUsage().rss;
    for (let turn = 0; turn < 10; turn += 1) {
      const failed: unknown = await readBody(body, encoding).catch((error: unknown) => error);
      expect(failed).toBeInstanceOf(BodyError);
      expect(failed).toMatchObject({ tooLarge: true });
    }
    expect(process.memoryUsage().rss - before).toBeLessThan(extraBytesMax);
  },
  60_000,
);

const columns = encodeSamples(someSamples(3));
const values = columns.values;
const wrong: readonly (readonly [string, unknown])[] = [
  ["a number where packed text must be", { ...columns, values: { ...values, deltas: 7 } }],
  ["null for a time", { ...columns, from: null }],
  ["a text for a time", { ...columns, from: "now" }],
  ["an object for a value", { ...columns, values: { ...values, rest: [{}] } }],
  ["more rows than there are", { ...columns, rows: 4 }],
  ["a count that takes the memory", { ...columns, rows: 1e12 }],
  ["NaN as JSON has no word for it", { ...columns, from: Number.NaN }],
  ["Infinity in a list of times", { ...columns, times: [1, Number.POSITIVE_INFINITY, 2] }],
];

test.each(wrong)("%s in the columns is damage, never a value", (_name, given) => {
  expect(() => decodeSamples(given)).toThrow(expect.objectContaining({ code: "store/corrupt" }));
});
