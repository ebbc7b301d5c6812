import { expect, test } from "vitest";
import { decodeEpc } from "../../drivers/epc/epc.ts";
import { cartonGtin, palletAt } from "./gate.ts";

const seconds = Array.from({ length: 600 }, (_, second) => second);

test("every tag of a pallet is a key of the company: one SSCC, then SGTINs", () => {
  for (const second of seconds) {
    const [pallet, ...cartons] = (palletAt(second)?.epcs ?? []).map((epc) => decodeEpc(epc));
    if (pallet === undefined) continue;
    expect(pallet.uri).toMatch(/^urn:epc:id:sscc:6901234\.1\d{9}$/);
    expect(cartons.length).toBeGreaterThanOrEqual(6);
    for (const carton of cartons) expect(carton).toMatchObject({ gtin: cartonGtin });
    for (const { uri } of cartons) expect(uri).toMatch(/^urn:epc:id:sgtin:6901234\.156789\.\d+$/);
  }
});

test("the gate is empty between two pallets; each comes in, and the same goes out", () => {
  const passages: string[][] = [];
  let before: string | undefined;
  for (const second of seconds) {
    const pallet = palletAt(second);
    const now = pallet?.epcs.join(" ");
    if (now !== undefined && now !== before) {
      expect(before).toBeUndefined();
      passages.push([]);
    }
    if (pallet !== undefined) passages.at(-1)?.push(pallet.side);
    before = now;
  }
  expect(passages.length).toBeGreaterThan(10);
  for (const [index, sides] of passages.entries()) {
    const ends = index % 2 === 0 ? ["outside", "inside"] : ["inside", "outside"];
    expect([sides[0], sides.at(-1)]).toEqual(ends);
  }
  const [first, second] = [palletAt(6), palletAt(46)];
  expect(first?.epcs).toEqual(second?.epcs);
  expect(palletAt(86)?.epcs).not.toEqual(first?.epcs);
});

test("a pallet stands in the gate for more than 15 s within the first minute and a half", () => {
  const standing = seconds.findIndex(
    (second) =>
      palletAt(second) !== undefined &&
      palletAt(second)?.epcs[0] === palletAt(second + 20)?.epcs[0],
  );
  expect(standing).toBeGreaterThan(0);
  expect(standing).toBeLessThan(90);
});
