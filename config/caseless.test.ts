import fc from "fast-check";
import { expect, test } from "vitest";
import { caseless } from "./caseless.ts";

test("letters, ranges and escapes keep their meaning", () => {
  expect(caseless("^[a-z0-9][a-z._-]$")).toBe("^[a-zA-Z0-9][a-zA-Z._-]$");
  expect(caseless(String.raw`^(0x[0-9a-f]+|nan)\s*$`)).toBe(
    String.raw`^(0[xX][0-9a-fA-F]+|[nN][aA][nN])\s*$`,
  );
});

test("it matches what the flag i would match", () => {
  const sources = ["^(0x[0-9a-f]{1,4}|nan)$", "^[a-z0-9][a-z0-9._-]{0,6}$", "^a-b$"];
  const text = fc.string({ unit: fc.constantFrom(..."0x9aAfFnNzZgG.-_bB"), maxLength: 6 });
  fc.assert(
    fc.property(fc.constantFrom(...sources), text, (source, it) => {
      expect(new RegExp(caseless(source)).test(it)).toBe(new RegExp(source, "i").test(it));
    }),
  );
});
