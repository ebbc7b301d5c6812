import { readFileSync } from "node:fs";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { serialReaderProtocols } from "./serial-protocols.ts";

interface Vector {
  readonly protocol?: string;
  readonly hex: string;
  readonly note: string;
  readonly expect: { readonly ok: boolean };
}

function vectors(file: string): readonly Vector[] {
  const path = new URL(`../../tests/fixtures/protocols/${file}.json`, import.meta.url);
  return JSON.parse(readFileSync(path, "utf8")) as readonly Vector[];
}

function decode(name: string, hex: string) {
  const protocol = serialReaderProtocols.find((known) => known.name === name);
  if (protocol === undefined) throw new Error(`no language ${name}`);
  return protocol.decode(Uint8Array.from(Buffer.from(hex, "hex")));
}

describe.each([
  ["uhf-r200", "r200"],
  ["uhf-thingmagic", "thingmagic"],
  ["uhf-uhfreader", "uhfreader18"],
  ["uhf-uhfreader", "uhfreader288"],
  ["uhf-swct", "swct"],
  ["lf-125khz", ""],
])("%s as %s", (file, name) => {
  test.each(vectors(file))("$note: $hex", ({ protocol = name, hex, expect: expected }) => {
    const found = decode(protocol, hex);
    expect(found).toHaveLength(1);
    expect(found[0]).toMatchObject({ ...expected, hex });
  });

  test.each(vectors(file).filter((vector) => vector.expect.ok))(
    "$note: no single flipped bit gives another tag",
    ({ protocol = name, hex, expect: expected }) => {
      if (!("epc" in expected)) return;
      for (let bit = 0; bit < hex.length * 4; bit += 1) {
        const bytes = Buffer.from(hex, "hex");
        bytes[bit >> 3] = (bytes[bit >> 3] ?? 0) ^ (1 << (bit & 7));
        for (const frame of decode(protocol, bytes.toString("hex")))
          if (frame.ok && frame["type"] === "tag") expect(frame["epc"]).toBe(expected["epc"]);
      }
    },
  );
});

test.each(serialReaderProtocols)(
  "$name: bytes without sense never throw, and each comes out once",
  ({ decode: decodeBytes }) => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 600 }), (bytes) => {
        const hex = decodeBytes(bytes).map((frame) => frame["hex"]);
        expect(hex.join("")).toBe(Buffer.from(bytes).toString("hex").toUpperCase());
      }),
    );
  },
);

test("names and aliases are each given once", () => {
  const words = serialReaderProtocols.flatMap(({ name, aliases }) => [name, ...aliases]);
  const plain = words.map((word) => word.toLowerCase().replace(/[^a-z0-9]/g, ""));
  expect(new Set(plain).size).toBe(plain.length);
});
