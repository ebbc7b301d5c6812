import fc from "fast-check";
import { expect, test } from "vitest";
import { CsvRows, rowCharsMax } from "./csv-rows.ts";

/** Each row as `line: cells`, each fault as `line: fault`. */
function read(...pieces: readonly string[]): readonly string[] {
  const seen: string[] = [];
  const rows = new CsvRows({
    row: ({ line, cells }) => seen.push(`${line}: ${JSON.stringify(cells)}`),
    fault: (line, fault) => seen.push(`${line}: ${fault}`),
  });
  for (const piece of pieces) rows.write(piece);
  rows.end();
  return seen;
}

test("rows end with LF or CRLF, the last one with the file, and empty lines are none", () => {
  expect(read("a,b\r\nc,\n\r\n\n,d")).toEqual(['1: ["a","b"]', '2: ["c",""]', '5: ["","d"]']);
  expect(read("")).toEqual([]);
});

test("quoted cells hold commas, quotes and line ends; the row has the number of its first line", () => {
  expect(read('"a,b",c\n"d ""e""\r\nf",g\nh,"i"')).toEqual([
    '1: ["a,b","c"]',
    `2: ${JSON.stringify(['d "e"\nf', "g"])}`,
    '4: ["h","i"]',
  ]);
});

test("a wrong quote costs its own line and no other", () => {
  expect(read('a"b,c\nd,e\n"f"g,h\ni,j')).toEqual([
    "1: quote",
    '2: ["d","e"]',
    "3: quote",
    '4: ["i","j"]',
  ]);
  expect(read('a,"b\nc,d\ne,f')).toEqual(["1: quote", '2: ["c","d"]', '3: ["e","f"]']);
  expect(read('a,"b\nc,"d"\ne,f')).toEqual(["1: quote", '2: ["c","d"]', '3: ["e","f"]']);
});

test("a quote that is never closed is given up after so many characters", () => {
  const rest = Array.from({ length: rowCharsMax }, (_, index) => `${index},x`);
  const seen = read(['"', ...rest].join("\n"));
  expect(seen.slice(0, 2)).toEqual(["1: quote", '2: ["0","x"]']);
  expect(seen).toHaveLength(rowCharsMax + 1);
});

test("a line that is too long is told once, and what follows is read", () => {
  const long = "x".repeat(3 * rowCharsMax);
  expect(read(`a,b\n${long}\nc,d`)).toEqual(['1: ["a","b"]', "2: too-long", '3: ["c","d"]']);
  const pieces = long.match(/.{1,1000}/g) ?? [];
  expect(read("a,b\n", ...pieces, "\nc,d\n")).toEqual([
    ...['1: ["a","b"]', "2: too-long", '3: ["c","d"]'],
  ]);
  expect(read(long)).toEqual(["1: too-long"]);
});

const cell = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "温") });

test("what is quoted by the rules is read as it was", () => {
  const written = fc.array(fc.array(cell, { minLength: 2, maxLength: 4 }), { maxLength: 6 });
  fc.assert(
    fc.property(written, (rows) => {
      const quoted = (text: string) => `"${text.replaceAll('"', '""')}"`;
      const seen: (readonly string[])[] = [];
      const reader = new CsvRows({
        row: ({ cells }) => seen.push(cells),
        fault: (line) => expect.fail(`fault in line ${line}`),
      });
      reader.write(rows.map((row) => `${row.map(quoted).join(",")}\r\n`).join(""));
      reader.end();
      expect(seen).toEqual(rows);
    }),
  );
});

test("where the text is cut into pieces makes no difference, and nothing crashes it", () => {
  const text = fc.string({ unit: fc.constantFrom("a", ",", '"', "\n", "\r") });
  fc.assert(
    fc.property(text, fc.nat(30), fc.nat(30), (all, a, b) => {
      const [from, to] = [Math.min(a, b), Math.max(a, b)];
      expect(read(all.slice(0, from), all.slice(from, to), all.slice(to))).toEqual(read(all));
    }),
  );
});
