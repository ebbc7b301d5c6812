/**
 * Kilograms in one unit. Pound: 0.45359237 kg exactly (international yard and pound agreement of 1959); ounce a
 * sixteenth of it, grain a 7000th; troy ounce 480 grains, pennyweight 24; short ton 2000 pounds; carat 200 mg (CGPM
 * 1907); taels of Hong Kong 37.429 g, Singapore 37.7994 g, Taiwan 37.5 g; jin 500 g.
 */
const kgOf: Readonly<Record<string, number>> = {
  t: 1_000,
  kg: 1,
  hg: 0.1,
  g: 1e-3,
  mg: 1e-6,
  ug: 1e-9,
  µg: 1e-9,
  ct: 2e-4,
  lb: 0.453_592_37,
  lbs: 0.453_592_37,
  oz: 0.028_349_523_125,
  ozt: 0.031_103_476_8,
  gn: 6.479_891e-5,
  dwt: 0.001_555_173_84,
  tlh: 0.037_429,
  tls: 0.037_799_4,
  tlt: 0.037_5,
  jin: 0.5,
  斤: 0.5,
  ton: 907.184_74,
};

/** More digits than any scale shows, fewer than the rounding errors of a product. */
const kgDigits = 12;

/** A mass in kg; undefined for pieces, percent and units that are not known. */
export function toKg(weight: number, unit: string): number | undefined {
  const word = unit.trim().toLowerCase();
  const factor = Object.hasOwn(kgOf, word) ? kgOf[word] : undefined;
  return factor === undefined ? undefined : Number((weight * factor).toPrecision(kgDigits));
}

/** A unit as sent, in lower case; undefined when blank. Every word for pieces becomes `pcs`. */
export function unitOf(sent: string): string | undefined {
  const unit = sent.trim().toLowerCase();
  if (unit === "") return undefined;
  return /^(?:pcs?|pce|stk)$/.test(unit) ? "pcs" : unit;
}
