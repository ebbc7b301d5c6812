import fc from "fast-check";
import { createEm4100Framer } from "../../drivers/rfid/lf/em4100.ts";
import { createFdxBFramer } from "../../drivers/rfid/lf/fdx-b.ts";
import { createR200Framer } from "../../drivers/rfid/r200/frame.ts";
import { createSwctFramer } from "../../drivers/rfid/swct/frame.ts";
import { createMercuryFramer } from "../../drivers/rfid/thingmagic/frame.ts";
import { framerProperties } from "../support/framer-properties.ts";

const byte = fc.integer({ min: 0, max: 255 });
const body = (maxLength: number) => fc.array(byte, { maxLength });
const sum = (bytes: readonly number[]) => bytes.reduce((a, b) => a + b, 0) & 0xff;
const xor = (bytes: readonly number[]) => bytes.reduce((a, b) => a ^ b, 0);

/** Bit by bit, with the data entering at the low end. */
function mercuryCrc(bytes: readonly number[]): number {
  let crc = 0xffff;
  for (const value of bytes)
    for (let bit = 7; bit >= 0; bit -= 1) {
      const isOut = (crc & 0x8000) !== 0;
      crc = ((crc << 1) | ((value >> bit) & 1)) & 0xffff;
      if (isOut) crc ^= 0x1021;
    }
  return crc;
}

const r200Frame = fc
  .tuple(fc.integer({ min: 0, max: 2 }), byte, body(40), fc.boolean())
  .map(([type, command, data, isPrinted]) => {
    const inner = [type, command, data.length >> 8, data.length & 0xff, ...data];
    const [head, tail] = isPrinted ? [0xaa, 0xdd] : [0xbb, 0x7e];
    return Uint8Array.of(head, ...inner, sum(inner), tail);
  });

framerProperties(
  "r200",
  createR200Framer,
  r200Frame,
  (bytes) => {
    const inner = [...bytes.subarray(1, -2)];
    const ends = `${bytes[0]} ${bytes.at(-1)}`;
    const length = ((bytes[3] ?? 0) << 8) | (bytes[4] ?? 0);
    return (
      sum(inner) === bytes.at(-2) &&
      bytes.length === length + 7 &&
      (ends === "187 126" || ends === "170 221")
    );
  },
  { heldBytesMax: 520 },
);

function mercuryFrame(hasStatus: boolean) {
  return fc.tuple(byte, byte, byte, body(60)).map(([opcode, high, low, data]) => {
    const inner = [data.length, opcode, ...(hasStatus ? [high, low] : []), ...data];
    const crc = mercuryCrc(inner);
    return Uint8Array.of(0xff, ...inner, crc >> 8, crc & 0xff);
  });
}

function isMercury(bytes: Uint8Array): boolean {
  const overhead = bytes.length - (bytes[1] ?? 0);
  const crc = ((bytes.at(-2) ?? 0) << 8) | (bytes.at(-1) ?? 0);
  const inner = [...bytes.subarray(1, -2)];
  return bytes[0] === 0xff && (overhead === 5 || overhead === 7) && mercuryCrc(inner) === crc;
}

framerProperties(
  "thingmagic commands and responses",
  createMercuryFramer,
  mercuryFrame(false),
  isMercury,
  {
    heldBytesMax: 260,
  },
);

framerProperties(
  "thingmagic responses",
  () => createMercuryFramer("response"),
  mercuryFrame(true),
  isMercury,
  { heldBytesMax: 260, randomBytes: 1_000_000 },
);

const swctFrame = fc
  .tuple(fc.boolean(), byte, byte, byte, body(60))
  .map(([isCommand, address, command, status, data]) => {
    const inner = [address, command, ...(isCommand ? [] : [status]), ...data];
    const mark = isCommand ? [0x53, 0x57] : [0x43, 0x54];
    const head = [...mark, 0, inner.length + 1, ...inner];
    return Uint8Array.of(...head, -sum(head) & 0xff);
  });

framerProperties(
  "swct",
  createSwctFramer,
  swctFrame,
  (bytes) => {
    const mark = Buffer.from(bytes.subarray(0, 2)).toString("latin1");
    const length = ((bytes[2] ?? 0) << 8) | (bytes[3] ?? 0);
    return sum([...bytes]) === 0 && bytes.length === length + 4 && /^(SW|CT)$/.test(mark);
  },
  { heldBytesMax: 1_028 },
);

const em4100Frame = fc
  .tuple(fc.array(byte, { minLength: 5, maxLength: 5 }), fc.constantFrom("plain", "line", "binary"))
  .map(([data, form]) => {
    if (form === "binary") {
      const inner = [10, 2, ...data];
      return Uint8Array.of(2, ...inner, xor(inner), 3);
    }
    const digits = Buffer.from(Uint8Array.of(...data, xor(data)))
      .toString("hex")
      .toUpperCase();
    return Uint8Array.from(
      Buffer.from(`\x02${digits}${form === "line" ? "\r\n" : ""}\x03`, "latin1"),
    );
  });

framerProperties(
  "rdm6300",
  createEm4100Framer,
  em4100Frame,
  (bytes) => {
    if (bytes[0] !== 2 || bytes.at(-1) !== 3) return false;
    if ((bytes[1] ?? 0) < 0x30) return xor([...bytes.subarray(1, -1)]) === 0;
    const digits = Buffer.from(bytes.subarray(1, 13)).toString("latin1");
    return /^[0-9a-f]{12}$/i.test(digits) && xor([...Buffer.from(digits, "hex")]) === 0;
  },
  { heldBytesMax: 16 },
);

const fdxBFrame = fc
  .array(fc.constantFrom(..."0123456789ABCDEF"), { minLength: 26, maxLength: 26 })
  .map((digits) => {
    const inner = [...Buffer.from(digits.join(""), "latin1")];
    return Uint8Array.of(2, ...inner, xor(inner), ~xor(inner) & 0xff, 3);
  });

framerProperties(
  "wl134",
  createFdxBFramer,
  fdxBFrame,
  (bytes) => {
    const inner = [...bytes.subarray(1, 27)];
    const isRight = bytes[27] === xor(inner) && bytes[28] === (~xor(inner) & 0xff);
    return bytes.length === 30 && bytes[0] === 2 && bytes[29] === 3 && isRight;
  },
  { heldBytesMax: 30 },
);
