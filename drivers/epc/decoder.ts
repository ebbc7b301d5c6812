import type { Protocol } from "../protocol.ts";
import { decodeEpcText } from "./protocol.ts";

/** What a tag carries, or a barcode, for the decode tool: it is text, whatever its length in bits. */
export const epcDecoder: Protocol = {
  name: "epc",
  aliases: ["gs1", "epc-uri", "element-string"],
  title: "EPC memory of a tag in hex, EPC tag URIs, GS1 element strings",
  driver: "rfid",
  decode: (bytes) => decodeEpcText([Buffer.from(bytes).toString("hex")]),
  decodeWords: (words) => decodeEpcText(words),
};
