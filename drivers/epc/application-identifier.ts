/** One part of a value: so many characters of a kind. */
export interface Part {
  /** `n` digits, `x` GS1 set 82, `y` GS1 set 39, `z` base64 of URLs. */
  readonly kind: "n" | "x" | "y" | "z";
  readonly lengthMin: number;
  readonly lengthMax: number;
  /** The last digit is a check digit over the digits of this part. */
  readonly isChecked: boolean;
  /** Six digits yymmdd that begin the part. */
  readonly isDate: boolean;
}

export interface ApplicationIdentifier {
  readonly ai: string;
  /** Short English name of GS1's data title. */
  readonly meaning: string;
  readonly parts: readonly Part[];
  /** The last digit of the identifier says how many decimals the number has. */
  readonly hasDecimals: boolean;
}

/**
 * GS1 General Specifications, figure 3.2-1: identifier, parts, meaning. `n6` is six digits, `x..20` one to twenty
 * characters, `?` makes a part optional, `c` a check digit, `d` a date; `*` stands for the digit that counts decimals.
 */
const table = `
00 n18c sscc|01 n14c gtin|02 n14c content gtin|10 x..20 lot|11 n6d production date|12 n6d due date
13 n6d packaging date|15 n6d best before|16 n6d sell by|17 n6d expiry date|20 n2 variant|21 x..20 serial
22 x..20 consumer variant|235 x..28 third-party serial|240 x..30 additional id|241 x..30 customer part number
242 n..6 made-to-order variation|243 x..20 packaging component|250 x..30 secondary serial|251 x..30 source reference
253 n13c,x..17? gdti|254 x..20 gln extension|255 n13c,n..12? gcn|30 n..8 count
310* n6 net weight kg|311* n6 length m|312* n6 width m|313* n6 height m|314* n6 area m2|315* n6 net volume l
316* n6 net volume m3|320* n6 net weight lb|321* n6 length in|322* n6 length ft|323* n6 length yd|324* n6 width in
325* n6 width ft|326* n6 width yd|327* n6 height in|328* n6 height ft|329* n6 height yd|330* n6 gross weight kg
331* n6 logistic length m|332* n6 logistic width m|333* n6 logistic height m|334* n6 logistic area m2
335* n6 logistic volume l|336* n6 logistic volume m3|337* n6 kg per m2|340* n6 gross weight lb
341* n6 logistic length in|342* n6 logistic length ft|343* n6 logistic length yd|344* n6 logistic width in
345* n6 logistic width ft|346* n6 logistic width yd|347* n6 logistic height in|348* n6 logistic height ft
349* n6 logistic height yd|350* n6 area in2|351* n6 area ft2|352* n6 area yd2|353* n6 logistic area in2
354* n6 logistic area ft2|355* n6 logistic area yd2|356* n6 net weight troy oz|357* n6 net weight oz
360* n6 net volume qt|361* n6 net volume gal|362* n6 logistic volume qt|363* n6 logistic volume gal
364* n6 net volume in3|365* n6 net volume ft3|366* n6 net volume yd3|367* n6 logistic volume in3
368* n6 logistic volume ft3|369* n6 logistic volume yd3|37 n..8 content count|390* n..15 amount
391* n3,n..15 amount with currency|392* n..15 price|393* n3,n..15 price with currency|394* n4 discount percent
395* n6 price per unit|400 x..30 order number|401 x..30 consignment|402 n17c shipment|403 x..30 route
410 n13c ship to|411 n13c bill to|412 n13c purchased from|413 n13c ship for|414 n13c location gln|415 n13c pay to
416 n13c production location|417 n13c party|420 x..20 ship to postcode|421 n3,x..9 ship to postcode with country
422 n3 origin country|423 n3,n..12? initial processing country|424 n3 processing country
425 n3,n..12? disassembly country|426 n3 full process country|427 x..3 origin subdivision|4300 x..35 ship to company
4301 x..35 ship to contact|4302 x..70 ship to address 1|4303 x..70 ship to address 2|4304 x..70 ship to suburb
4305 x..70 ship to locality|4306 x..70 ship to region|4307 x2 ship to country|4308 x..30 ship to telephone
4309 n20 ship to coordinates|4310 x..35 return to company|4311 x..35 return to contact|4312 x..70 return to address 1
4313 x..70 return to address 2|4314 x..70 return to suburb|4315 x..70 return to locality|4316 x..70 return to region
4317 x2 return to country|4318 x..20 return to postcode|4319 x..30 return to telephone|4320 x..35 service
4321 n1 dangerous goods|4322 n1 authority to leave|4323 n1 signature required|4324 n10 not before|4325 n10 not after
4326 n6d release date|7001 n13 nsn
7002 x..30 meat cut|7003 n6d,n4 expiry time|7004 n..4 active potency|7005 x..12 catch area|7006 n6d first freeze date
7007 n6d,n6d? harvest date|7008 x..3 aquatic species|7009 x..10 fishing gear|7010 x..2 production method
7011 n6d,n4? test by|7020 x..20 refurbishment lot|7021 x..20 functional status|7022 x..20 revision status
7023 x..30 assembly giai|7030 n3,x..27 processor 0|7031 n3,x..27 processor 1|7032 n3,x..27 processor 2
7033 n3,x..27 processor 3|7034 n3,x..27 processor 4|7035 n3,x..27 processor 5|7036 n3,x..27 processor 6
7037 n3,x..27 processor 7|7038 n3,x..27 processor 8|7039 n3,x..27 processor 9|710 x..20 nhrn de|711 x..20 nhrn fr
712 x..20 nhrn es|713 x..20 nhrn br|714 x..20 nhrn pt|715 x..20 nhrn us|7240 x..20 protocol id
8001 n14 roll product|8002 x..20 mobile device|8003 n14c,x..16? grai|8004 x..30 giai|8005 n6 price per unit
8006 n14c,n4 itip|8007 x..34 iban|8008 n6d,n2,n..4? production time|8009 x..50 optical sensor|8010 y..30 cpi
8011 n..12 cpi serial|8012 x..20 software version|8013 x..25 gmn|8017 n18c provider gsrn|8018 n18c recipient gsrn
8019 n..10 service relation instance|8020 x..25 payment slip|8026 n14c,n4 content itip|8110 x..70 coupon
8111 n4 loyalty points|8112 x..70 paperless coupon|8200 x..70 product url|90 x..30 agreed by partners
91 x..90 internal|92 x..90 internal|93 x..90 internal|94 x..90 internal|95 x..90 internal|96 x..90 internal
97 x..90 internal|98 x..90 internal|99 x..90 internal`;

