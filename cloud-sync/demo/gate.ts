import { encodeEpc } from "../../drivers/epc/epc.ts";

/** A gate through which pallets are driven in and out; each is marked itself, and so is each of its cartons. */

export interface Pallet {
  /** Tags in hex. */
  readonly epcs: readonly string[];
  /** The antenna that sees it. */
  readonly side: "outside" | "inside";
  /** Signal: it comes from afar, and passes the other antenna close by. */
  readonly rssiDbm: number;
}

/** Of the cartons: its tags need no registration. */
export const cartonGtin = "16901234567899";

const palletEveryS = 40;
const firstPalletS = 6;

/** Before the antenna of one side until `first`, before that of the other until `last`. */
const passingS = { first: 6, last: 15 };

/** Every third pallet is left standing where it came to. */
const standsForS = 32;

/** What is in the gate `second` seconds after the start: in comes one, out goes the same, in comes another. */
export function palletAt(second: number): Pallet | undefined {
  if (second < firstPalletS) return undefined;
  const number = Math.floor((second - firstPalletS) / palletEveryS);
  const inGateS = (second - firstPalletS) % palletEveryS;
  const isLeft = number % 3 === 1;
  if (inGateS >= (isLeft ? standsForS : passingS.last)) return undefined;
  const goesIn = number % 2 === 0;
  const isThrough = inGateS >= passingS.first;
  const side = isThrough === goesIn ? "inside" : "outside";
  return { epcs: epcsOf(number - (number % 2)), side, rssiDbm: isThrough ? -46 : -60 };
}

/** SSCC of the pallet (GS1 Tag Data Standard 14.5.2), SGTINs of its cartons (14.5.1). */
function epcsOf(number: number): readonly string[] {
  // The serial part of an SSCC of this company prefix has ten digits, the first being its extension digit.
  const serial = String(number % 1_000_000_000).padStart(10, "1000000000");
  const cartons = Array.from(
    { length: 6 + (number % 5) },
    (_, carton) => `urn:epc:tag:sgtin-96:1.6901234.156789.${number * 100 + carton + 1}`,
  );
  return [`urn:epc:tag:sscc-96:2.6901234.${serial}`, ...cartons].map(hexOf);
}

export function hexOf(tagUri: string): string {
  const encoded = encodeEpc(tagUri);
  if (!encoded.ok) throw new Error(`${tagUri}: ${encoded.reason}`);
  return encoded.hex;
}
