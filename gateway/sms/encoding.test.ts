import fc from "fast-check";
import { expect, test } from "vitest";
import { readSubmit } from "../../tests/support/sms-modem.ts";
import { oneSegment, pduOf, textUnitsMax, ucs2Hex } from "./encoding.ts";

test("texts and numbers become UCS-2 in hex", () => {
  expect(ucs2Hex("冷库1超温8.6℃")).toBe("51B75E9300318D856E290038002E00362103");
  expect(ucs2Hex("+8613800138000")).toBe(
    "002B0038003600310033003800300030003100330038003000300030",
  );
  expect(ucs2Hex("é€")).toBe("00E920AC");
  expect(ucs2Hex("🥶")).toBe("D83EDD76");
});

test("a text becomes one line of one segment, and no character is cut in two", () => {
  expect(oneSegment(" too\nwarm\t8.6 ")).toBe("too warm 8.6");
  expect(oneSegment("温".repeat(70))).toBe("温".repeat(70));
  const cold = oneSegment("🥶".repeat(60));
  expect(cold).toBe(`${"🥶".repeat(34)}…`);
  expect(cold.length).toBeLessThanOrEqual(textUnitsMax);
});

test("a PDU is what the standard says, byte by byte", () => {
  const { hex, length } = pduOf("+46708251358", "Hi");
  expect(hex).toBe("0011000B916407281553F80008A70400480069");
  expect(length).toBe(18);
});

test("with a centre its number goes before, and is not counted", () => {
  const { hex, length } = pduOf("+46708251358", "Hi", "+8613800100500");
  expect(hex.slice(0, 18)).toBe("0891683108100005F0");
  expect(length).toBe(18);
  expect(readSubmit(hex)).toEqual({ center: "8613800100500", number: "+46708251358", text: "Hi" });
});

test("every text and number comes back from its PDU", () => {
  const number = fc.stringMatching(/^\+[1-9]\d{5,14}$/);
  const property = fc.property(number, fc.string({ unit: "grapheme" }), (to, text) => {
    const { hex, length } = pduOf(to, text);
    expect(readSubmit(hex)).toMatchObject({ number: to, text: oneSegment(text) });
    expect(length).toBe(hex.length / 2 - 1);
    expect(length).toBeLessThanOrEqual(14 + 8 + 140);
  });
  fc.assert(property, { numRuns: 300 });
});
