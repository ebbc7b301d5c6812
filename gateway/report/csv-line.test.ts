import { expect, test } from "vitest";
import { csvLine } from "./csv-line.ts";

test("what a spreadsheet would run is made text, and a negative number stays a number", () => {
  expect(csvLine(['=HYPERLINK("x")', "+1", "-2", "@A1", "\tx", -18.2, true, undefined])).toBe(
    `"'=HYPERLINK(""x"")",'+1,'-2,'@A1,'\tx,-18.2,true,\r\n`,
  );
});

test("commas, quotes and line ends are quoted by RFC 4180", () => {
  expect(csvLine(["a,b", 'c"d', "e\r\nf", "冷库"])).toBe('"a,b","c""d","e\r\nf",冷库\r\n');
});
