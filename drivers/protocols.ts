import { epcDecoder } from "./epc/decoder.ts";
import { modbusDecoders } from "./modbus/protocol.ts";
import type { Protocol } from "./protocol.ts";
import { rfidDecoders } from "./rfid/protocols.ts";
import { scaleDecoders } from "./scale/protocols.ts";

/** Every language that can be decoded, written out by hand. Importing it loads no heavy library. */
export const protocols: readonly Protocol[] = [
  ...modbusDecoders,
  ...scaleDecoders,
  ...rfidDecoders,
  epcDecoder,
];

/** By name or alias, without regard to case, blanks and punctuation: `R200`, `mt_sics`, `A&D`. */
export function findProtocol(word: string): Protocol | undefined {
  const wanted = bare(word);
  return (
    protocols.find(({ name }) => bare(name) === wanted) ??
    protocols.find(({ aliases }) => aliases.some((alias) => bare(alias) === wanted))
  );
}

function bare(word: string): string {
  return word.toLowerCase().replaceAll(/[^\p{L}\p{N}&]/gu, "");
}
