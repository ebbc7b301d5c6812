import fc from "fast-check";
import { expect, test } from "vitest";
import { LineReader, lineBytesMax, type Piece } from "./reader.ts";

function read(...chunks: readonly (string | Uint8Array)[]): readonly Piece[] {
  const reader = new LineReader();
  return chunks.flatMap((chunk) => reader.push(Buffer.from(chunk as string, "latin1")));
}

const line = (text: string): Piece => ({ is: "line", text });
const prompt: Piece = { is: "prompt" };

test("lines end with CR, LF or both; empty ones are none", () => {
  expect(read("\r\nOK\r\n\r\nRING\n+CSQ: 18,99\r")).toEqual(
    ["OK", "RING", "+CSQ: 18,99"].map(line),
  );
});

test("the prompt is seen without a line end, with or without its space, also cut in two", () => {
  expect(read("\r\n> ")).toEqual([prompt]);
  expect(read("\r\n>", " ", "\r\n+CMGS: 3\r\n")).toEqual([prompt, line("+CMGS: 3")]);
  expect(read("\r\n>", "\r\n+CMGS: 3\r\n")).toEqual([prompt, line("+CMGS: 3")]);
  expect(read("\r\n> > ")).toEqual([prompt, prompt]);
  expect(read("+CUSD: a > b\r")).toEqual([line("+CUSD: a > b")]);
});

test("bytes that are no text are left out of a line", () => {
  expect(read(Uint8Array.of(0, 0xff, 0xfe), "O\u0000K\r\n")).toEqual([line("OK")]);
});

test("a line that is too long is dropped to its end, and the next one is whole", () => {
  const longest = "x".repeat(lineBytesMax);
  expect(read(`${longest}\r`)).toEqual([line(longest)]);
  expect(read("y".repeat(38_500), "z\r\nOK\r\n")).toEqual([line("OK")]);
  expect(read(`${longest}>>\r\nOK\r\n`)).toEqual([line("OK")]);
});

test("however the bytes are cut, the pieces are the same", () => {
  const word = fc.constantFrom(
    "\r",
    "\n",
    "> ",
    ">",
    " ",
    "OK",
    "+CMGS: 7",
    "\u0000",
    "a".repeat(900),
  );
  const property = fc.property(
    fc.array(word),
    fc.array(fc.nat(7), { minLength: 1 }),
    (words, cuts) => {
      const all = words.join("");
      const chunks: string[] = [];
      for (let at = 0, turn = 0; at < all.length; turn += 1) {
        const length = 1 + (cuts[turn % cuts.length] ?? 0);
        chunks.push(all.slice(at, at + length));
        at += length;
      }
      expect(read(...chunks)).toEqual(read(all));
    },
  );
  fc.assert(property, { numRuns: 300 });
});
