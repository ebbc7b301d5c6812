import fc from "fast-check";
import { createUhfReaderFramer } from "../../drivers/rfid/uhfreader/frame.ts";
import { framerProperties } from "../support/framer-properties.ts";

const byte = fc.integer({ min: 0, max: 255 });
const body = (maxLength: number) => fc.array(byte, { maxLength });

function uhfCrc(bytes: readonly number[]): number {
  let crc = 0xffff;
  for (const value of bytes) {
    crc ^= value;
    for (let bit = 0; bit < 8; bit += 1) crc = crc & 1 ? (crc >>> 1) ^ 0x8408 : crc >>> 1;
  }
  return crc;
}

const uhfFrame = fc.tuple(byte, byte, body(60)).map(([address, command, data]) => {
  const inner = [data.length + 4, address, command, ...data];
  const crc = uhfCrc(inner);
  return Uint8Array.of(...inner, crc & 0xff, crc >> 8);
});

framerProperties(
  "uhfreader",
  createUhfReaderFramer,
  uhfFrame,
  (bytes) => {
    const crc = (bytes.at(-2) ?? 0) | ((bytes.at(-1) ?? 0) << 8);
    return bytes.length === (bytes[0] ?? 0) + 1 && uhfCrc([...bytes.subarray(0, -2)]) === crc;
  },
  { heldBytesMax: 256 },
);
