import { modbusDecoders } from "./modbus/protocol.ts";
import type { Protocol } from "./protocol.ts";

/** Every language that can be decoded, written out by hand. */
export const protocols: readonly Protocol[] = [...modbusDecoders];

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
