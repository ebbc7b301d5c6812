import { expect, test } from "vitest";
import { matrixOf } from "./matrix.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));

const cell = (cells: ReturnType<typeof matrixOf>, type: string, order: string) =>
  cells.find((it) => it.type === type && it.order === order);

test("the same registers are shown as every type in every order, the right one among the plausible", () => {
  // 23.5 as float32 in CDAB, as many meters send it.
  const cells = matrixOf(bytes("0000 41BC 0000 0000"));
  expect(cells).toHaveLength(2 * 2 + 6 * 4);
  expect(cell(cells, "float32", "CDAB")).toMatchObject({ value: 23.5, isPlausible: true });
  expect(cell(cells, "float32", "ABCD")).toMatchObject({ isPlausible: false });
  expect(cell(cells, "uint32", "CDAB")).toMatchObject({ isPlausible: false });
});

test("types that need more registers than there are do not appear", () => {
  const types = (hex: string) => new Set(matrixOf(bytes(hex)).map(({ type }) => type));
  expect([...types("00EB")]).toEqual(["int16", "uint16"]);
  expect(types("00EB 0000")).not.toContain("float64");
  expect(matrixOf(new Uint8Array())).toEqual([]);
});

test("the point's own cell is marked, its scale applied, its range decides", () => {
  const point = { type: "int16", scale: 0.1, range: [-40, 60] } as const;
  const cells = matrixOf(bytes("FF33 0000"), point);
  expect(cell(cells, "int16", "ABCD")).toMatchObject({
    ...{ value: -205, scaled: -20.5, isConfigured: true, isPlausible: true },
  });
  expect(cell(cells, "uint16", "ABCD")).toMatchObject({ scaled: 6533.1, isPlausible: false });
  expect(cells.filter(({ isConfigured }) => isConfigured)).toHaveLength(1);
});

test("what is no number has a reason in place of a value", () => {
  const found = cell(matrixOf(bytes("7FC0 0000")), "float32", "ABCD");
  expect(found).toMatchObject({ reason: "not a number", isPlausible: false });
  expect(found).not.toHaveProperty("value");
});
