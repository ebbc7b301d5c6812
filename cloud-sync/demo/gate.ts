import { encodeEpc } from "../../drivers/epc/epc.ts";

/** A gate through which pallets are driven; each is marked itself, and so is each of its cartons. */

export interface Pallet {
  /** Tags in hex. */
  readonly epcs: readonly string[];
}

const palletEveryS = 40;
const firstPalletS = 6;
const passesInS = 8;

/** Every third pallet is left standing in the gate. */
const standsForS = 32;

/** What is in the gate `second` seconds after the start. */
export function palletAt(second: number): Pallet | undefined {
  if (second < firstPalletS) return undefined;
  const number = Math.floor((second - firstPalletS) / palletEveryS);
  const inGateS = (second - firstPalletS) % palletEveryS;
  const isLeft = number % 3 === 1;
  return inGateS < (isLeft ? standsForS : passesInS) ? palletOf(number) : undefined;
}

/** SSCC of the pallet (GS1 Tag Data Standard 14.5.2), SGTINs of its cartons (14.5.1). */
function palletOf(number: number): Pallet {
  // The serial part of an SSCC of this company prefix has ten digits, the first being its extension digit.
  const serial = String(number % 1_000_000_000).padStart(10, "1000000000");
  const cartons = Array.from(
    { length: 6 + (number % 5) },
    (_, carton) => `urn:epc:tag:sgtin-96:1.6901234.156789.${number * 100 + carton + 1}`,
  );
  return { epcs: [`urn:epc:tag:sscc-96:2.6901234.${serial}`, ...cartons].map(hexOf) };
}

function hexOf(tagUri: string): string {
  const encoded = encodeEpc(tagUri);
  if (!encoded.ok) throw new Error(`${tagUri}: ${encoded.reason}`);
  return encoded.hex;
}
