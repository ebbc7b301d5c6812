import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { crc16, FramingLostError, RtuFramer, rtuBytesMax, TcpFramer, withCrc } from "./frame.ts";

const bytes = (hex: string) => Uint8Array.from(Buffer.from(hex.replaceAll(" ", ""), "hex"));
const hex = (frame: Uint8Array | undefined) =>
  frame === undefined ? undefined : Buffer.from(frame).toString("hex");

const request = bytes("010400010002200B");
const answer = bytes("010404011D027F2AFE");

/** Frames of real devices: XY-MD02 (captured), its manual, Renke's manual, an exception. */
test.each([
  "010400010002200B",
  "010404011D027F2AFE",
  "01040202223849",
  "0103040292FF9B5A3D",
  "0804000100022092",
  "018302C0F1",
])("the CRC of %s is right", (frame) => {
  expect(hex(withCrc(bytes(frame).subarray(0, -2)))).toBe(frame.toLowerCase());
  expect(crc16(bytes(frame))).toBe(0);
});

function feed(framer: RtuFramer | TcpFramer, chunks: readonly Uint8Array[]) {
  for (const chunk of chunks) {
    const frame = framer.push(chunk);
    if (frame !== undefined) return frame;
  }
  return undefined;
}

/** Cuts bytes at every border given. */
function cut(whole: Uint8Array, borders: readonly number[]): readonly Uint8Array[] {
  const at = [0, ...borders.map((b) => b % (whole.length + 1)).sort((a, b) => a - b), whole.length];
  return at.slice(1).map((to, index) => whole.slice(at[index], to));
}

describe("RTU", () => {
  test("the answer is found however the bytes are cut, and after any noise", () => {
    const noise = fc.uint8Array({ maxLength: 20 });
    const borders = fc.array(fc.nat(), { maxLength: 8 });
    fc.assert(
      fc.property(noise, borders, (before, at) => {
        const framer = new RtuFramer();
        framer.expect(request);
        const stream = Uint8Array.from([...before, ...answer]);
        const expected = feed(framer, [stream]);
        framer.expect(request);
        expect(feed(framer, cut(stream, at))).toEqual(expected);
        expect(hex(expected)).toBe(hex(answer));
      }),
    );
  });

  test("one flipped bit anywhere is never an answer", () => {
    for (let bit = 0; bit < answer.length * 8; bit += 1) {
      const framer = new RtuFramer();
      framer.expect(request);
      const damaged = answer.map((byte, at) => (at === bit >> 3 ? byte ^ (1 << (bit & 7)) : byte));
      expect(framer.push(damaged)).toBeUndefined();
      expect(framer.fault()).toBeDefined();
    }
  });

  test.each([
    ["another unit", "020404011D027F", "wrong unit"],
    ["another function", "010304011D027F", "wrong function"],
    ["fewer registers", "010402011D", "wrong data"],
    ["an exception of another function", "018302", "wrong function"],
  ])("a whole frame with %s is not the answer", (_, body, fault) => {
    const framer = new RtuFramer();
    framer.expect(request);
    expect(framer.push(withCrc(bytes(body)))).toBeUndefined();
    expect(framer.fault()).toBe(fault);
  });

  test.each([
    ["nothing", "", undefined],
    ["a part", "010404011D", "cut answer"],
    ["a wrong CRC", "010404011D027F2AFF", "crc"],
    ["noise", "00FF3377", "noise"],
  ])("%s is diagnosed", (_, stream, fault) => {
    const framer = new RtuFramer();
    framer.expect(request);
    framer.push(bytes(stream));
    expect(framer.fault()).toBe(fault);
  });

  test("an exception is an answer", () => {
    const framer = new RtuFramer();
    framer.expect(bytes("010300000001840A"));
    expect(hex(framer.push(bytes("018302C0F1")))).toBe("018302c0f1");
  });

  test("a confirmation of another address or value is none", () => {
    const write = withCrc(bytes("010600140005"));
    const framer = new RtuFramer();
    framer.expect(write);
    expect(framer.push(withCrc(bytes("010600140006")))).toBeUndefined();
    expect(framer.push(withCrc(bytes("010600150005")))).toBeUndefined();
    expect(framer.push(write)).toEqual(write);
  });

  test("an adapter that hears itself does not disturb reads, nor confirm writes", () => {
    const framer = new RtuFramer();
    framer.expect(request);
    expect(framer.push(request)).toBeUndefined();
    expect(framer.push(answer)).toEqual(answer);
    const write = withCrc(bytes("010600140005"));
    framer.expect(write);
    expect(framer.push(write)).toBeUndefined();
    expect(framer.push(write)).toEqual(write);
  });

  test("bytes of an earlier request are forgotten", () => {
    const framer = new RtuFramer();
    framer.expect(request);
    framer.push(answer.subarray(0, 5));
    framer.expect(request);
    expect(framer.push(answer.subarray(5))).toBeUndefined();
  });

  test("a flood of noise is kept no longer than two frames, and an answer behind it is found", () => {
    const framer = new RtuFramer();
    framer.expect(request);
    expect(framer.push(new Uint8Array(100_000).fill(0x55))).toBeUndefined();
    // Looks at every part of what is kept: minutes without the bound.
    expect(framer.fault()).toBe("noise");
    expect(framer.push(answer)).toEqual(answer);
    framer.expect(request);
    expect(
      framer.push(Uint8Array.from([...answer.slice(0, 8), ...new Uint8Array(2 * rtuBytesMax)])),
    ).toBeUndefined();
  });
});

describe("TCP", () => {
  const tcpAnswer = (transaction: number, body = "010404011D027F") =>
    bytes(`${transaction.toString(16).padStart(4, "0")}0000${bodyLength(body)}${body}`);
  const bodyLength = (body: string) => (body.length / 2).toString(16).padStart(4, "0");

  test("requests are numbered, and only the answer with that number counts", () => {
    const framer = new TcpFramer();
    expect(hex(framer.expect(request))).toBe("000100000006010400010002");
    expect(hex(framer.expect(request))).toBe("000200000006010400010002");
    expect(framer.push(tcpAnswer(1))).toBeUndefined();
    expect(framer.push(tcpAnswer(2))).toEqual(answer);
  });

  test("frames are found however the bytes are cut", () => {
    fc.assert(
      fc.property(fc.array(fc.nat(), { maxLength: 10 }), (at) => {
        const framer = new TcpFramer();
        framer.expect(request);
        framer.expect(request);
        const stream = Uint8Array.from([...tcpAnswer(1), ...tcpAnswer(2)]);
        expect(feed(framer, cut(stream, at))).toEqual(answer);
      }),
    );
  });

  test.each([
    ["020404011D027F", "wrong unit"],
    ["010304011D027F", "wrong function"],
    ["010402011D", "wrong data"],
  ])("%s is not the answer: %s", (body, fault) => {
    const framer = new TcpFramer();
    framer.expect(request);
    expect(framer.push(tcpAnswer(1, body))).toBeUndefined();
    expect(framer.fault()).toBe(fault);
  });

  test.each(["000100010007", "000100000002", "0001000000FF"])("a header %s ends it", (header) => {
    const framer = new TcpFramer();
    framer.expect(request);
    expect(() => framer.push(bytes(header))).toThrow(FramingLostError);
  });
});
