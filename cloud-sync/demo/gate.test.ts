import { expect, test } from "vitest";
import { decodeEpc } from "../../drivers/epc/epc.ts";
import { palletAt } from "./gate.ts";

const seconds = Array.from({ length: 600 }, (_, second) => second);

test("every tag of a pallet is a key of the company: one SSCC, then SGTINs", () => {
  for (const second of seconds) {
    const [pallet, ...cartons] = (palletAt(second)?.epcs ?? []).map((epc) => decodeEpc(epc));
    if (pallet === undefined) continue;
    expect(pallet.uri).toMatch(/^urn:epc:id:sscc:6901234\.1\d{9}$/);
    expect(cartons.length).toBeGreaterThanOrEqual(6);
    for (const { uri } of cartons) expect(uri).toMatch(/^urn:epc:id:sgtin:6901234\.156789\.\d+$/);
  }
});

test("the gate is empty between two pallets, and no tag comes twice", () => {
  const pallets = new Set<string>();
  let before: string | undefined;
  for (const second of seconds) {
    const now = palletAt(second)?.epcs.join(" ");
    if (now !== undefined && now !== before) {
      expect(before).toBeUndefined();
      for (const epc of now.split(" ")) {
        expect(pallets.has(epc)).toBe(false);
        pallets.add(epc);
      }
    }
    before = now;
  }
  expect(pallets.size).toBeGreaterThan(100);
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
