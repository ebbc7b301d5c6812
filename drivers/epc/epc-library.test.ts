import tds from "epc-tds";
import fc from "fast-check";
import { expect, test } from "vitest";
import { decodeEpc, encodeEpc } from "./epc.ts";

/** Its types say that it has a default export; it is that object itself. */
const library = tds as unknown as { valueOf(hex: string): { toTagURI(): string } };

/** The independent library, on what it decodes right: well-formed 96-bit numbers. */
const forms = [
  ["sgtin-96", 12, 1, 38],
  ["sgln-96", 12, 0, 41],
  ["grai-96", 12, 0, 38],
  ["sscc-96", 12, 5, 0],
] as const;

const digits = (length: number) =>
  fc.stringMatching(new RegExp(`^\\d{${length}}$`)).map((text) => text.slice(0, length));

test.each(forms)(
  "epc-tds reads what we write as %s",
  (scheme, prefixMax, referenceMin, serialBits) => {
    const uris = fc
      .tuple(
        fc.integer({ min: referenceMin === 0 ? 1 : 0, max: 6 }),
        fc.integer({ min: 0, max: 7 }),
      )
      .chain(([partition, filter]) =>
        fc.tuple(
          fc.constant(filter),
          digits(prefixMax - partition),
          digits(referenceMin + partition),
          ...(serialBits === 0 ? [] : [fc.bigInt({ min: 0n, max: 2n ** BigInt(serialBits) - 1n })]),
        ),
      )
      .map((parts) => `urn:epc:tag:${scheme}:${parts.join(".")}`);
    fc.assert(
      fc.property(uris, (uri) => {
        const encoded = encodeEpc(uri);
        if (!encoded.ok) throw new Error(encoded.reason);
        expect(library.valueOf(encoded.hex).toTagURI()).toBe(uri);
      }),
    );
  },
);

test("epc-tds takes a cut number for a whole one; ours does not", () => {
  const cut = "3074257BF7194E40";
  expect(library.valueOf(cut).toTagURI()).toMatch(/^urn:epc:tag:sgtin-96:/);
  expect(decodeEpc(cut)).toMatchObject({ ok: false });
});

test("epc-tds overlooks bytes behind the end, and a company prefix longer than its digits; ours does not", () => {
  const long = "3074257BF7194E4000001A85FF";
  expect(library.valueOf(long).toTagURI()).toBe("urn:epc:tag:sgtin-96:3.0614141.812345.6789");
  expect(decodeEpc(long)).toMatchObject({ ok: false });
  const over = "307BFFFFC0000040000000FF";
  expect(library.valueOf(over).toTagURI()).toBe("urn:epc:tag:sgtin-96:3.1048575.0000001.255");
  expect(decodeEpc(over)).toMatchObject({ ok: false });
});

test("epc-tds writes a 0 where a company prefix of twelve digits leaves no reference; ours writes none", () => {
  const { hex } = { hex: "", ...encodeEpc("urn:epc:tag:sgln-96:0.123456789012..7") };
  expect(library.valueOf(hex).toTagURI()).toBe("urn:epc:tag:sgln-96:0.123456789012.0.7");
  expect(decodeEpc(hex)).toMatchObject({ tagUri: "urn:epc:tag:sgln-96:0.123456789012..7" });
});
