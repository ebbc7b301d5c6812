import {
  agency,
  digitString,
  type Field,
  filter,
  fixedWidth,
  integer,
  reserved,
  serialText,
  sixBitText,
} from "./field.ts";
import {
  assetPartitions,
  assetTextPartitions,
  containerPartitions,
  itemPartitions,
  locationPartitions,
  partPartitions,
  partTextPartitions,
  returnablePartitions,
} from "./partition.ts";
import { padded, prefixedSixBit, prefixedText, unpadded } from "./prefixed.ts";

/** What a number names, as in `urn:epc:id:...`. */
export type Identity =
  | "sgtin"
  | "sscc"
  | "sgln"
  | "grai"
  | "giai"
  | "gsrn"
  | "gsrnp"
  | "gdti"
  | "cpi"
  | "sgcn"
  | "itip"
  | "gid"
  | "usdod"
  | "adi";

/** One binary encoding of TDS 1.13, table 14-1. */
export interface Scheme {
  /** As in `urn:epc:tag:...`. */
  readonly name: string;
  readonly identity: Identity;
  /** First eight bits. */
  readonly header: number;
  /** Header included; absent where the length is variable. */
  readonly bits?: number;
  /** Behind the header, in order. */
  readonly fields: readonly Field[];
}

const container = [filter, padded(containerPartitions, "serial reference"), reserved(24)];
const location = padded(locationPartitions, "location reference");
const document = padded(locationPartitions, "document type");
const item = padded(itemPartitions, "item reference");
const returnable = padded(returnablePartitions, "asset type");
const pieces = [fixedWidth(7, "piece"), fixedWidth(7, "total")];

const serial = (bits: number) => integer(bits, "serial number");
const text = (bits: number) => serialText(bits, bits / 7, "serial number");

/** Every encoding with a filter has it as its first URI component; only `gid-96` has none. */
export const schemes: readonly Scheme[] = [
  {
    name: "gdti-96",
    identity: "gdti",
    header: 0x2c,
    bits: 96,
    fields: [filter, document, serial(41)],
  },
  { name: "gsrn-96", identity: "gsrn", header: 0x2d, bits: 96, fields: container },
  { name: "gsrnp-96", identity: "gsrnp", header: 0x2e, bits: 96, fields: container },
  {
    name: "usdod-96",
    identity: "usdod",
    header: 0x2f,
    bits: 96,
    fields: [integer(4, "filter"), agency(8), serial(36)],
  },
  {
    name: "sgtin-96",
    identity: "sgtin",
    header: 0x30,
    bits: 96,
    fields: [filter, item, serial(38)],
  },
  { name: "sscc-96", identity: "sscc", header: 0x31, bits: 96, fields: container },
  {
    name: "sgln-96",
    identity: "sgln",
    header: 0x32,
    bits: 96,
    fields: [filter, location, serial(41)],
  },
  {
    name: "grai-96",
    identity: "grai",
    header: 0x33,
    bits: 96,
    fields: [filter, returnable, serial(38)],
  },
  {
    name: "giai-96",
    identity: "giai",
    header: 0x34,
    bits: 96,
    fields: [filter, unpadded(assetPartitions, "asset reference")],
  },
  {
    name: "gid-96",
    identity: "gid",
    header: 0x35,
    bits: 96,
    fields: [integer(28, "general manager"), integer(24, "object class"), serial(36)],
  },
  {
    name: "sgtin-198",
    identity: "sgtin",
    header: 0x36,
    bits: 198,
    fields: [filter, item, text(140)],
  },
  {
    name: "grai-170",
    identity: "grai",
    header: 0x37,
    bits: 170,
    fields: [filter, returnable, text(112)],
  },
  {
    name: "giai-202",
    identity: "giai",
    header: 0x38,
    bits: 202,
    fields: [filter, prefixedText(assetTextPartitions, "asset reference")],
  },
  {
    name: "sgln-195",
    identity: "sgln",
    header: 0x39,
    bits: 195,
    fields: [filter, location, text(140)],
  },
  {
    name: "gdti-113",
    identity: "gdti",
    header: 0x3a,
    bits: 113,
    fields: [filter, document, digitString(58, 17, "serial number")],
  },
  {
    name: "adi-var",
    identity: "adi",
    header: 0x3b,
    fields: [
      integer(6, "filter"),
      agency(6),
      sixBitText({ charactersMin: 0, charactersMax: 32, hash: "nowhere" }, "part number"),
      sixBitText({ charactersMin: 1, charactersMax: 30, hash: "first" }, "serial number"),
    ],
  },
  {
    name: "cpi-96",
    identity: "cpi",
    header: 0x3c,
    bits: 96,
    fields: [filter, unpadded(partPartitions, "part reference"), serial(31)],
  },
  {
    name: "cpi-var",
    identity: "cpi",
    header: 0x3d,
    fields: [filter, prefixedSixBit(partTextPartitions, "part reference"), serial(40)],
  },
  {
    name: "gdti-174",
    identity: "gdti",
    header: 0x3e,
    bits: 174,
    fields: [filter, document, text(119)],
  },
  {
    name: "sgcn-96",
    identity: "sgcn",
    header: 0x3f,
    bits: 96,
    fields: [
      filter,
      padded(locationPartitions, "coupon reference"),
      digitString(41, 12, "serial number"),
    ],
  },
  {
    name: "itip-110",
    identity: "itip",
    header: 0x40,
    bits: 110,
    fields: [filter, item, ...pieces, serial(38)],
  },
  {
    name: "itip-212",
    identity: "itip",
    header: 0x41,
    bits: 212,
    fields: [filter, item, ...pieces, text(140)],
  },
];
