import fc from "fast-check";
import { expect, test } from "vitest";
import { withCrc } from "./frame.ts";
import { modbusDecoders } from "./protocol.ts";

function decode(name: string, hex: string) {
  const bytes = Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
  return modbusDecoders.find((it) => it.name === name)?.decode(bytes);
}

test("requests, answers and refusals of a serial line are told apart", () => {
  expect(decode("modbus-rtu", "010400010002200B 010404011D027F2AFE 018302C0F1")).toMatchObject([
    { ok: true, kind: "request", unit: 1, function: 4, address: 1, count: 2 },
    { ok: true, kind: "answer", unit: 1, function: 4, registers: [285, 639] },
    { ok: true, kind: "exception", function: 3, exception: 2, meaning: "illegal data address" },
  ]);
});

test("a wrong CRC is told, and the frame behind it is read", () => {
  expect(decode("modbus-rtu", "01040201317975 01040202223849")).toMatchObject([
    { ok: false, reason: "crc" },
    { ok: true, registers: [546] },
  ]);
});

test("frames with a header carry their transaction", () => {
  expect(decode("modbus-tcp", "0007 0000 0005 01 03 02 00FF")).toMatchObject([
    { ok: true, transaction: 7, kind: "answer", unit: 1, registers: [255] },
  ]);
  expect(decode("modbus-tcp", "0007 0001 0005 01 03 02 00FF")).toMatchObject([{ ok: false }]);
});

test("every right frame between any other bytes is found", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ max: 9 })),
      fc.uint8Array({ max: 200 }),
      (noises, data) => {
        const even = data.subarray(0, data.length & ~1);
        const frame = withCrc(Uint8Array.from([9, 3, even.length, ...even]));
        const stream = noises.flatMap((noise) => [...noise, ...frame]);
        const found = modbusDecoders[0]?.decode(Uint8Array.from(stream)) ?? [];
        const frames = found.filter((it) => it["unit"] === 9 && it["function"] === 3);
        expect(frames.length).toBeGreaterThanOrEqual(noises.length);
      },
    ),
  );
});
