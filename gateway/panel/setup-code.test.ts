import { randomBytes } from "node:crypto";
import { expect, test } from "vitest";
import { setupCodeMs } from "./limits.ts";
import { SetupCode, setupCodeBytes } from "./setup-code.ts";

test("two starts give different codes of 80 bits", () => {
  const codes = Array.from({ length: 100 }, () => new SetupCode(randomBytes(setupCodeBytes), 0));
  expect(new Set(codes.map(({ text }) => text)).size).toBe(100);
  expect(codes[0]?.text).toMatch(/^([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}$/);
});

test("a code is typed in either case, without dashes, with O for 0 and L for 1", () => {
  const code = new SetupCode(
    Uint8Array.from({ length: 16 }, (_, i) => i),
    0,
  );
  expect(code.text).toBe("0123-4567-89AB-CDEF");
  expect(code.check("ol23 4567 89ab-cdef", 0)).toBe("right");
  expect(code.check("0123-4567-89AB-CDEE", 0)).toBe("wrong");
  expect(code.check("", 0)).toBe("wrong");
});

test("a code dies after thirty minutes, the right one too", () => {
  const code = new SetupCode(new Uint8Array(16), 5_000);
  expect(code.check(code.text, 5_000 + setupCodeMs - 1)).toBe("right");
  expect(code.check(code.text, 5_000 + setupCodeMs)).toBe("expired");
});