const kinds = ["n", "x", "y", "z"] as const;

const identifiers: ReadonlyMap<string, ApplicationIdentifier> = new Map(
  table
    .trim()
    .split(/[|\n]/)
    .map(parseRow)
    .map((row) => [row.ai, row]),
);

/** The identifier that text begins with; undefined when it begins with none. */
export function identifierAt(text: string): ApplicationIdentifier | undefined {
  for (const length of [2, 3, 4]) {
    const ai = text.slice(0, length);
    if (ai.length < length || !/^\d+$/.test(ai)) return undefined;
    const known = identifiers.get(ai) ?? identifiers.get(`${ai.slice(0, 3)}*`);
    if (known === undefined || (known.hasDecimals && length < 4)) continue;
    return known.hasDecimals && isTooFine(ai) ? undefined : { ...known, ai };
  }
  return undefined;
}

/** Measures have at most five decimals; amounts up to nine. */
function isTooFine(ai: string): boolean {
  return /^3[1-6]..$/.test(ai) && Number(ai[3]) > 5;
}

/** First digits of identifiers whose values need no separator behind them (General Specifications, 7.8.5). */
const predefined = /^(0[0-4]|1[1-9]|20|3[1-6]|41)/;

/** Characters of its value where that length needs no separator; undefined for all others. */
export function predefinedLength({ ai, parts }: ApplicationIdentifier): number | undefined {
  if (!predefined.test(ai)) return undefined;
  return parts.reduce((sum, part) => sum + part.lengthMax, 0);
}

function parseRow(row: string): ApplicationIdentifier {
  const [ai = "", parts = "", ...meaning] = row.trim().split(" ");
  return {
    ai,
    parts: parts.split(",").map(parsePart),
    meaning: meaning.join(" "),
    hasDecimals: ai.endsWith("*"),
  };
}

function parsePart(text: string): Part {
  const [, kind = "", dots = "", length = "", marks = ""] =
    /^([nxyz])(\.\.)?(\d+)([cd?]*)$/.exec(text) ?? [];
  const lengthMax = Number(length);
  const lengthMin = dots === "" ? lengthMax : 1;
  return {
    kind: kinds.find((known) => known === kind) ?? "x",
    lengthMin: marks.includes("?") ? 0 : lengthMin,
    lengthMax,
    isChecked: marks.includes("c"),
    isDate: marks.includes("d"),
  };
}
